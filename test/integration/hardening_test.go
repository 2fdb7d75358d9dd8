package integration

import (
	"fmt"
	"strings"
	"testing"
	"time"

	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/desired"
	"lienthong.gov.vn/connector-operator/gateway/config"
)

// strictWorld has a profile that asks for as much as there is.
func strictWorld(t *testing.T) *world {
	t.Helper()
	w := newWorld(t)
	w.simulate(atOnce)
	w.hub.Spec.NetworkPeers = []networkingv1.NetworkPolicyPeer{{IPBlock: &networkingv1.IPBlock{CIDR: "192.0.2.0/24"}}}
	w.profile.Spec.TLS.MinVersion = v1alpha1.VersionTLS13
	w.profile.Spec.Network.Egress = v1alpha1.EgressControlled
	w.profile.Spec.Cryptography.FIPS140 = v1alpha1.FIPS140Enabled
	return w
}

// Whoever asks for less than the profile is told what to write, and what runs is not touched.
func TestHardeningNeverAsksForLess(t *testing.T) {
	w := strictWorld(t)
	w.connect(t)
	w.ready(t)
	before := w.versions(t)
	tests := map[string]struct {
		hardening v1alpha1.Hardening
		says      string
	}{
		"version": {
			v1alpha1.Hardening{MinTLSVersion: v1alpha1.VersionTLS12},
			"hardening.minTLSVersion is VersionTLS12, but SecurityProfile %s asks for at least VersionTLS13; write VersionTLS13, or leave hardening.minTLSVersion out.",
		},
		"life": {
			v1alpha1.Hardening{CertificateDuration: &metav1.Duration{Duration: 25 * time.Hour}},
			"hardening.certificateDuration is 25h0m0s, but SecurityProfile %s asks for at most 24h0m0s; write 24h0m0s or less, or leave hardening.certificateDuration out.",
		},
		"egress": {
			v1alpha1.Hardening{Egress: v1alpha1.EgressPorts},
			"hardening.egress is Ports, but SecurityProfile %s asks for Controlled; write Controlled, or leave hardening.egress out.",
		},
		"fips140": {
			v1alpha1.Hardening{FIPS140: v1alpha1.FIPS140Disabled},
			"hardening.fips140 is Disabled, but SecurityProfile %s asks for Enabled; write Enabled, or leave hardening.fips140 out.",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			w.edit(t, func(c *v1alpha1.Connector) { c.Spec.Hardening = &tt.hardening })
			w.expectMessage(t, w.connector, v1alpha1.ConditionAccepted, metav1.ConditionFalse, "HardeningBelowProfile", fmt.Sprintf(tt.says, w.profile.Name))
			w.expect(t, w.connector, v1alpha1.ConditionStalled, metav1.ConditionTrue, "HardeningBelowProfile")
			w.expect(t, w.connector, v1alpha1.ConditionCompliant, metav1.ConditionTrue, "RequirementsMet")
			if after := w.versions(t); after != before {
				t.Errorf("the children were touched: versions %s, were %s", after, before)
			}
		})
	}
	// To be refused keeps nothing from being raised.
	w.change(t, w.profile, func() { w.profile.Spec.Workload.MinReplicas = 2 })
	w.Eventually(t, func() error {
		if err := w.StatusIsLegal(t.Context(), w.connector); err != nil {
			return err
		}
		if pods := w.connector.Status.ObservedPods; pods == nil || *pods.Total != 2 {
			return fmt.Errorf("the refused Connector has %+v pods, want 2", pods)
		}
		return nil
	})
	w.expect(t, w.connector, v1alpha1.ConditionAccepted, metav1.ConditionFalse, "HardeningBelowProfile")
	w.edit(t, func(c *v1alpha1.Connector) { c.Spec.Hardening = nil })
	w.ready(t)
}

// Whoever asks for more gets it on every object, and a certificate to go with it.
func TestHardeningAsksForMore(t *testing.T) {
	w := newWorld(t)
	w.simulate(atOnce)
	w.hub.Spec.NetworkPeers = []networkingv1.NetworkPolicyPeer{{IPBlock: &networkingv1.IPBlock{CIDR: "192.0.2.0/24"}}}
	w.connect(t)
	w.ready(t)
	w.edit(t, func(c *v1alpha1.Connector) {
		c.Spec.Hardening = &v1alpha1.Hardening{
			MinTLSVersion: v1alpha1.VersionTLS13, CertificateDuration: &metav1.Duration{Duration: 6 * time.Hour},
			Egress: v1alpha1.EgressControlled, FIPS140: v1alpha1.FIPS140Enabled,
		}
	})
	w.Eventually(t, func() error {
		w.ready(t)
		gateway, err := config.Parse([]byte(w.configMap(t).Data[desired.ConfigKey]))
		if err != nil {
			return err
		}
		certificate, leaf := w.certificate(t).Spec, w.connector.Status.Certificate
		switch life := leaf.NotAfter.Sub(leaf.NotBefore.Time).Round(time.Hour); {
		case gateway.TLS.MinVersion != "1.3":
			return fmt.Errorf("the gateway accepts %s", gateway.TLS.MinVersion)
		case certificate.Duration.Duration != 6*time.Hour || certificate.RenewBefore.Duration != 2*time.Hour || life != 6*time.Hour:
			return fmt.Errorf("the Certificate asks for %s, renewed %s before; issued is %s", certificate.Duration.Duration, certificate.RenewBefore.Duration, life)
		}
		return nil
	})
	policy := &networkingv1.NetworkPolicy{ObjectMeta: w.childName()}
	if err := w.get(t.Context(), policy); err != nil {
		t.Fatal(err)
	}
	if text := fmt.Sprint(policy.Spec.Egress); !strings.Contains(text, "192.0.2.0/24") {
		t.Errorf("outgoing connections are not controlled: %s", text)
	}
	w.nothingDenied(t)
}

// A log that is to leave the cluster waits for a hub that says where to.
func TestLogWaitsForCollector(t *testing.T) {
	w := newWorld(t)
	w.profile.Spec.Logging.Destination = v1alpha1.LogToCollector
	w.connect(t)
	w.expectMessage(t, w.connector, v1alpha1.ConditionAccepted, metav1.ConditionFalse, "LogCollectorUnknown", fmt.Sprintf(
		"SecurityProfile %s has logging.destination Collector, but ExchangeHub %s names no collector; ask the platform to write its logCollector.",
		w.profile.Name, w.hub.Name))
	w.nothingProvisioned(t)
	w.change(t, w.hub, func() {
		w.hub.Spec.LogCollector = &v1alpha1.LogCollector{
			Address: "log.lienthong.test:6514", CAPEM: shared.anchor,
			NetworkPeers: []networkingv1.NetworkPolicyPeer{{IPBlock: &networkingv1.IPBlock{CIDR: "192.0.2.1/32"}}},
		}
	})
	w.settled(t)
}
