package class

import (
	"fmt"
	"maps"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/conditions"
	"lienthong.gov.vn/connector-operator/controllers/tally"
)

func judge(s *scope) v1alpha1.ConnectorClassStatus {
	accepted := accept(s.class.Spec.Resources)
	wanted := conditions.Complete([]metav1.Condition{accepted, s.decision.Condition}, conditions.Summary{
		Order:        []string{v1alpha1.ConditionAccepted, v1alpha1.ConditionRolledOut},
		ReadyMessage: "The class can be used, and every Connector of it has taken it up as it is.",
		Stalled:      accepted.Status != metav1.ConditionTrue || s.obstacle != "" || s.decision.Status.Phase == v1alpha1.RolloutPaused,
	})
	return v1alpha1.ConnectorClassStatus{
		Conditions:         conditions.Merge(s.before.Status.Conditions, wanted, s.class.Generation, s.now),
		ObservedGeneration: s.class.Generation,
		Connectors:         tally.Of(s.connectors),
		Rollout:            s.decision.Status.DeepCopy(),
	}
}

func accept(resources v1alpha1.GatewayResources) metav1.Condition {
	for _, name := range slices.Sorted(maps.Keys(resources.Requests)) {
		request := resources.Requests[name]
		if limit, ok := resources.Limits[name]; ok && request.Cmp(limit) > 0 {
			return conditions.False(v1alpha1.ConditionAccepted, v1alpha1.ReasonInvalidSpec, fmt.Sprintf(
				"resources.requests asks for %s of %s, and resources.limits allows %s, so no pod can be made; lower the request or raise the limit.",
				request.String(), name, limit.String()))
		}
	}
	return conditions.True(v1alpha1.ConditionAccepted, v1alpha1.ReasonAccepted, "The class is accepted.")
}
