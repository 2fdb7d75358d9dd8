package class

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/turns"
)

func TestJudge(t *testing.T) {
	now := time.Date(2026, 9, 1, 0, 0, 0, 0, time.UTC)
	condition := func(conditionType string, status metav1.ConditionStatus, reason, message string) metav1.Condition {
		return metav1.Condition{
			Type: conditionType, Status: status, Reason: reason, Message: message, ObservedGeneration: 5, LastTransitionTime: metav1.NewTime(now),
		}
	}
	list := func(cpu, memory string) corev1.ResourceList {
		return corev1.ResourceList{corev1.ResourceCPU: resource.MustParse(cpu), corev1.ResourceMemory: resource.MustParse(memory)}
	}
	const tooMuch = "resources.requests asks for 128Mi of memory, and resources.limits allows 64Mi, so no pod can be made; " +
		"lower the request or raise the limit."
	complete := turns.Decision{
		Status:    v1alpha1.RolloutProgress{Phase: v1alpha1.RolloutComplete, Revision: "r2"},
		Condition: metav1.Condition{Type: v1alpha1.ConditionRolledOut, Status: metav1.ConditionTrue, Reason: "Complete", Message: "Done."},
	}
	paused := turns.Decision{
		Status:    v1alpha1.RolloutProgress{Phase: v1alpha1.RolloutPaused, Revision: "r2"},
		Condition: metav1.Condition{Type: v1alpha1.ConditionRolledOut, Status: metav1.ConditionFalse, Reason: "RolloutPaused", Message: "Help."},
	}
	rolledOut := condition("RolledOut", metav1.ConditionTrue, "Complete", "Done.")
	const ready = "The class can be used, and every Connector of it has taken it up as it is."
	tests := map[string]struct {
		resources v1alpha1.GatewayResources
		decision  turns.Decision
		want      []metav1.Condition
	}{
		"within the limits": {v1alpha1.GatewayResources{Requests: list("1", "64Mi"), Limits: list("2", "128Mi")}, complete, []metav1.Condition{
			condition("Accepted", metav1.ConditionTrue, "Accepted", "The class is accepted."),
			rolledOut,
			condition("Ready", metav1.ConditionTrue, "Ready", ready),
		}},
		"at the limits": {v1alpha1.GatewayResources{Requests: list("1", "64Mi"), Limits: list("1000m", "64Mi")}, complete, []metav1.Condition{
			condition("Accepted", metav1.ConditionTrue, "Accepted", "The class is accepted."),
			rolledOut,
			condition("Ready", metav1.ConditionTrue, "Ready", ready),
		}},
		"above a limit": {v1alpha1.GatewayResources{Requests: list("1", "128Mi"), Limits: list("2", "64Mi")}, complete, []metav1.Condition{
			condition("Accepted", metav1.ConditionFalse, "InvalidSpec", tooMuch),
			rolledOut,
			condition("Ready", metav1.ConditionFalse, "InvalidSpec", tooMuch),
			condition("Stalled", metav1.ConditionTrue, "InvalidSpec", tooMuch),
		}},
		"a change that did not get through": {v1alpha1.GatewayResources{}, paused, []metav1.Condition{
			condition("Accepted", metav1.ConditionTrue, "Accepted", "The class is accepted."),
			condition("RolledOut", metav1.ConditionFalse, "RolloutPaused", "Help."),
			condition("Ready", metav1.ConditionFalse, "RolloutPaused", "Help."),
			condition("Stalled", metav1.ConditionTrue, "RolloutPaused", "Help."),
		}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			class := &v1alpha1.ConnectorClass{
				ObjectMeta: metav1.ObjectMeta{Name: "gateway", Generation: 5},
				Spec:       v1alpha1.ConnectorClassSpec{Resources: tt.resources},
			}
			got := judge(&scope{now: now, class: class, before: class.DeepCopy(), connectors: make([]v1alpha1.Connector, 3), decision: tt.decision})
			want := v1alpha1.ConnectorClassStatus{
				Conditions: tt.want, ObservedGeneration: 5, Rollout: &tt.decision.Status,
				Connectors: &v1alpha1.ConnectorTally{Total: new(int32(3)), Ready: new(int32(0))},
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("status (-want +got):\n%s", diff)
			}
		})
	}
}
