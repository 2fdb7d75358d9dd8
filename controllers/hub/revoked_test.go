package hub

import (
	"fmt"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

const identity = "spiffe://lienthong.test/agency/G12/connector/g12/main"

// connected is a hub with one Connector that has the right to connect, and whose certificate became valid an hour ago.
func connected() *scope {
	s := hubWith(anchor("root", 24*time.Hour))
	s.connectors = []v1alpha1.Connector{{
		ObjectMeta: metav1.ObjectMeta{Namespace: "g12", Name: "main"},
		Spec:       v1alpha1.ConnectorSpec{AgencyRef: v1alpha1.ObjectReference{Name: "g12"}},
		Status:     v1alpha1.ConnectorStatus{SPIFFEID: identity, Certificate: certificate(-time.Hour, 24*time.Hour)},
	}}
	s.agencies = map[string]*v1alpha1.Agency{"g12": {
		ObjectMeta: metav1.ObjectMeta{Name: "g12"}, Spec: v1alpha1.AgencySpec{Code: "G12", Namespaces: []string{"g12"}},
	}}
	return s
}

func certificate(from, until time.Duration) *v1alpha1.CertificateStatus {
	return &v1alpha1.CertificateStatus{
		SerialNumber: "a1", NotBefore: new(metav1.NewTime(noon().Add(from))), NotAfter: new(metav1.NewTime(noon().Add(until))),
	}
}

func known(validBefore, until time.Duration) v1alpha1.RevokedIdentity {
	return v1alpha1.RevokedIdentity{
		SPIFFEID: identity, Reason: v1alpha1.RevocationPrivilegeWithdrawn,
		ValidBefore: metav1.NewTime(noon().Add(validBefore)), Until: metav1.NewTime(noon().Add(until)),
	}
}

// told writes entries as reason, age and remaining time.
func told(entries []v1alpha1.RevokedIdentity) string {
	var text string
	for _, e := range entries {
		text += fmt.Sprintf("[%s %s %s]", e.Reason, e.ValidBefore.Sub(noon()), e.Until.Sub(noon()))
	}
	return text
}

func TestWhoLosesTheRight(t *testing.T) {
	tests := map[string]struct {
		change func(*scope)
		want   string
	}{
		"nobody": {func(*scope) {}, ""},
		"whose namespace is not listed any more": {
			func(s *scope) { s.agencies["g12"].Spec.Namespaces = []string{"other"} }, "[AffiliationChanged 0s 24h0m0s]",
		},
		"whose namespace is not listed any more, while something else is wrong with the Agency": {
			func(s *scope) {
				s.agencies["g12"].Spec.Namespaces = nil
				s.agencies["g12"].Status.Conditions = []metav1.Condition{{Type: "Accepted", Status: "False", Reason: "ParentNotFound"}}
			}, "[AffiliationChanged 0s 24h0m0s]",
		},
		"whose Agency was merged into another": {
			func(s *scope) {
				s.agencies["g12"].Spec.Lifecycle = v1alpha1.AgencySuperseded
				s.agencies["g12"].Spec.SupersededBy = &v1alpha1.ObjectReference{Name: "g22"}
			}, "[CessationOfOperation 0s 24h0m0s]",
		},
		"whose Agency is revoked": {
			func(s *scope) {
				s.hub.Spec.Revocations = []v1alpha1.Revocation{{AgencyRef: &v1alpha1.ObjectReference{Name: "g12"}}}
			}, "[PrivilegeWithdrawn 0s 24h0m0s]",
		},
		"whose Agency the hub lists no more": {
			func(s *scope) { s.hub.Spec.AgencyRefs = []v1alpha1.ObjectReference{{Name: "g22"}} }, "[PrivilegeWithdrawn 0s 24h0m0s]",
		},
		"not one whose Agency is missing":  {func(s *scope) { s.agencies["g12"] = nil }, ""},
		"not one whose Agency is in doubt": {func(s *scope) { s.agencies["g12"].Status.Conditions = refused() }, ""},
		"not one without a certificate": {
			func(s *scope) { s.agencies["g12"].Spec.Namespaces, s.connectors[0].Status.Certificate = nil, nil }, "",
		},
		"not one whose certificate has expired": {
			func(s *scope) {
				s.agencies["g12"].Spec.Namespaces, s.connectors[0].Status.Certificate = nil, certificate(-2*time.Hour, 0)
			}, "",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := connected()
			tt.change(s)
			if got := told(revokedIdentities(s, noon())); got != tt.want {
				t.Errorf("revoked are %q, want %q", got, tt.want)
			}
		})
	}
}

func refused() []metav1.Condition {
	return []metav1.Condition{{Type: "Accepted", Status: "False", Reason: "DuplicateCode"}}
}

func TestWhatBecomesOfARevokedIdentity(t *testing.T) {
	unbound := func(s *scope) { s.agencies["g12"].Spec.Namespaces = nil }
	tests := map[string]struct {
		before v1alpha1.RevokedIdentity
		change func(*scope)
		want   string
	}{
		"without the right, it stays": {known(-time.Minute, 24*time.Hour), unbound, "[PrivilegeWithdrawn -1m0s 24h0m0s]"},
		"its end never comes nearer":  {known(-time.Minute, 30*time.Hour), unbound, "[PrivilegeWithdrawn -1m0s 30h0m0s]"},
		"its end moves out":           {known(-time.Minute, time.Hour), unbound, "[PrivilegeWithdrawn -1m0s 24h0m0s]"},
		"with the right again, it stays": {
			known(-time.Minute, 24*time.Hour), func(*scope) {}, "[PrivilegeWithdrawn -1m0s 24h0m0s]",
		},
		"without the Connector, it stays": {
			known(-time.Minute, 24*time.Hour), func(s *scope) { s.connectors = nil }, "[PrivilegeWithdrawn -1m0s 24h0m0s]",
		},
		"a certificate that came since is revoked too": {
			known(-2*time.Hour, 23*time.Hour), unbound, "[AffiliationChanged 0s 24h0m0s]",
		},
		"one that came from a clock that is ahead, too": {
			known(-2*time.Hour, 23*time.Hour), func(s *scope) {
				unbound(s)
				s.connectors[0].Status.Certificate = certificate(time.Minute, 24*time.Hour)
			}, "[AffiliationChanged 1m0s 24h0m0s]",
		},
		"it goes when the last certificate has expired": {known(-2*time.Hour, 0), func(*scope) {}, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := connected()
			s.before.Status.RevokedIdentities = []v1alpha1.RevokedIdentity{tt.before}
			tt.change(s)
			if got := told(revokedIdentities(s, noon())); got != tt.want {
				t.Errorf("revoked are %q, want %q", got, tt.want)
			}
		})
	}
}

// TestASecondIsRevokedAsAWhole has the certificate issued in the second in which the right was lost.
func TestASecondIsRevokedAsAWhole(t *testing.T) {
	s := connected()
	s.agencies["g12"].Spec.Namespaces = nil
	got := revokedIdentities(s, noon().Add(999*time.Millisecond))
	if len(got) != 1 || !got[0].ValidBefore.Time.Equal(noon()) {
		t.Errorf("revoked are %v, want one up to %s", got, noon())
	}
}

func TestThereIsAnEndToTheList(t *testing.T) {
	s := connected()
	for i := range maxRevoked + 1 {
		entry := known(0, time.Hour+time.Duration(i)*time.Second)
		entry.SPIFFEID = fmt.Sprintf("spiffe://lienthong.test/%d", i)
		s.before.Status.RevokedIdentities = append(s.before.Status.RevokedIdentities, entry)
	}
	got := revokedIdentities(s, noon())
	if len(got) != maxRevoked {
		t.Fatalf("there are %d entries, want %d", len(got), maxRevoked)
	}
	for _, entry := range got {
		if entry.SPIFFEID == "spiffe://lienthong.test/0" {
			t.Error("the entry that lasts the shortest is there, and another one is not")
		}
	}
}
