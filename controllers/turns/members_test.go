package turns

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/event"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

// works is a Connector that does, with all its pods.
func works(others ...func(*v1alpha1.Connector)) *v1alpha1.Connector {
	c := &v1alpha1.Connector{ObjectMeta: metav1.ObjectMeta{Namespace: "g12", Name: "a", Generation: 2}}
	c.Status.ObservedGeneration, c.Status.Profile, c.Status.ProfileRevision = 2, "p", "r1"
	for _, t := range []string{"Accepted", "CertificateReady", "WorkloadAvailable", "HubConnected"} {
		c.Status.Conditions = append(c.Status.Conditions, metav1.Condition{Type: t, Status: metav1.ConditionTrue, Reason: "Fine"})
	}
	c.Status.ObservedPods = &v1alpha1.ObservedPods{Current: new(int32(2)), Total: new(int32(2))}
	for _, other := range others {
		other(c)
	}
	return c
}

func condition(conditionType string, status metav1.ConditionStatus, reason string) func(*v1alpha1.Connector) {
	return func(c *v1alpha1.Connector) {
		for i := range c.Status.Conditions {
			if c.Status.Conditions[i].Type == conditionType {
				c.Status.Conditions = append(c.Status.Conditions[:i], c.Status.Conditions[i+1:]...)
				break
			}
		}
		c.Status.Conditions = append(c.Status.Conditions, metav1.Condition{Type: conditionType, Status: status, Reason: reason, Message: reason + "."})
	}
}

func TestObserve(t *testing.T) {
	base := member{namespace: "g12", name: "a", revision: "r1", ready: true, settled: true}
	tests := map[string]struct {
		connector *v1alpha1.Connector
		want      func(*member)
	}{
		"works": {works(), func(*member) {}},
		"people owe a duty": {works(condition("Compliant", metav1.ConditionFalse, "DutiesOverdue"), condition("Ready", metav1.ConditionFalse, "DutiesOverdue")),
			func(*member) {}},
		"not linked": {works(condition("HubConnected", metav1.ConditionFalse, "NoEndpoint")), func(m *member) {
			m.ready, m.settled, m.reason, m.message = false, false, "NoEndpoint", "NoEndpoint."
		}},
		"not asked": {works(condition("CertificateReady", metav1.ConditionUnknown, "NotObserved")), func(m *member) {
			m.ready, m.settled, m.reason, m.message = false, false, "NotObserved", "NotObserved."
		}},
		"never looked at": {works(func(c *v1alpha1.Connector) { c.Status.Conditions = nil }), func(m *member) {
			m.ready, m.settled, m.reason, m.message = false, false, "NotObserved", "Accepted was not observed yet."
		}},
		"changed since": {works(func(c *v1alpha1.Connector) { c.Generation = 3 }), func(m *member) {
			m.ready, m.settled, m.reason, m.message = false, false, "NotObserved", "What it asks for was changed and not looked at yet."
		}},
		"refused": {works(condition("Accepted", metav1.ConditionFalse, "ReplicasBelowProfile")), func(m *member) {
			m.ready, m.refused = false, true
		}},
		"refused, and held to what rules it all the same": {works(condition("Accepted", metav1.ConditionFalse, "LevelLowered"),
			condition("Compliant", metav1.ConditionFalse, "LevelNotApproved")), func(*member) {}},
		"refused for an object that is in the way": {works(condition("Accepted", metav1.ConditionFalse, "ForeignObject"),
			condition("Compliant", metav1.ConditionFalse, "NotEnforced")), func(m *member) {
			m.ready, m.refused = false, true
		}},
		"refused, and not linked": {works(condition("Accepted", metav1.ConditionFalse, "ReplicasBelowProfile"),
			condition("HubConnected", metav1.ConditionFalse, "NoEndpoint")), func(m *member) {
			m.ready, m.settled, m.refused, m.reason, m.message = false, false, true, "NoEndpoint", "NoEndpoint."
		}},
		"a pod lags":    {works(func(c *v1alpha1.Connector) { c.Status.ObservedPods.Current = new(int32(1)) }), func(m *member) { m.settled = false }},
		"without pods":  {works(func(c *v1alpha1.Connector) { c.Status.ObservedPods = nil }), func(m *member) { m.settled = false }},
		"paused":        {works(func(c *v1alpha1.Connector) { c.Spec.Paused = new(true) }), func(m *member) { m.paused = true }},
		"held":          {works(condition("MaintenanceHeld", metav1.ConditionTrue, "WindowClosed")), func(m *member) { m.held = true }},
		"old life":      {works(shortfall("certificate.duration", true)), func(m *member) { m.short = true }},
		"old image":     {works(shortfall("workload.maxImageAgeMonths", true)), func(*member) {}},
		"to come later": {works(shortfall("certificate.duration", false)), func(*member) {}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			want := base
			tt.want(&want)
			if diff := cmp.Diff(want, observe(Profile(), tt.connector), cmp.AllowUnexported(member{})); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func shortfall(field string, ruling bool) func(*v1alpha1.Connector) {
	return func(c *v1alpha1.Connector) {
		c.Status.Compliance = append(c.Status.Compliance, v1alpha1.ComplianceStatus{
			Ruling: &ruling, Shortfalls: []v1alpha1.Shortfall{{Type: v1alpha1.ShortfallTechnical, Name: field}},
		})
	}
}

func TestMembers(t *testing.T) {
	now := time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)
	windows := func(start string) func(*v1alpha1.Connector) {
		return func(c *v1alpha1.Connector) {
			c.Spec.MaintenanceWindows = []v1alpha1.MaintenanceWindow{
				{Start: start, Duration: metav1.Duration{Duration: time.Hour}, TimeZone: "Asia/Ho_Chi_Minh"},
			}
		}
	}
	going := works(func(c *v1alpha1.Connector) { c.DeletionTimestamp = &metav1.Time{Time: now} })
	got := membersOf(Profile(), []v1alpha1.Connector{*works(), *going, *works(windows("15:30")), *works(windows("18:00")), *works(windows("25:00"))}, now)
	want := []time.Time{now, now, now.Add(2 * time.Hour), now}
	if len(got) != len(want) {
		t.Fatalf("%d members, want %d: one that is going is none", len(got), len(want))
	}
	for i := range want {
		if !got[i].opens.Equal(want[i]) {
			t.Errorf("member %d opens at %s, want %s", i, got[i].opens, want[i])
		}
	}
}

func TestMatters(t *testing.T) {
	tests := map[string]struct {
		after *v1alpha1.Connector
		want  bool
	}{
		"nothing":          {works(), false},
		"a duty":           {works(condition("Compliant", metav1.ConditionFalse, "DutiesOverdue")), false},
		"its certificate":  {works(func(c *v1alpha1.Connector) { c.Status.Certificate = &v1alpha1.CertificateStatus{Revision: 2} }), false},
		"its revision":     {works(func(c *v1alpha1.Connector) { c.Status.ProfileRevision = "r2" }), true},
		"the class it has": {works(func(c *v1alpha1.Connector) { c.Status.ClassRevision = "r2" }), false},
		"a pod":            {works(func(c *v1alpha1.Connector) { c.Status.ObservedPods.Current = new(int32(1)) }), true},
		"its windows":      {works(func(c *v1alpha1.Connector) { c.Spec.MaintenanceWindows = []v1alpha1.MaintenanceWindow{{}} }), true},
		"that it is going": {works(func(c *v1alpha1.Connector) { c.DeletionTimestamp = &metav1.Time{Time: epoch} }), true},
	}
	for name, tt := range tests {
		if got := Matters(Profile()).Update(event.UpdateEvent{ObjectOld: works(), ObjectNew: tt.after}); got != tt.want {
			t.Errorf("%s: %v, want %v", name, got, tt.want)
		}
	}
}

// By a class, a Connector has the revision of that class alone, and a certificate that a profile asks for is no matter of it.
func TestObserveForAClass(t *testing.T) {
	of := func(made string) func(*v1alpha1.Connector) {
		return func(c *v1alpha1.Connector) {
			c.Spec.ClassName, c.Status.ClassName, c.Status.ClassRevision = "gateway", made, "c1"
		}
	}
	base := member{namespace: "g12", name: "a", revision: "c1", ready: true, settled: true}
	if diff := cmp.Diff(base, observe(Class(), works(of("gateway"), shortfall("certificate.duration", true))), cmp.AllowUnexported(member{})); diff != "" {
		t.Errorf("made by the class (-want +got):\n%s", diff)
	}
	base.revision = ""
	if diff := cmp.Diff(base, observe(Class(), works(of("another"))), cmp.AllowUnexported(member{})); diff != "" {
		t.Errorf("made by another class (-want +got):\n%s", diff)
	}
	if !Matters(Class()).Update(event.UpdateEvent{ObjectOld: works(of("another")), ObjectNew: works(of("gateway"))}) {
		t.Error("that a Connector was made by the class does not matter")
	}
}
