package entitlement

import (
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

func claim() Claim {
	agency := &v1alpha1.Agency{ObjectMeta: metav1.ObjectMeta{Name: "g12", UID: "1"}}
	agency.Spec.Code, agency.Spec.Namespaces = "G12", []string{"g12"}
	return Claim{
		Connector: &v1alpha1.Connector{ObjectMeta: metav1.ObjectMeta{Namespace: "g12", Name: "main"}},
		Agency:    agency, Twins: []v1alpha1.Agency{*agency}, Hub: &v1alpha1.ExchangeHub{ObjectMeta: metav1.ObjectMeta{Name: "hub"}},
	}
}

// A right is lost by what the platform declared, and what is merely unknown must not hide it.
func TestWhatIsLost(t *testing.T) {
	notAccepted := func(c *Claim) {
		c.Agency.Status.Conditions = []metav1.Condition{{Type: v1alpha1.ConditionAccepted, Status: metav1.ConditionFalse, Message: "No."}}
	}
	revoked := func(name string) func(*Claim) {
		return func(c *Claim) {
			c.Hub.Spec.Revocations = []v1alpha1.Revocation{{AgencyRef: &v1alpha1.ObjectReference{Name: name}}}
		}
	}
	tests := map[string]struct {
		change func(*Claim)
		reason string
		lost   bool
	}{
		"all is well":         {func(*Claim) {}, "", false},
		"no agency":           {func(c *Claim) { c.Agency = nil }, v1alpha1.ReasonAgencyNotFound, false},
		"no hub":              {func(c *Claim) { c.Hub = nil }, v1alpha1.ReasonHubNotFound, false},
		"agency not accepted": {notAccepted, v1alpha1.ReasonAgencyNotAccepted, false},
		"agency whose time zone does not exist": {func(c *Claim) {
			notAccepted(c)
			c.Agency.Status.Conditions[0].Reason = v1alpha1.ReasonInvalidTimeZone
		}, "", false},
		"namespace not listed": {func(c *Claim) { c.Agency.Spec.Namespaces = nil }, v1alpha1.ReasonNamespaceNotListed, true},
		"namespace not listed, and the agency not accepted": {
			func(c *Claim) { notAccepted(c); c.Agency.Spec.Namespaces = nil }, v1alpha1.ReasonNamespaceNotListed, true,
		},
		"not among the hub's agencies": {
			func(c *Claim) { c.Hub.Spec.AgencyRefs = []v1alpha1.ObjectReference{{Name: "g22"}} }, v1alpha1.ReasonAgencyNotListed, true,
		},
		"agency revoked":      {revoked("g12"), v1alpha1.ReasonAgencyRevoked, true},
		"another one revoked": {revoked("g22"), "", false},
		"revoked under another name of its code": {
			func(c *Claim) {
				twin := v1alpha1.Agency{ObjectMeta: metav1.ObjectMeta{Name: "bo-tai-chinh", UID: "1"}}
				c.Twins = append(c.Twins, twin)
				revoked("bo-tai-chinh")(c)
			}, v1alpha1.ReasonAgencyRevoked, true,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			c := claim()
			tt.change(&c)
			got := Decide(c)
			if got == nil {
				got = &Denial{}
			}
			if got.Reason != tt.reason || got.Lost != tt.lost || (got.Message == "") != (tt.reason == "") {
				t.Errorf("denied %+v, want %q, lost %t", got, tt.reason, tt.lost)
			}
		})
	}
}
