package revocations

import (
	"fmt"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/gateway/revocation"
)

func noon() time.Time { return time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC) }

const identity = "spiffe://lienthong.test/agency/G22/connector/g22/main"

func cluster(t *testing.T) client.Reader {
	t.Helper()
	scheme := runtime.NewScheme()
	if err := v1alpha1.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	agency := &v1alpha1.Agency{ObjectMeta: metav1.ObjectMeta{Name: "bo-tai-chinh"}, Spec: v1alpha1.AgencySpec{Code: "G12"}}
	return fake.NewClientBuilder().WithScheme(scheme).WithObjects(agency).Build()
}

func hubOf(revoked ...v1alpha1.Revocation) *v1alpha1.ExchangeHub {
	return &v1alpha1.ExchangeHub{ObjectMeta: metav1.ObjectMeta{Name: "hub"}, Spec: v1alpha1.ExchangeHubSpec{Revocations: revoked}}
}

func serial(number string) v1alpha1.Revocation { return v1alpha1.Revocation{SerialNumber: number} }

func agency(name string) v1alpha1.Revocation {
	return v1alpha1.Revocation{AgencyRef: &v1alpha1.ObjectReference{Name: name}}
}

func lost(until time.Time) []v1alpha1.RevokedIdentity {
	return []v1alpha1.RevokedIdentity{{SPIFFEID: identity, ValidBefore: metav1.NewTime(noon().Add(-time.Hour)), Until: metav1.NewTime(until)}}
}

func publishedBy(t *testing.T, hub *v1alpha1.ExchangeHub) *Published {
	t.Helper()
	p, err := Resolve(t.Context(), cluster(t), hub, noon())
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestResolve(t *testing.T) {
	tests := map[string]struct {
		hub        *v1alpha1.ExchangeHub
		identities []v1alpha1.RevokedIdentity
		entries    int
		has        string
		unresolved string
	}{
		"nothing":                     {hubOf(), nil, 0, revocation.APIVersion, ""},
		"a serial number":             {hubOf(serial("a1")), nil, 1, `"a1"`, ""},
		"an agency":                   {hubOf(agency("bo-tai-chinh")), nil, 1, `"G12"`, ""},
		"an agency that is not there": {hubOf(agency("gone"), serial("a1")), nil, 1, `"a1"`, "gone"},
		"an identity":                 {hubOf(), lost(noon().Add(time.Second)), 1, identity, ""},
		"an identity whose last certificate has expired": {hubOf(), lost(noon()), 0, revocation.APIVersion, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			tt.hub.Status.RevokedIdentities = tt.identities
			p := publishedBy(t, tt.hub)
			if p.Entries() != tt.entries || !strings.Contains(string(p.Rendered), tt.has) || strings.Join(p.Unresolved, " ") != tt.unresolved {
				t.Errorf("%d entries, %v unresolved, want %d and %q:\n%s", p.Entries(), p.Unresolved, tt.entries, tt.unresolved, p.Rendered)
			}
			if p.Digest != revocation.Digest(p.Rendered) {
				t.Errorf("the digest %s is not that of what is rendered", p.Digest)
			}
			if _, err := revocation.Parse(p.Rendered); err != nil {
				t.Errorf("gateways cannot read the list: %v", err)
			}
		})
	}
	if a, b := publishedBy(t, hubOf(serial("a1"), serial("b2"))), publishedBy(t, hubOf(serial("b2"), serial("a1"), serial("b2"))); a.Digest != b.Digest {
		t.Error("the order of the revocations, or one that stands there twice, changes the digest")
	}
}

func TestCheck(t *testing.T) {
	hub := hubOf(serial("a1"), agency("bo-tai-chinh"))
	hub.Status.RevokedIdentities = lost(noon().Add(time.Hour))
	p := publishedBy(t, hub)
	at := noon().Add(-time.Hour)
	for name, tt := range map[string]struct {
		serial, id string
		notBefore  time.Time
		revoked    bool
	}{
		"the serial number":           {"a1", identity, noon(), true},
		"the serial number alone":     {"a1", "", noon(), true},
		"another serial number":       {"a10", identity, noon(), false},
		"nothing known":               {"", "", time.Time{}, false},
		"the agency":                  {"", "spiffe://lienthong.test/agency/G12/connector/g12/main", noon(), true},
		"an agency below it":          {"", "spiffe://lienthong.test/agency/G12.18/connector/g12/main", noon(), false},
		"the identity, before":        {"c3", identity, at.Add(-time.Second), true},
		"the identity, in the second": {"c3", identity, at, true},
		"the identity, issued since":  {"c3", identity, at.Add(time.Second), false},
	} {
		t.Run(name, func(t *testing.T) {
			if err := p.Check(tt.serial, tt.id, tt.notBefore); (err != nil) != tt.revoked {
				t.Errorf("Check(%s) = %v, want revoked: %t", fmt.Sprint(tt.serial, tt.id), err, tt.revoked)
			}
		})
	}
}
