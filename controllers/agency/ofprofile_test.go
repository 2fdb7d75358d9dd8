package agency

import (
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/event"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

func approvedIn(days int32) *v1alpha1.SecurityProfile {
	return &v1alpha1.SecurityProfile{
		ObjectMeta: metav1.ObjectMeta{Name: "nd331-3"},
		Spec: v1alpha1.SecurityProfileSpec{
			Regime: "nd331-2026", Level: 3, Approval: &v1alpha1.ApprovalRequirements{ApprovalWorkingDays: &days},
		},
	}
}

func TestApprovalChanged(t *testing.T) {
	tests := map[string]struct {
		edit func(*v1alpha1.SecurityProfile)
		want bool
	}{
		"another time":       {func(p *v1alpha1.SecurityProfile) { p.Spec.Approval = approvedIn(9).Spec.Approval }, true},
		"another approver":   {func(p *v1alpha1.SecurityProfile) { p.Spec.Approval.Approver.Name = "the Prime Minister" }, true},
		"no rules any more":  {func(p *v1alpha1.SecurityProfile) { p.Spec.Approval = nil }, true},
		"another life":       {func(p *v1alpha1.SecurityProfile) { p.Spec.Certificate.KeySize = 384 }, false},
		"how far it is":      {func(p *v1alpha1.SecurityProfile) { p.Status.ObservedGeneration++ }, false},
		"the same once more": {func(p *v1alpha1.SecurityProfile) { p.Spec.Approval = approvedIn(7).Spec.Approval }, false},
	}
	for name, tt := range tests {
		after := approvedIn(7)
		tt.edit(after)
		if got := approvalChanged().Update(event.UpdateEvent{ObjectOld: approvedIn(7), ObjectNew: after}); got != tt.want {
			t.Errorf("%s: %v, want %v", name, got, tt.want)
		}
	}
	created := event.CreateEvent{Object: approvedIn(7)}
	if !approvalChanged().Create(created) || !approvalChanged().Delete(event.DeleteEvent{Object: approvedIn(7)}) {
		t.Error("a profile that comes or goes passes nobody by")
	}
	created.IsInInitialList = true
	if approvalChanged().Create(created) {
		t.Error("at the start every agency is judged anyway")
	}
}

func TestReckonsWith(t *testing.T) {
	connector := func(level v1alpha1.SecurityLevel, regime, profile string) *v1alpha1.Connector {
		return &v1alpha1.Connector{
			Spec:   v1alpha1.ConnectorSpec{SecurityLevel: level},
			Status: v1alpha1.ConnectorStatus{Compliance: []v1alpha1.ComplianceStatus{{Regime: "other", Profile: "other"}, {Regime: regime, Profile: profile}}},
		}
	}
	tests := map[string]struct {
		connector *v1alpha1.Connector
		want      bool
	}{
		"judged by it":            {connector(2, "nd331-2026", "nd331-3"), true},
		"of its level and regime": {connector(3, "nd331-2026", "nd331-2"), true},
		"of its level":            {connector(3, "nd85-2016", "nd85-3"), false},
		"of its regime":           {connector(2, "nd331-2026", "nd331-2"), false},
		"not judged":              {&v1alpha1.Connector{Spec: v1alpha1.ConnectorSpec{SecurityLevel: 3}}, false},
	}
	for name, tt := range tests {
		if got := reckonsWith(tt.connector, approvedIn(7)); got != tt.want {
			t.Errorf("%s: %v, want %v", name, got, tt.want)
		}
	}
}
