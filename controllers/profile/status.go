package profile

import (
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/conditions"
	"lienthong.gov.vn/connector-operator/controllers/precedence"
	"lienthong.gov.vn/connector-operator/controllers/tally"
)

func judge(s *scope) v1alpha1.SecurityProfileStatus {
	accepted := accept(s)
	wanted := conditions.Complete([]metav1.Condition{accepted, s.decision.Condition}, conditions.Summary{
		Order:        []string{v1alpha1.ConditionAccepted, v1alpha1.ConditionRolledOut},
		ReadyMessage: "The profile can be used, and every Connector that it rules has taken it up as it is.",
		Stalled:      accepted.Status != metav1.ConditionTrue || s.obstacle != "" || s.decision.Status.Phase == v1alpha1.RolloutPaused,
	})
	return v1alpha1.SecurityProfileStatus{
		Conditions:         conditions.Merge(s.before.Status.Conditions, wanted, s.profile.Generation, s.now),
		ObservedGeneration: s.profile.Generation,
		RecordedAt:         precedence.Recorded(s.profile),
		Connectors:         tally.Of(s.connectors),
		Rollout:            s.decision.Status.DeepCopy(),
	}
}

func accept(s *scope) metav1.Condition {
	if s.first != s.profile.Name {
		return conditions.False(v1alpha1.ConditionAccepted, v1alpha1.ReasonProfileAmbiguous, fmt.Sprintf(
			"SecurityProfile %s, which is older, is for regime %s and level %d already; keep one of the two and delete the other.",
			s.first, s.profile.Spec.Regime, s.profile.Spec.Level))
	}
	return conditions.True(v1alpha1.ConditionAccepted, v1alpha1.ReasonAccepted, "The profile is accepted.")
}
