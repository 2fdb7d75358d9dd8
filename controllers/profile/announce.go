package profile

import (
	corev1 "k8s.io/api/core/v1"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

// Reasons of the Events of a roll-out.
const (
	eventBegun    = "RolloutBegun"
	eventPaused   = "RolloutPaused"
	eventResumed  = "RolloutResumed"
	eventComplete = "RolloutComplete"
)

// announce writes an Event for each step that an administrator should hear of: once per step, because the status as it was is compared
// with the one that was written.
func (r *Reconciler) announce(s *scope) {
	reason := step(s.before.Status.Rollout, s.profile.Status.Rollout)
	if reason == "" {
		return
	}
	kind := corev1.EventTypeNormal
	if reason == eventPaused {
		kind = corev1.EventTypeWarning
	}
	r.Recorder.Eventf(s.profile, nil, kind, reason, "RollOut", "%s", s.decision.condition.Message)
}

// step names what happened between two statuses; empty if nothing did. A profile that is seen for the first time has
// something to roll out only if Connectors come to it from another.
func step(before, after *v1alpha1.ProfileRolloutStatus) string {
	if before == nil {
		before = &v1alpha1.ProfileRolloutStatus{Phase: v1alpha1.ProfileComplete, Revision: after.Revision}
	}
	changed := before.Revision != after.Revision
	switch {
	case !changed && before.Phase == after.Phase:
		return ""
	case after.Phase == v1alpha1.ProfileComplete:
		return eventComplete
	case after.Phase == v1alpha1.ProfilePaused:
		return eventPaused
	case !changed && before.Phase == v1alpha1.ProfilePaused:
		return eventResumed
	default:
		return eventBegun
	}
}
