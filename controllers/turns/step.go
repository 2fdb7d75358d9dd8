package turns

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

// Event is what an administrator should hear of, from the status as it was to the one that was written: once per step. The reason is empty
// if there is nothing to tell.
func Event(before, after *v1alpha1.RolloutProgress) (kind, reason string) {
	reason = step(before, after)
	if reason == eventPaused {
		return corev1.EventTypeWarning, reason
	}
	return corev1.EventTypeNormal, reason
}

// step names what happened between two statuses; empty if nothing did. What is seen for the first time has
// something to roll out only if Connectors come to it from another profile.
func step(before, after *v1alpha1.RolloutProgress) string {
	if before == nil {
		before = &v1alpha1.RolloutProgress{Phase: v1alpha1.RolloutComplete, Revision: after.Revision}
	}
	changed := before.Revision != after.Revision
	switch {
	case !changed && before.Phase == after.Phase:
		return ""
	case after.Phase == v1alpha1.RolloutComplete:
		return eventComplete
	case after.Phase == v1alpha1.RolloutPaused:
		return eventPaused
	case !changed && before.Phase == v1alpha1.RolloutPaused:
		return eventResumed
	default:
		return eventBegun
	}
}
