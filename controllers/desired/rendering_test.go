package desired_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/desired"
	"lienthong.gov.vn/connector-operator/gateway/config"
	"lienthong.gov.vn/connector-operator/test/levels"
)

// collector is one whose authority is that of testdata.
func collector(t *testing.T) *v1alpha1.LogCollector {
	t.Helper()
	authority, err := os.ReadFile(filepath.Join("testdata", "log-authority.pem"))
	if err != nil {
		t.Fatal(err)
	}
	return &v1alpha1.LogCollector{
		Address: "log.lienthong.gov.vn:6514", CAPEM: string(authority),
		NetworkPeers: []networkingv1.NetworkPolicyPeer{{IPBlock: &networkingv1.IPBlock{CIDR: "192.0.2.14/32"}}},
	}
}

// everything is a profile that asks for all that the builders can render.
func everything(t *testing.T) desired.Inputs {
	t.Helper()
	in := inputs(t, 3)
	in.Profile.Spec.TLS.CipherSuites = []v1alpha1.TLSCipherSuite{"TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"}
	in.Profile.Spec.TLS.KeyExchange = []v1alpha1.TLSKeyExchange{"SecP384r1MLKEM1024", "secp384r1"}
	in.Profile.Spec.Cryptography.FIPS140 = v1alpha1.FIPS140Enabled
	in.Profile.Spec.Logging = v1alpha1.LoggingRequirements{
		Fields: []v1alpha1.LogField{"RequestID", "Peer", "Status"}, Destination: v1alpha1.LogToCollector,
	}
	in.Hub.Spec.LogCollector = collector(t)
	in.Profile.Spec.Workload.SpreadHosts, in.Profile.Spec.Workload.SpreadZones = v1alpha1.SpreadRequired, v1alpha1.SpreadNone
	return in
}

func TestConfigurationOfEachLevelIsValid(t *testing.T) {
	for _, profile := range levels.Profiles(t) {
		if err := desired.GatewayConfig(levels.Inputs(t, profile)).Validate(); err != nil {
			t.Errorf("%s: the gateway would refuse its configuration: %v", profile.Name, err)
		}
	}
}

func TestProfileReachesTheConfiguration(t *testing.T) {
	got := desired.GatewayConfig(everything(t))
	wantTLS := config.TLS{
		MinVersion:   "1.2",
		CipherSuites: []string{"TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"},
		KeyExchange:  []string{"SecP384r1MLKEM1024", "secp384r1"},
	}
	wantLog := config.Log{
		Fields:    []string{"RequestID", "Peer", "Status"},
		Collector: &config.LogCollector{Address: "log.lienthong.gov.vn:6514", CAPEM: collector(t).CAPEM},
	}
	if diff := cmp.Diff(wantTLS, got.TLS) + cmp.Diff(wantLog, got.Log); diff != "" || !got.Cryptography.FIPS140 {
		t.Errorf("FIPS 140 is %t, and the rest differs from the profile (-want +got):\n%s", got.Cryptography.FIPS140, diff)
	}
	// A collector of the hub's that the profile does not ask for is told to nobody.
	in := inputs(t, 3)
	in.Hub.Spec.LogCollector = collector(t)
	if got := desired.GatewayConfig(in); got.Log.Collector != nil || got.Cryptography.FIPS140 {
		t.Errorf("nobody asked for it, and the gateway is told %+v and %+v", got.Log, got.Cryptography)
	}
}

func TestFIPS140IsSwitchedOnByTheEnvironment(t *testing.T) {
	env := func(in desired.Inputs) []corev1.EnvVar {
		return desired.Deployment(in).Spec.Template.Spec.Containers[0].Env
	}
	if diff := cmp.Diff([]corev1.EnvVar{{Name: "GODEBUG", Value: "fips140=on"}}, env(everything(t))); diff != "" {
		t.Errorf("the environment differs (-want +got):\n%s", diff)
	}
	if got := env(inputs(t, 3)); len(got) != 0 {
		t.Errorf("without FIPS 140, the environment is %v", got)
	}
}

// TestFIPS140WaitsForPodsThatAreHeldBack: a pod of the old template that starts while the new one waits for a maintenance window has to come up.
func TestFIPS140WaitsForPodsThatAreHeldBack(t *testing.T) {
	in := everything(t)
	if !desired.StartsInFIPS140Mode(desired.Deployment(in).Spec.Template) || desired.StartsInFIPS140Mode(desired.Deployment(inputs(t, 3)).Spec.Template) {
		t.Error("it is not told which pods are started in FIPS 140 mode")
	}
	in.FIPS140Withheld = true
	if desired.GatewayConfig(in).Cryptography.FIPS140 {
		t.Error("pods that are not started in FIPS 140 mode are asked for it")
	}
	if !desired.StartsInFIPS140Mode(desired.Deployment(in).Spec.Template) {
		t.Error("the pods that are to come are no longer started in FIPS 140 mode")
	}
}

// TestNothingIsWeakened: what would let everybody in or out for want of a declaration is refused.
func TestNothingIsWeakened(t *testing.T) {
	tests := map[string]struct {
		change func(*desired.Inputs)
		want   string
	}{
		"no collector": {func(in *desired.Inputs) { in.Hub.Spec.LogCollector = nil }, "has none"},
		"collector nowhere": {func(in *desired.Inputs) { in.Hub.Spec.LogCollector.NetworkPeers = nil },
			"logCollector.networkPeers of ExchangeHub national-hub: there are none"},
		"collector without a port": {func(in *desired.Inputs) { in.Hub.Spec.LogCollector.Address = "log" }, "log.collector.address"},
		"hub nowhere":              {func(in *desired.Inputs) { in.Hub.Spec.NetworkPeers = nil }, "does not say where it is"},
		"hub on no network":        {hubAt("10.0.0.0"), `networkPeers of ExchangeHub national-hub: "10.0.0.0" is no network`},
		"hub at the node's cloud":  {hubAt("169.254.169.254/32"), `"169.254.169.254/32" lies in 169.254.0.0/16`},
		"hub in disguise":          {hubAt("::ffff:169.254.169.254/128"), "is no network"},
		"FIPS 140 with nothing left": {func(in *desired.Inputs) { in.Profile.Spec.TLS.KeyExchange = []v1alpha1.TLSKeyExchange{"X25519"} },
			"of which nothing is left"},
		"backend nowhere": {func(in *desired.Inputs) { in.Connector.Spec.Backend.PodSelector = nil }, "does not say where"},
		"backend at the cloud": {func(in *desired.Inputs) { in.Connector.Spec.Backend.CIDRs = []string{"169.254.0.0/16"} },
			`backend.cidrs: "169.254.0.0/16" lies in 169.254.0.0/16`},
		"backend at the cloud by IPv6": {func(in *desired.Inputs) { in.Connector.Spec.Backend.CIDRs = []string{"fd00:ec2::254/128"} }, "lies in"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			in := everything(t)
			tt.change(&in)
			if _, err := desired.All(in); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("the error is %v, want one that says %q", err, tt.want)
			}
		})
	}
}

func hubAt(cidr string) func(*desired.Inputs) {
	return func(in *desired.Inputs) {
		in.Hub.Spec.NetworkPeers = []networkingv1.NetworkPolicyPeer{{IPBlock: &networkingv1.IPBlock{CIDR: cidr}}}
	}
}
