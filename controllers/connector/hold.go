package connector

import (
	"slices"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/conditions"
	"lienthong.gov.vn/connector-operator/gateway/status"
)

// newsTravels is how long after a pod became ready, or a Deployment available, the other of the two may be late with the same
// news. After that the status tells of both as they are.
const newsTravels = 30 * time.Second

// holdsBack tells whether the status stays as it is for now, and when to look again at the latest (0: at the next event). A
// Connector that comes up is told in many small steps; a status for each of them would double the calls that it costs, and
// every write wakes whoever counts Connectors. A new generation is not held back, nor is what was written that disturbs, nor by which
// profile and class it was; but an operator that has just been started does not take back that a Connector is ready, only because it has yet to ask.
func (s *scope) holdsBack(next v1alpha1.ConnectorStatus, now time.Time) (hold bool, again time.Duration) {
	before := s.before.Status
	yetToAsk := s.awaitsAnswer() && meta.IsStatusConditionTrue(before.Conditions, v1alpha1.ConditionReady)
	if before.ObservedGeneration != s.connector.Generation && !yetToAsk || !equality.Semantic.DeepEqual(before.Written, next.Written) ||
		before.Profile != next.Profile || before.ProfileRevision != next.ProfileRevision ||
		before.ClassName != next.ClassName || before.ClassRevision != next.ClassRevision {
		return false, 0
	}
	if again := s.newsUnderWay(now); again > 0 {
		return true, again
	}
	if again := max(s.comesUp(next, now), s.replaces(next, now)); again > 0 {
		return true, again
	}
	return s.awaitsAnswer() || onlyCountsOfARollout(before, next), 0
}

// progressPause is how long the status of a Connector that comes up for the first time may keep a step to itself. Bad news, and that
// the Connector is ready, is told at once.
const progressPause = 20 * time.Second

// comesUp is how much longer a Connector without its first certificate may go on coming up before its status tells how far it is; 0
// if there is something to tell.
func (s *scope) comesUp(next v1alpha1.ConnectorStatus, now time.Time) time.Duration {
	before := s.before.Status
	if before.Certificate != nil || meta.IsStatusConditionTrue(next.Conditions, v1alpha1.ConditionReady) {
		return 0
	}
	if s.leaf.Issued != nil && s.settled() && !s.awaitsAnswer() {
		return 0 // it has come as far as it can by itself
	}
	var told time.Time
	for _, c := range before.Conditions {
		told = latest(told, c.LastTransitionTime.Time)
	}
	for _, c := range next.Conditions {
		if b := meta.FindStatusCondition(before.Conditions, c.Type); b == nil || !isProgress(*b, c) {
			return 0
		}
	}
	return told.Add(progressPause).Sub(now)
}

// The replacement of a leaf may take a while before the status tells of its steps. Most are over sooner: then the status tells of the whole
// rotation at once. An issuer asked by many takes longer for each, and a status for each step of each would hold it up.
const (
	leastReplacementPause = 5 * time.Second
	mostReplacementPause  = 2 * time.Minute
	// shareOfPause is what each of those that are replaced at once adds.
	shareOfPause = 100 * time.Millisecond
)

func replacementPause(atOnce int) time.Duration {
	return min(max(leastReplacementPause, time.Duration(atOnce)*shareOfPause), mostReplacementPause)
}

// replacedSince is when the replacement of the leaf that is under way came as far as it is; zero if none is under way.
func (s *scope) replacedSince(next v1alpha1.ConnectorStatus) time.Time {
	since := s.leaf.IssuingSince
	if leaf := s.leaf.Issued; leaf != nil && leaf.IssuedAt != nil && next.Rotation != nil && next.Rotation.ServedAt == nil {
		since = latest(since, leaf.IssuedAt.Time)
	}
	return since
}

// replacing is how far the replacement of the leaf is; nil if none is under way, and none is urgent. What this very pass asked for is on its way,
// though the cache may not have it yet.
func (s *scope) replacing(next v1alpha1.ConnectorStatus, now time.Time) *underWay {
	u := underWay{
		awaited: !s.leaf.IssuingSince.IsZero() || !s.stopped() && !s.paused() && s.replacement() != nil && s.plan.retryAt.IsZero(),
		urgent:  !s.stopped() && s.isOut(now),
	}
	if !u.awaited && !u.urgent && s.replacedSince(next).IsZero() {
		return nil
	}
	return &u
}

// isOut tells that nobody accepts the newest leaf, or what a pod serves.
func (s *scope) isOut(now time.Time) bool {
	if leaf := s.leaf.Issued; leaf != nil && (!leaf.NotAfter.After(now) || s.isRevoked(s.newestSerial(), leaf.NotBefore)) {
		return true
	}
	return slices.ContainsFunc(s.reports(), func(r *status.Report) bool {
		return !r.NotAfter.After(now) || s.isRevoked(r.SerialNumber, r.NotBefore)
	})
}

// replaces is how much longer the steps of a replacement of the leaf may stay untold; 0 if none is under way, or if something else is
// to be told.
func (s *scope) replaces(next v1alpha1.ConnectorStatus, now time.Time) time.Duration {
	before, since := s.before.Status, s.replacedSince(next)
	if since.IsZero() || before.Certificate == nil || before.TrustDigest != next.TrustDigest || before.RevocationDigest != next.RevocationDigest {
		return 0
	}
	for _, c := range next.Conditions {
		b := meta.FindStatusCondition(before.Conditions, c.Type)
		if c.Type != v1alpha1.ConditionRenewalAccepted && (b == nil || b.Status != c.Status) {
			return 0
		}
	}
	return since.Add(replacementPause(s.replacedAtOnce)).Sub(now)
}

// isProgress tells that a condition says the same, became True, or is still on its way.
func isProgress(before, after metav1.Condition) bool {
	underWay := []string{v1alpha1.ReasonProgressing, v1alpha1.ReasonNotObserved, "Issuing"}
	return conditions.SameOutcome(before, after) || after.Status == metav1.ConditionTrue ||
		before.Status != metav1.ConditionTrue && slices.Contains(underWay, after.Reason)
}

// newsUnderWay is how much longer pods and Deployment may disagree about how many are ready: each has a watch of its own.
func (s *scope) newsUnderWay(now time.Time) time.Duration {
	if s.deployment == nil {
		return 0
	}
	newest, ready := availableSince(s.deployment), int32(0)
	for _, p := range s.pods {
		if p.ready {
			ready++
			newest = latest(newest, p.readySince)
		}
	}
	if ready == s.deployment.Status.AvailableReplicas {
		return 0
	}
	return newest.Add(newsTravels).Sub(now)
}

func availableSince(d *appsv1.Deployment) time.Time {
	for _, c := range d.Status.Conditions {
		if c.Type == appsv1.DeploymentAvailable && c.Status == corev1.ConditionTrue {
			return c.LastTransitionTime.Time
		}
	}
	return time.Time{}
}

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// onlyCountsOfARollout tells that pods still roll out and that no outcome differs. What is left are counts, which the next pod
// changes again. Kubernetes bounds a roll-out, and its end is an outcome.
func onlyCountsOfARollout(before, after v1alpha1.ConnectorStatus) bool {
	rollsOut := func(list []metav1.Condition) bool {
		c := meta.FindStatusCondition(list, v1alpha1.ConditionWorkloadAvailable)
		return c != nil && c.Status == metav1.ConditionFalse && c.Reason == v1alpha1.ReasonProgressing
	}
	return rollsOut(before.Conditions) && rollsOut(after.Conditions) && slices.EqualFunc(before.Conditions, after.Conditions, conditions.SameOutcome) &&
		sameCertificate(before.Certificate, after.Certificate) && before.TrustDigest == after.TrustDigest &&
		before.RevocationDigest == after.RevocationDigest && before.RenewRequestedAt == after.RenewRequestedAt &&
		equality.Semantic.DeepEqual(before.Rotation, after.Rotation) &&
		before.SPIFFEID == after.SPIFFEID && before.SecurityLevel == after.SecurityLevel &&
		equality.Semantic.DeepEqual(before.ApprovedLevel, after.ApprovedLevel) && equality.Semantic.DeepEqual(before.Compliance, after.Compliance)
}

func sameCertificate(a, b *v1alpha1.CertificateStatus) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.SerialNumber == b.SerialNumber && a.Revision == b.Revision && a.RenewalTime.Equal(b.RenewalTime)
}
