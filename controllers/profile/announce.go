package profile

import (
	"lienthong.gov.vn/connector-operator/controllers/turns"
)

// announce writes an Event for each step that an administrator should hear of.
func (r *Reconciler) announce(s *scope) {
	if kind, reason := turns.Event(s.before.Status.Rollout, s.profile.Status.Rollout); reason != "" {
		r.Recorder.Eventf(s.profile, nil, kind, reason, "RollOut", "%s", s.decision.Condition.Message)
	}
}
