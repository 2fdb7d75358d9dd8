package integration

import (
	"fmt"
	"strings"
	"testing"

	cmapi "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/desired"
)

// A certificate that is revoked is replaced once, by one with another key, and nothing that carries traffic is touched.
func TestRevokedCertificateIsReplacedOnce(t *testing.T) {
	t.Parallel()
	w, _ := renewableWorld(t, whenUrged)
	w.connect(t)
	w.revision(t, 1)
	old, pods, before := w.leaf(t), uids(w.pods(t)), w.record(t)
	serial := old.SerialNumber.Text(16)
	deployment, versions := w.deployment(t).Generation, w.carriers(t)
	w.change(t, w.hub, func() { w.hub.Spec.Revocations = []v1alpha1.Revocation{{SerialNumber: serial}} })
	w.rotated(t, serial, v1alpha1.RotationRevoked)
	w.seen(t)
	w.revision(t, 2)
	if !before.saw(is(v1alpha1.ConditionCertificateReady, metav1.ConditionFalse, "Revoked")) {
		t.Error("the status never told that the certificate is revoked")
	}
	if fmt.Sprint(w.leaf(t).PublicKey) == fmt.Sprint(old.PublicKey) {
		t.Error("the new certificate has the key of the revoked one")
	}
	if now := w.carriers(t); now != versions || w.deployment(t).Generation != deployment || fmt.Sprint(uids(w.pods(t))) != fmt.Sprint(pods) {
		t.Errorf("what carries traffic was touched: %s, before %s", now, versions)
	}
	if !strings.Contains(w.configMap(t).Data[desired.RevocationsKey], serial) {
		t.Error("the gateways are not given the serial that is revoked")
	}
	w.told(t, "CertificateRotated", 1)
}

// carriers are the versions of the objects that carry traffic and that nobody but the operator writes.
func (w *world) carriers(t *testing.T) string {
	t.Helper()
	var versions []string
	for _, object := range []client.Object{
		&corev1.Service{ObjectMeta: w.childName()}, &networkingv1.NetworkPolicy{ObjectMeta: w.childName()}, &corev1.ServiceAccount{ObjectMeta: w.childName()},
	} {
		if err := w.get(t.Context(), object); err != nil {
			t.Fatal(err)
		}
		versions = append(versions, object.GetResourceVersion())
	}
	return strings.Join(versions, ",")
}

// withdrawn waits until no pod runs for a Connector that has lost its right, and the hub revokes its identity.
func (w *world) withdrawn(t *testing.T, reason string, revoked v1alpha1.RevocationReason) {
	t.Helper()
	w.expect(t, w.connector, v1alpha1.ConditionAccepted, metav1.ConditionFalse, reason)
	w.expect(t, w.connector, v1alpha1.ConditionWorkloadAvailable, metav1.ConditionFalse, "Withdrawn")
	w.Eventually(t, func() error {
		if pods := w.pods(t); len(pods) > 0 || *w.deployment(t).Spec.Replicas != 0 {
			return fmt.Errorf("%d pods run", len(pods))
		}
		if err := w.StatusIsLegal(t.Context(), w.hub); err != nil {
			return err
		}
		for _, i := range w.hub.Status.RevokedIdentities {
			if i.SPIFFEID == w.connector.Status.SPIFFEID && i.Reason == revoked && !i.Until.Before(w.connector.Status.Certificate.NotAfter) {
				return nil
			}
		}
		return fmt.Errorf("the hub revokes the identities %+v", w.hub.Status.RevokedIdentities)
	})
}

func TestRevokedAgencyIsCutOffUntilItIsLetInAgain(t *testing.T) {
	t.Parallel()
	w, _ := renewableWorld(t, atOnce)
	w.connect(t)
	w.revision(t, 1)
	old := w.leaf(t)
	w.change(t, w.hub, func() {
		w.hub.Spec.Revocations = []v1alpha1.Revocation{{AgencyRef: &v1alpha1.ObjectReference{Name: w.agency.Name}}}
	})
	w.withdrawn(t, v1alpha1.ReasonAgencyRevoked, v1alpha1.RevocationPrivilegeWithdrawn)
	w.ask(t, first)
	w.seen(t)
	w.staysAt(t, 1)
	w.ask(t, "")
	if w.leaf(t).SerialNumber.Cmp(old.SerialNumber) != 0 {
		t.Error("a revoked agency got another certificate")
	}

	// One that is issued in the very second of the revocation is replaced once more.
	w.change(t, w.hub, func() { w.hub.Spec.Revocations = nil })
	w.replaced(t, old.SerialNumber.Text(16))
	if fmt.Sprint(w.leaf(t).PublicKey) == fmt.Sprint(old.PublicKey) {
		t.Error("the new certificate has the key of the revoked one")
	}
}

// A namespace that may no longer act for its agency runs nothing, paused or not.
func TestUnboundNamespaceRunsNothing(t *testing.T) {
	t.Parallel()
	w, _ := renewableWorld(t, atOnce)
	w.connect(t)
	w.revision(t, 1)
	for n, paused := range []bool{false, true} {
		w.edit(t, func(c *v1alpha1.Connector) { c.Spec.Paused = &paused })
		w.expectAny(t, v1alpha1.ConditionReady)
		old := w.leaf(t)
		w.change(t, w.agency, func() { w.agency.Spec.Namespaces = []string{"elsewhere"} })
		w.withdrawn(t, v1alpha1.ReasonNamespaceNotListed, v1alpha1.RevocationAffiliationChanged)
		w.staysAt(t, n+1)

		w.change(t, w.agency, func() { w.agency.Spec.Namespaces = []string{w.namespace} })
		w.edit(t, func(c *v1alpha1.Connector) { c.Spec.Paused = new(false) })
		w.rotated(t, old.SerialNumber.Text(16), v1alpha1.RotationRevoked)
		w.revision(t, n+2)
		if n := len(w.pods(t)); n != 2 {
			t.Errorf("%d pods run, want 2", n)
		}
	}
}

// A mistake in a Connector that runs takes nothing from it, and it goes on hearing whom to trust and whom not.
func TestRefusedConnectorIsKeptInformed(t *testing.T) {
	t.Parallel()
	w, _ := renewableWorld(t, whenUrged)
	w.connect(t)
	w.revision(t, 1)
	config, deployment, pods := w.configMap(t), w.deployment(t), uids(w.pods(t))
	w.edit(t, func(c *v1alpha1.Connector) {
		c.Spec.Hostnames, c.Spec.Replicas = []string{"lienthong.elsewhere.example.vn"}, new(int32(3))
	})
	w.expect(t, w.connector, v1alpha1.ConditionAccepted, metav1.ConditionFalse, v1alpha1.ReasonHostnameOutsideDomains)
	other, err := w.Authority(t.Context(), w.namespace)
	if err != nil {
		t.Fatal(err)
	}
	w.change(t, w.hub, func() {
		w.hub.Spec.HealthPath = "/healthz"
		w.hub.Spec.Revocations = []v1alpha1.Revocation{{SerialNumber: "abc123"}}
		w.hub.Spec.TrustAnchors = append(w.hub.Spec.TrustAnchors, v1alpha1.TrustAnchor{Name: "next", PEM: other})
	})
	w.Eventually(t, func() error {
		data := w.configMap(t).Data
		if !strings.Contains(data[desired.RevocationsKey], "abc123") || !strings.Contains(data[desired.TrustKey], strings.TrimSpace(other)) {
			return fmt.Errorf("the gateways are given %q and %q", data[desired.RevocationsKey], data[desired.TrustKey])
		}
		return nil
	})
	if got := w.configMap(t).Data[desired.ConfigKey]; got != config.Data[desired.ConfigKey] {
		t.Errorf("a refused Connector's configuration was changed to %s", got)
	}
	if got := w.deployment(t); got.Generation != deployment.Generation || fmt.Sprint(uids(w.pods(t))) != fmt.Sprint(pods) {
		t.Errorf("a refused Connector's Deployment was changed: %+v", got.Spec)
	}
	w.staysAt(t, 1)
	if c := (&cmapi.Certificate{ObjectMeta: w.childName()}); w.get(t.Context(), c) != nil || c.Generation != 1 {
		t.Errorf("a refused Connector's Certificate was changed: %+v", c.Spec)
	}
	// The pods take it up: what they say is counted against it.
	w.Eventually(t, func() error {
		if err := w.StatusIsLegal(t.Context(), w.connector); err != nil {
			return err
		}
		if p := w.connector.Status.ObservedPods; *p.Trusting != 2 || *p.Current != 2 {
			return fmt.Errorf("%d of 2 pods trust the new anchor, %d have all in use", *p.Trusting, *p.Current)
		}
		return nil
	})
}
