package connector

import (
	"time"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/desired"
	"lienthong.gov.vn/connector-operator/gateway/status"
)

// restartFor gives what the pod template is marked with: another mark replaces the pods one after the other, each new one before
// an old one goes. That is the method of a class that cannot reload, and for a single pod that does not follow, which could not be
// evicted without a gap. urgent restarts do not wait for a maintenance window.
func restartFor(s *scope, now time.Time) (mark string, urgent bool) {
	if s.deployment == nil || s.class == nil {
		return "", false
	}
	mark = desired.RestartedFor(s.deployment.Spec.Template)
	if s.expected == nil || s.expected.leaf == nil {
		return mark, false
	}
	lags := false
	for _, p := range s.pods {
		if s.isStale(p) {
			lags, urgent = true, true
			continue
		}
		if p.report() != nil && !s.expected.metBy(p.report()) && s.mustRestart(p, now) {
			lags, urgent = true, urgent || s.cannotWait(p.report(), now)
		}
	}
	// What cannot wait does not wait for other pods either: each new one comes before an old one goes.
	if !lags || !urgent && !s.settled() {
		return mark, false
	}
	return s.expected.mark(), urgent
}

// isStale tells that a pod, which cannot reload, is silent and older than the newest leaf: it may serve what nobody accepts any more.
func (s *scope) isStale(p pod) bool {
	return p.answer != nil && p.report() == nil && s.class.Spec.Rotation.Method == v1alpha1.RotationRestart &&
		p.created.Before(s.expected.leaf.NotBefore)
}

// mustRestart tells whether a lagging pod is to be replaced through the Deployment.
func (s *scope) mustRestart(p pod, now time.Time) bool {
	if s.class.Spec.Rotation.Method == v1alpha1.RotationRestart {
		return true
	}
	return s.replicas() == 1 && s.stuck(p, now)
}

// stuck tells whether a pod that can reload has had its time. One that says why it does not follow would not do better after a
// restart: what it was given cannot be used, and the last good certificate is worth more than a pod that waits.
func (s *scope) stuck(p pod, now time.Time) bool {
	report := p.report()
	if report == nil || s.expected == nil || s.expected.metBy(report) || len(report.Problems) > 0 {
		return false
	}
	urged, ok := parseSync(p.sync)
	return ok && urged.digest == s.expected.mark() && !now.Before(urged.first.Add(s.class.Spec.Rotation.FollowWithin.Duration))
}

// toEvict finds the pod to restart now: one at a time, and only while all others serve. It is nil if there is none.
func toEvict(s *scope, now time.Time) (p *pod, held bool) {
	if s.stopped() || s.paused() || s.awaitsTurn() || s.class == nil ||
		s.class.Spec.Rotation.Method == v1alpha1.RotationRestart || s.replicas() < 2 || !s.settled() {
		return nil, false
	}
	for i := range s.pods {
		if !s.stuck(s.pods[i], now) {
			continue
		}
		if s.plan.closed && !s.cannotWait(s.pods[i].report(), now) {
			held = true
			continue
		}
		return &s.pods[i], false
	}
	return nil, held
}

// cannotWait tells whether a lagging pod is restarted outside of the maintenance windows: it knows too little of what is revoked,
// or its certificate is revoked or would expire before a window opens.
func (s *scope) cannotWait(report *status.Report, now time.Time) bool {
	if report.RevocationDigest != s.expected.revocations || s.revocations.Check(report.SerialNumber, s.spiffeID(), report.NotBefore) != nil {
		return true
	}
	return !s.windows.Unrestricted() && !report.NotAfter.After(s.windows.Next(now).Add(s.class.Spec.Rotation.FollowWithin.Duration))
}

// settled tells that the Deployment is as it should be, with every pod ready.
func (s *scope) settled() bool {
	d := s.deployment
	if d == nil || d.Status.ObservedGeneration != d.Generation || int32(len(s.pods)) != s.replicas() ||
		d.Status.UpdatedReplicas != s.replicas() || d.Status.AvailableReplicas != s.replicas() {
		return false
	}
	for _, p := range s.pods {
		if !p.ready {
			return false
		}
	}
	return true
}

// replicas is how many pods the Deployment asks for.
func (s *scope) replicas() int32 {
	if s.deployment == nil || s.deployment.Spec.Replicas == nil {
		return 0
	}
	return *s.deployment.Spec.Replicas
}
