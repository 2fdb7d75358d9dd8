package hub

import (
	"fmt"
	"slices"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/conditions"
	"lienthong.gov.vn/connector-operator/controllers/tally"
)

// observedStatus computes the whole status from what was read and decided. It is pure.
func observedStatus(s *scope, now time.Time) v1alpha1.ExchangeHubStatus {
	result := v1alpha1.ExchangeHubStatus{
		ObservedGeneration: s.hub.Generation,
		Connectors:         tally.Of(s.connectors),
		RevokedIdentities:  s.hub.Status.RevokedIdentities,
		RevocationDigest:   s.revocations.Digest,
		// What cannot be read now stays in force as it was.
		TrustDigest:  s.before.Status.TrustDigest,
		TrustAnchors: s.before.Status.TrustAnchors,
		Rollover:     s.before.Status.Rollover,
	}
	if s.bundle != nil {
		result.TrustDigest = s.kept.Parsed.Digest
		result.TrustAnchors = observedAnchors(s)
		result.Rollover = s.decision.Status.DeepCopy()
	}
	observed := []metav1.Condition{accepted(s), trustResolved(s, now)}
	order := []string{v1alpha1.ConditionAccepted, v1alpha1.ConditionTrustResolved}
	if c := published(s); c != nil {
		observed, order = append(observed, *c), append(order, conditionPublished)
	}
	all := conditions.Complete(append(observed, rolloverComplete(s)), conditions.Summary{
		Order: order, ReadyMessage: "Connectors can link to the hub.",
	})
	result.Conditions = conditions.Merge(s.before.Status.Conditions, all, s.hub.Generation, now)
	return result
}

func observedAnchors(s *scope) []v1alpha1.ObservedTrustAnchor {
	result := slices.Clone(s.kept.Anchors)
	for i := range result {
		result[i].UsedBy = new(s.decision.Uses[result[i].SHA256])
		if since, leaving := s.decision.UnusedSince[result[i].SHA256]; leaving {
			result[i].UnusedSince = new(metav1.NewTime(since))
		}
	}
	return result
}

func rolloverComplete(s *scope) metav1.Condition {
	if s.bundle == nil {
		return conditions.Unknown(v1alpha1.ConditionRolloverComplete, v1alpha1.ReasonTrustAnchorUnreadable,
			"Nobody is moved to another certification authority while a trust anchor cannot be read.")
	}
	return s.decision.Condition
}

func accepted(s *scope) metav1.Condition {
	if !s.ownerExists {
		return conditions.False(v1alpha1.ConditionAccepted, v1alpha1.ReasonOwnerNotFound, fmt.Sprintf(
			"Agency %s, which owns the hub, does not exist; declare it, or correct ownerAgencyRef.", s.hub.Spec.OwnerAgencyRef.Name))
	}
	message := fmt.Sprintf("The hub belongs to Agency %s.", s.hub.Spec.OwnerAgencyRef.Name)
	if missing := s.revocations.Unresolved; len(missing) > 0 {
		message += fmt.Sprintf(" Nothing is revoked of %s, which revocations names and which does not exist; correct the name.",
			enumerate(missing))
	}
	return conditions.True(v1alpha1.ConditionAccepted, v1alpha1.ReasonAccepted, message)
}

// untilExpiry is how long until the next anchor expires; 0 if none will.
func untilExpiry(anchors []v1alpha1.ObservedTrustAnchor, now time.Time) time.Duration {
	var next time.Duration
	for i := range anchors {
		next = sooner(next, anchors[i].NotAfter.Sub(now))
	}
	return next
}

// untilForgotten is how long until the last certificates of the next revoked identity have expired; 0 if none is revoked.
func untilForgotten(revoked []v1alpha1.RevokedIdentity, now time.Time) time.Duration {
	var next time.Duration
	for i := range revoked {
		next = sooner(next, revoked[i].Until.Sub(now))
	}
	return next
}
