package hub

import (
	"fmt"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/conditions"
	"lienthong.gov.vn/connector-operator/controllers/tally"
)

// observedStatus computes the whole status from what was read. It is pure.
func observedStatus(s *scope, now time.Time) v1alpha1.ExchangeHubStatus {
	result := v1alpha1.ExchangeHubStatus{
		ObservedGeneration: s.hub.Generation,
		Connectors:         tally.Of(s.connectors),
	}
	if s.bundle != nil {
		result.TrustDigest = s.bundle.Parsed.Digest
		result.TrustAnchors = s.bundle.Anchors
	}
	all := conditions.Complete([]metav1.Condition{accepted(s), trustResolved(s)}, conditions.Summary{
		Order:        []string{v1alpha1.ConditionAccepted, v1alpha1.ConditionTrustResolved},
		ReadyMessage: "Connectors can link to the hub.",
	})
	result.Conditions = conditions.Merge(s.before.Status.Conditions, all, s.hub.Generation, now)
	return result
}

func accepted(s *scope) metav1.Condition {
	if !s.ownerExists {
		return conditions.False(v1alpha1.ConditionAccepted, v1alpha1.ReasonOwnerNotFound, fmt.Sprintf(
			"Agency %s, which owns the hub, does not exist; declare it, or correct ownerAgencyRef.", s.hub.Spec.OwnerAgencyRef.Name))
	}
	return conditions.True(v1alpha1.ConditionAccepted, v1alpha1.ReasonAccepted, fmt.Sprintf(
		"The hub belongs to Agency %s.", s.hub.Spec.OwnerAgencyRef.Name))
}

func trustResolved(s *scope) metav1.Condition {
	if s.unreadable != nil {
		return conditions.False(v1alpha1.ConditionTrustResolved, v1alpha1.ReasonTrustAnchorUnreadable, s.unreadable.Error())
	}
	return conditions.True(v1alpha1.ConditionTrustResolved, v1alpha1.ReasonTrustResolved, fmt.Sprintf(
		"Gateways trust %d certification authorities.", len(s.bundle.Anchors)))
}
