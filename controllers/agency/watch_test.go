package agency

import (
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/event"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

func TestConnectorChanged(t *testing.T) {
	base := connector("a", metav1.ConditionFalse, "NoHandshake")
	tests := map[string]struct {
		edit func(*v1alpha1.Connector)
		want bool
	}{
		"ready":        {func(c *v1alpha1.Connector) { c.Status.Conditions[1].Status = metav1.ConditionTrue }, true},
		"other reason": {func(c *v1alpha1.Connector) { c.Status.Conditions[1].Reason = "Paused" }, true},
		"new spec":     {func(c *v1alpha1.Connector) { c.Generation++ }, true},
		"seen again":   {func(c *v1alpha1.Connector) { c.Status.Conditions[1].ObservedGeneration++ }, true},
		"condition":    {func(c *v1alpha1.Connector) { c.Status.Conditions = c.Status.Conditions[:1] }, true},
		"message":      {func(c *v1alpha1.Connector) { c.Status.Conditions[1].Message = "2 of 3 pods" }, false},
		"time": {func(c *v1alpha1.Connector) {
			c.Status.Conditions[1].LastTransitionTime = metav1.NewTime(time.Unix(1, 0))
		}, false},
		"certificate": {func(c *v1alpha1.Connector) { c.Status.Certificate = &v1alpha1.CertificateStatus{Revision: 2} }, false},
		"judged under a regime": {func(c *v1alpha1.Connector) {
			c.Status.Compliance = []v1alpha1.ComplianceStatus{{Regime: "nd331-2026", Satisfied: new(true)}}
		}, true},
		"status of a new spec": {func(c *v1alpha1.Connector) { c.Status.ObservedGeneration++ }, true},
		"labels":               {func(c *v1alpha1.Connector) { c.Labels = map[string]string{"a": "b"} }, false},
	}
	for name, tt := range tests {
		after := base.DeepCopy()
		tt.edit(after)
		if got := connectorChanged().Update(event.UpdateEvent{ObjectOld: &base, ObjectNew: after}); got != tt.want {
			t.Errorf("%s: %v, want %v", name, got, tt.want)
		}
	}
}

func TestPlanJudged(t *testing.T) {
	accepted := plan("a", 1)
	refused, edited := plan("a", 1), plan("a", 1)
	refused.Status.Conditions[0].Status = metav1.ConditionFalse
	edited.Generation = 2
	judged := plan("a", 1)
	judged.Generation, judged.Status.Conditions[0].ObservedGeneration = 2, 2
	counted := plan("a", 1)
	counted.Status.Agencies = new(int32(7))
	tests := map[string]struct {
		before, after v1alpha1.RolloutPlan
		want          bool
	}{
		"accepted":                {refused, accepted, true},
		"edited, and accepted":    {edited, judged, true},
		"edited, not yet judged":  {accepted, edited, false},
		"refused":                 {accepted, refused, false},
		"counted, which we cause": {accepted, counted, false},
	}
	for name, tt := range tests {
		if got := planJudged().Update(event.UpdateEvent{ObjectOld: &tt.before, ObjectNew: &tt.after}); got != tt.want {
			t.Errorf("%s: %v, want %v", name, got, tt.want)
		}
	}
	if planJudged().Create(event.CreateEvent{Object: &refused}) || !planJudged().Create(event.CreateEvent{Object: &accepted}) {
		t.Error("of new plans, exactly the accepted ones matter")
	}
	if !planJudged().Delete(event.DeleteEvent{Object: &refused}) {
		t.Error("a plan that is gone takes its records with it")
	}
}

func TestRecordCounts(t *testing.T) {
	counts, refused := evidence("a", metav1.ConditionTrue), evidence("a", metav1.ConditionFalse)
	superseded := counts.DeepCopy()
	superseded.Status.SupersededBy = "later"
	said := counts.DeepCopy()
	said.Status.Conditions[0].Message = "In other words."
	tests := map[string]struct {
		before, after *v1alpha1.ComplianceEvidence
		want          bool
	}{
		"accepted":           {refused, counts, true},
		"refused":            {counts, refused, true},
		"superseded":         {counts, superseded, true},
		"in other words":     {counts, said, false},
		"refused once more":  {refused, refused, false},
		"corrected, refused": {superseded, refused, false},
	}
	for name, tt := range tests {
		if got := recordCounts().Update(event.UpdateEvent{ObjectOld: tt.before, ObjectNew: tt.after}); got != tt.want {
			t.Errorf("%s: %v, want %v", name, got, tt.want)
		}
	}
	for _, tt := range []struct {
		record *v1alpha1.ComplianceEvidence
		want   bool
	}{{counts, true}, {refused, false}} {
		if recordCounts().Create(event.CreateEvent{Object: tt.record}) != tt.want || recordCounts().Delete(event.DeleteEvent{Object: tt.record}) != tt.want {
			t.Errorf("of records that come or go, exactly those that count matter: %v", tt.record.Status)
		}
	}
}
