package profile

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

func TestJudge(t *testing.T) {
	now := time.Date(2026, 9, 1, 0, 0, 0, 0, time.UTC)
	condition := func(conditionType string, status metav1.ConditionStatus, reason, message string) metav1.Condition {
		return metav1.Condition{
			Type: conditionType, Status: status, Reason: reason, Message: message, ObservedGeneration: 5, LastTransitionTime: metav1.NewTime(now),
		}
	}
	const ambiguous = "SecurityProfile first, which is older, is for regime nd331-2026 and level 3 already; keep one of the two and delete the other."
	tests := map[string]struct {
		first string
		want  []metav1.Condition
	}{
		"the only one, or the oldest": {"second", []metav1.Condition{
			condition("Accepted", metav1.ConditionTrue, "Accepted", "The profile is accepted."),
			condition("Ready", metav1.ConditionTrue, "Ready", "The profile can be used."),
		}},
		"not the oldest": {"first", []metav1.Condition{
			condition("Accepted", metav1.ConditionFalse, "ProfileAmbiguous", ambiguous),
			condition("Ready", metav1.ConditionFalse, "ProfileAmbiguous", ambiguous),
			condition("Stalled", metav1.ConditionTrue, "ProfileAmbiguous", ambiguous),
		}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got := judge(&scope{
				now: now,
				profile: &v1alpha1.SecurityProfile{
					ObjectMeta: metav1.ObjectMeta{Name: "second", Generation: 5},
					Spec:       v1alpha1.SecurityProfileSpec{Regime: "nd331-2026", Level: 3},
				},
				first:      tt.first,
				connectors: make([]v1alpha1.Connector, 2),
			})
			want := v1alpha1.SecurityProfileStatus{
				Conditions: tt.want, ObservedGeneration: 5, Connectors: &v1alpha1.ConnectorTally{Total: new(int32(2)), Ready: new(int32(0))},
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("status (-want +got):\n%s", diff)
			}
		})
	}
}
