package profile

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
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
	rolledOut := func(phase v1alpha1.RolloutPhase, status metav1.ConditionStatus, reason, message string) turns.Decision {
		return turns.Decision{
			Status:    v1alpha1.RolloutProgress{Phase: phase, Revision: "r2"},
			Condition: metav1.Condition{Type: v1alpha1.ConditionRolledOut, Status: status, Reason: reason, Message: message},
		}
	}
	complete := rolledOut(v1alpha1.RolloutComplete, metav1.ConditionTrue, "Complete", "Done.")
	const ambiguous = "SecurityProfile first, which is older, is for regime nd331-2026 and level 3 already; keep one of the two and delete the other."
	tests := map[string]struct {
		first    string
		obstacle string
		decision turns.Decision
		want     []metav1.Condition
	}{
		"the only one, or the oldest": {"second", "", complete, []metav1.Condition{
			condition("Accepted", metav1.ConditionTrue, "Accepted", "The profile is accepted."),
			condition("RolledOut", metav1.ConditionTrue, "Complete", "Done."),
			condition("Ready", metav1.ConditionTrue, "Ready", "The profile can be used, and every Connector that it rules has taken it up as it is."),
		}},
		"not the oldest": {"first", "", complete, []metav1.Condition{
			condition("Accepted", metav1.ConditionFalse, "ProfileAmbiguous", ambiguous),
			condition("RolledOut", metav1.ConditionTrue, "Complete", "Done."),
			condition("Ready", metav1.ConditionFalse, "ProfileAmbiguous", ambiguous),
			condition("Stalled", metav1.ConditionTrue, "ProfileAmbiguous", ambiguous),
		}},
		"rolling out": {"second", "", rolledOut(v1alpha1.RolloutUnderWay, metav1.ConditionFalse, "RollingOut", "1 of 2."), []metav1.Condition{
			condition("Accepted", metav1.ConditionTrue, "Accepted", "The profile is accepted."),
			condition("RolledOut", metav1.ConditionFalse, "RollingOut", "1 of 2."),
			condition("Ready", metav1.ConditionFalse, "RollingOut", "1 of 2."),
			condition("Reconciling", metav1.ConditionTrue, "RollingOut", "1 of 2."),
		}},
		"paused": {"second", "", rolledOut(v1alpha1.RolloutPaused, metav1.ConditionFalse, "RolloutPaused", "Help."), []metav1.Condition{
			condition("Accepted", metav1.ConditionTrue, "Accepted", "The profile is accepted."),
			condition("RolledOut", metav1.ConditionFalse, "RolloutPaused", "Help."),
			condition("Ready", metav1.ConditionFalse, "RolloutPaused", "Help."),
			condition("Stalled", metav1.ConditionTrue, "RolloutPaused", "Help."),
		}},
		"somebody else's object in the way": {"second", "Foreign.",
			rolledOut(v1alpha1.RolloutUnderWay, metav1.ConditionFalse, "ForeignObject", "Foreign."), []metav1.Condition{
				condition("Accepted", metav1.ConditionTrue, "Accepted", "The profile is accepted."),
				condition("RolledOut", metav1.ConditionFalse, "ForeignObject", "Foreign."),
				condition("Ready", metav1.ConditionFalse, "ForeignObject", "Foreign."),
				condition("Stalled", metav1.ConditionTrue, "ForeignObject", "Foreign."),
			}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			profile := &v1alpha1.SecurityProfile{
				ObjectMeta: metav1.ObjectMeta{Name: "second", Generation: 5}, Spec: v1alpha1.SecurityProfileSpec{Regime: "nd331-2026", Level: 3},
			}
			got := judge(&scope{
				now: now, profile: profile, before: profile.DeepCopy(), first: tt.first, connectors: make([]v1alpha1.Connector, 2),
				obstacle: tt.obstacle, decision: tt.decision,
			})
			want := v1alpha1.SecurityProfileStatus{
				Conditions: tt.want, ObservedGeneration: 5, Rollout: &tt.decision.Status,
				Connectors: &v1alpha1.ConnectorTally{Total: new(int32(2)), Ready: new(int32(0))},
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("status (-want +got):\n%s", diff)
			}
		})
	}
}
