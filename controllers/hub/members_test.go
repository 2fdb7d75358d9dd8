package hub

import (
	"errors"
	"reflect"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/rollover"
)

// wellConnected is a Connector of which everything is as it should be.
func wellConnected() *v1alpha1.Connector {
	c := connected().connectors[0].DeepCopy()
	c.Status.TrustDigest = "sha256:1"
	c.Status.AuthoritiesInUse = []string{"root"}
	c.Status.Certificate.Authority = "root"
	c.Status.Certificate.IssuerRef = &v1alpha1.IssuerReference{Name: "hub-ca"}
	c.Status.ObservedPods = &v1alpha1.ObservedPods{Current: new(int32(2)), Total: new(int32(2)), Trusting: new(int32(2))}
	return c
}

// afternoon is a window that opens in two hours, every day.
func afternoon() []v1alpha1.MaintenanceWindow {
	return []v1alpha1.MaintenanceWindow{{Start: "14:00", TimeZone: "Etc/UTC", Duration: metav1.Duration{Duration: time.Hour}}}
}

func condition(c *v1alpha1.Connector, conditionType, status, reason string) {
	c.Status.Conditions = []metav1.Condition{{
		Type: conditionType, Status: metav1.ConditionStatus(status), Reason: reason, Message: "It is so.",
	}}
}

func TestMember(t *testing.T) {
	tests := map[string]struct {
		change func(*v1alpha1.Connector)
		want   func(*rollover.Member)
	}{
		"all is well": {func(*v1alpha1.Connector) {}, func(*rollover.Member) {}},
		"paused":      {func(c *v1alpha1.Connector) { c.Spec.Paused = new(true) }, func(m *rollover.Member) { m.Excluded = true }},
		"not accepted": {
			func(c *v1alpha1.Connector) { condition(c, "Accepted", "False", "AgencyNotFound") }, func(m *rollover.Member) { m.Excluded = true },
		},
		"being removed": {
			func(c *v1alpha1.Connector) { c.DeletionTimestamp = new(metav1.NewTime(noon())) }, func(m *rollover.Member) { m.Excluded = true },
		},
		"given another bundle": {
			func(c *v1alpha1.Connector) { c.Status.TrustDigest = "sha256:0" }, func(m *rollover.Member) { m.Trusting = false },
		},
		"a pod that has not loaded it": {
			func(c *v1alpha1.Connector) { c.Status.ObservedPods.Trusting = new(int32(1)) }, func(m *rollover.Member) { m.Trusting = false },
		},
		"nobody has asked what is loaded": {
			func(c *v1alpha1.Connector) { c.Status.ObservedPods.Trusting = nil }, func(m *rollover.Member) { m.Trusting = false },
		},
		"a pod that serves another certificate": {
			func(c *v1alpha1.Connector) { c.Status.ObservedPods.Current = new(int32(1)) }, func(m *rollover.Member) { m.Served = false },
		},
		"no pods known": {
			func(c *v1alpha1.Connector) { c.Status.ObservedPods = nil }, func(m *rollover.Member) { m.Trusting, m.Served = false, false },
		},
		"no certificate": {
			func(c *v1alpha1.Connector) { c.Status.Certificate = nil },
			func(m *rollover.Member) {
				m.HasCertificate, m.Serial, m.Authority, m.Issuer = false, "", "", v1alpha1.IssuerReference{}
			},
		},
		"refused by the issuer": {
			func(c *v1alpha1.Connector) { condition(c, "CertificateReady", "False", "RequestRefused") },
			func(m *rollover.Member) { m.Problem = "It is so." },
		},
		"not issued yet": {
			func(c *v1alpha1.Connector) { condition(c, "CertificateReady", "False", "Issuing") }, func(*rollover.Member) {},
		},
		"not linked": {
			func(c *v1alpha1.Connector) { condition(c, "HubConnected", "False", "NoEndpoint") },
			func(m *rollover.Member) { m.Problem = "It is so." },
		},
		"not asked whether it is linked": {
			func(c *v1alpha1.Connector) { condition(c, "HubConnected", "Unknown", "NotObserved") }, func(m *rollover.Member) { m.Silent = true },
		},
		"its window is closed": {
			func(c *v1alpha1.Connector) { c.Spec.MaintenanceWindows = afternoon() }, func(m *rollover.Member) { m.Eligible = false },
		},
		"its certificate was renewed": {
			func(c *v1alpha1.Connector) { c.Status.Certificate.Revision = 2 }, func(m *rollover.Member) { m.Renewed = true },
		},
		"it has its first certificate": {func(c *v1alpha1.Connector) { c.Status.Certificate.Revision = 1 }, func(*rollover.Member) {}},
		"its window is closed, and the certificate would expire before": {
			func(c *v1alpha1.Connector) {
				c.Spec.MaintenanceWindows = afternoon()
				c.Status.Certificate.NotAfter = new(metav1.NewTime(noon().Add(time.Hour)))
			}, func(*rollover.Member) {},
		},
		"its window never opens": {
			func(c *v1alpha1.Connector) {
				c.Spec.MaintenanceWindows = afternoon()
				c.Spec.MaintenanceWindows[0].TimeZone = "Nowhere/At-all"
			}, func(m *rollover.Member) { m.Eligible = false },
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			c := wellConnected()
			tt.change(c)
			want := rollover.Member{
				Namespace: "g12", Name: "main", Trusting: true, HasCertificate: true, Issuer: v1alpha1.IssuerReference{Name: "hub-ca"},
				Serial: "a1", Authority: "root", Served: true, Uses: []string{"root"}, Eligible: true,
			}
			tt.want(&want)
			if got := member(c, "sha256:1", noon()); !reflect.DeepEqual(got, want) {
				t.Errorf("the member is\n%+v, want\n%+v", got, want)
			}
			// Whatever changes a member must wake the hub, but for what time alone changes.
			if !reflect.DeepEqual(want, member(wellConnected(), "sha256:1", noon())) && unchanged(wellConnected(), c) {
				t.Error("the hub would not hear of it")
			}
		})
	}
}

func TestWhatDoesNotMatterToTheHub(t *testing.T) {
	c := wellConnected()
	c.Status.ActiveEndpoint, c.Status.ObservedGeneration = "fallback", 7
	c.Spec.Services = []v1alpha1.Service{v1alpha1.ServiceElectronicGazette}
	condition(c, "WorkloadAvailable", "False", "Progressing")
	if !unchanged(wellConnected(), c) {
		t.Error("the hub would look at a change that it does not read")
	}
}

func TestNextOpening(t *testing.T) {
	closed, open := wellConnected(), wellConnected()
	closed.Spec.MaintenanceWindows = afternoon()
	if got := nextOpening([]v1alpha1.Connector{*open, *closed}, noon()); got != 2*time.Hour {
		t.Errorf("a window opens in %s, want 2h", got)
	}
	if got := nextOpening([]v1alpha1.Connector{*open}, noon()); got != 0 {
		t.Errorf("where no window is closed, one opens in %s, want never", got)
	}
}

func TestAnUnreadableIdentityHoldsEveryAnchor(t *testing.T) {
	s := hubWith(anchor("new", time.Hour), inState(v1alpha1.TrustAnchorHeld, anchor("old", time.Hour)))
	if got := s.operatorAnchors(); len(got) != 0 {
		t.Errorf("without an identity the operator relies on %v, want nothing", got)
	}
	s.identityProblem = errors.New("cut short")
	if got := s.operatorAnchors(); !reflect.DeepEqual(got, []string{"old"}) {
		t.Errorf("with an identity that cannot be read the operator relies on %v, want all that are held", got)
	}
}
