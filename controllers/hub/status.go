package hub

import (
	"fmt"
	"strings"
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
	all := conditions.Complete([]metav1.Condition{accepted(s), trustResolved(s, now)}, conditions.Summary{
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

func trustResolved(s *scope, now time.Time) metav1.Condition {
	if s.unreadable != nil {
		return conditions.False(v1alpha1.ConditionTrustResolved, v1alpha1.ReasonTrustAnchorUnreadable, s.unreadable.Error())
	}
	var expired []string
	for _, a := range s.bundle.Anchors {
		if !a.NotAfter.After(now) {
			expired = append(expired, a.Name)
		}
	}
	if len(expired) == len(s.bundle.Anchors) {
		return conditions.False(v1alpha1.ConditionTrustResolved, v1alpha1.ReasonTrustAnchorExpired, fmt.Sprintf(
			"Every trust anchor has expired (%s), so no peer can be verified; add the certificate of an authority that is valid.", strings.Join(expired, ", ")))
	}
	message := fmt.Sprintf("Gateways trust %d certification authorities.", len(s.bundle.Anchors)-len(expired))
	if len(expired) > 0 {
		message += fmt.Sprintf(" Expired, and of no use any more: %s.", strings.Join(expired, ", "))
	}
	return conditions.True(v1alpha1.ConditionTrustResolved, v1alpha1.ReasonTrustResolved, message)
}

// untilExpiry is how long until the next anchor expires; 0 if none will.
func untilExpiry(anchors []v1alpha1.ObservedTrustAnchor, now time.Time) time.Duration {
	var next time.Duration
	for _, a := range anchors {
		if left := a.NotAfter.Sub(now); left > 0 && (next == 0 || left < next) {
			next = left
		}
	}
	return next
}
