// Package levels gives tests what a Connector's objects are made from at each security level of each regime that the project ships: the
// shipped profiles, and the Ministry of Finance with the national hub.
//
// It runs in tests only. It reads the shipped files and keeps no state.
package levels

import (
	"cmp"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/types"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/desired"
	"lienthong.gov.vn/connector-operator/test/fixture"
)

// OperatorNamespace is where the operator of the inputs runs.
const OperatorNamespace = "lienthong-system"

// anchor stands for the trust bundle, which is put into the ConfigMap as it is.
const anchor = "-----BEGIN CERTIFICATE-----\nAnchors are put into the ConfigMap as they are.\n-----END CERTIFICATE-----\n"

// Profiles are the shipped ones, by regime and level: five of each of two regimes.
func Profiles(t *testing.T) []*v1alpha1.SecurityProfile {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(fixture.Dir(t), "..", "..", "profiles", "*", "level-*.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var profiles []*v1alpha1.SecurityProfile
	for _, file := range files {
		name := filepath.Base(filepath.Dir(file)) + "-" + strings.TrimSuffix(filepath.Base(file), ".yaml")
		relative, err := filepath.Rel(fixture.Dir(t), file)
		if err != nil {
			t.Fatal(err)
		}
		profiles = append(profiles, fixture.Read(t, relative, name, &v1alpha1.SecurityProfile{}))
	}
	if len(profiles) != 10 {
		t.Fatalf("%d security profiles are shipped; there are two regimes of five levels", len(profiles))
	}
	slices.SortFunc(profiles, func(a, b *v1alpha1.SecurityProfile) int {
		return cmp.Or(strings.Compare(a.Spec.Regime, b.Spec.Regime), cmp.Compare(a.Spec.Level, b.Spec.Level))
	})
	return profiles
}

// Profile is the shipped one of that regime and level.
func Profile(t *testing.T, regime string, level v1alpha1.SecurityLevel) *v1alpha1.SecurityProfile {
	t.Helper()
	for _, profile := range Profiles(t) {
		if profile.Spec.Regime == regime && profile.Spec.Level == level {
			return profile
		}
	}
	t.Fatalf("no profile is shipped for level %d of the regime %s", level, regime)
	return nil
}

// Inputs are those of the Ministry of Finance under a profile, with the defaults that the API server would fill in.
func Inputs(t *testing.T, profile *v1alpha1.SecurityProfile) desired.Inputs {
	t.Helper()
	in := desired.Inputs{
		Connector:         fixture.Read(t, "connectors/ministries.yaml", "g12", &v1alpha1.Connector{}),
		Agency:            fixture.Read(t, "agencies/ministries.yaml", "g12", &v1alpha1.Agency{}),
		Hub:               fixture.Read(t, "hub.yaml", "national-hub", &v1alpha1.ExchangeHub{}),
		Class:             fixture.Read(t, "class.yaml", "gateway", &v1alpha1.ConnectorClass{}),
		Profile:           profile.DeepCopy(),
		Delivery:          desired.SecretDelivery{},
		TrustBundle:       anchor,
		Revocations:       []byte("{}\n"),
		OperatorNamespace: OperatorNamespace,
	}
	in.Connector.UID = types.UID("00000000-0000-0000-0000-000000000012")
	in.Connector.Spec.SecurityLevel = profile.Spec.Level
	in.Connector.Spec.IPFamilyPolicy = "PreferDualStack"
	in.Class.Spec.Ports = v1alpha1.GatewayPorts{Inbound: 8443, Outbound: 8080, Status: 8444, Probes: 8081}
	in.Class.Spec.Mounts = v1alpha1.GatewayMounts{Identity: "/var/run/lienthong/identity", Config: "/etc/lienthong/gateway"}
	in.Class.Spec.Drain.Delay.Duration, in.Class.Spec.Drain.Timeout.Duration = 5e9, 30e9
	in.Class.Spec.Limits.MaxConcurrentRequests = 256
	in.Class.Spec.Limits.MaxBodySize.Set(64 << 20)
	return in
}
