package hub

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

// announce writes an Event for each change that an administrator should hear of: once per change, because the status as it was is
// compared with the one that was written.
func (r *Reconciler) announce(s *scope) {
	before, after := &s.before.Status, &s.hub.Status
	if from, to := phaseOf(before), phaseOf(after); from != "" && from != to {
		complete := meta.FindStatusCondition(after.Conditions, v1alpha1.ConditionRolloverComplete)
		r.Recorder.Eventf(s.hub, nil, corev1.EventTypeNormal, "Rollover"+string(to), "Rollover", "%s", complete.Message)
	}
	if c := meta.FindStatusCondition(after.Conditions, v1alpha1.ConditionRolloverComplete); paused(after) && !paused(before) {
		r.Recorder.Eventf(s.hub, nil, corev1.EventTypeWarning, v1alpha1.ReasonRolloverPaused, "Rollover", "%s", c.Message)
	}
	r.announceAnchors(s)
	if before.RevocationDigest != after.RevocationDigest && (before.RevocationDigest != "" || s.revocations.Entries() > 0) {
		list := &s.revocations.List
		r.Recorder.Eventf(s.hub, nil, corev1.EventTypeWarning, "RevocationsChanged", "Revoke",
			"Revoked are now %s, %s, and %s whose right was lost.", plural(len(list.SerialNumbers), "serial number", "serial numbers"),
			plural(len(list.Agencies), "agency", "agencies"), plural(len(list.Identities), "identity", "identities"))
	}
}

func (r *Reconciler) announceAnchors(s *scope) {
	before, after := states(&s.before.Status), states(&s.hub.Status)
	var held, distrusted, dropped []string
	for _, a := range s.hub.Status.TrustAnchors {
		switch is, was := a.State, before[a.SHA256].State; {
		case is == v1alpha1.TrustAnchorHeld && was != is:
			held = append(held, a.Name)
		case is == v1alpha1.TrustAnchorDistrusted && was != is:
			distrusted = append(distrusted, a.Name)
		}
	}
	for _, a := range s.before.Status.TrustAnchors {
		if _, there := after[a.SHA256]; !there && a.State != v1alpha1.TrustAnchorDistrusted {
			dropped = append(dropped, a.Name)
		}
	}
	trust := meta.FindStatusCondition(s.hub.Status.Conditions, v1alpha1.ConditionTrustResolved)
	if len(held) > 0 {
		r.Recorder.Eventf(s.hub, nil, corev1.EventTypeNormal, "TrustAnchorHeld", "Hold", "%s", trust.Message)
	}
	if len(distrusted) > 0 {
		r.Recorder.Eventf(s.hub, nil, corev1.EventTypeWarning, "TrustAnchorDistrusted", "Distrust", "%s", trust.Message)
	}
	if len(dropped) > 0 {
		r.Recorder.Eventf(s.hub, nil, corev1.EventTypeNormal, "TrustAnchorDropped", "Drop",
			"Out of force, because they were removed from the list and nobody relies on them: %s.", enumerate(slices.Compact(dropped)))
	}
}

func phaseOf(status *v1alpha1.ExchangeHubStatus) v1alpha1.RolloverPhase {
	if status.Rollover == nil {
		return ""
	}
	return status.Rollover.Phase
}

func paused(status *v1alpha1.ExchangeHubStatus) bool {
	c := meta.FindStatusCondition(status.Conditions, v1alpha1.ConditionRolloverComplete)
	return c != nil && c.Reason == v1alpha1.ReasonRolloverPaused
}

func states(status *v1alpha1.ExchangeHubStatus) map[string]v1alpha1.ObservedTrustAnchor {
	result := make(map[string]v1alpha1.ObservedTrustAnchor, len(status.TrustAnchors))
	for _, a := range status.TrustAnchors {
		result[a.SHA256] = a
	}
	return result
}
