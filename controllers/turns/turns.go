package turns

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

const (
	// settling is how long a turn lasts at least in which nothing moved: a pass of the Connector that began before may still write.
	settling = 30 * time.Second
	// obstacleRetry is how often what is in the way of the newest revision is looked at again: it is not in the cache, so nothing tells when it goes.
	obstacleRetry = 15 * time.Second
	// maxMessage is what the API takes.
	maxMessage = 1024
)

// carryOn takes over the turns that are not over. One that was given for an earlier change goes on with the newest, because its
// Connector may be disturbed already, and its time begins anew.
func (v *view) carryOn(r rules) {
	if v.before == nil || v.before.Revision != v.revision && !r.goesOn {
		return
	}
	now := metav1.NewTime(v.now.Truncate(time.Second))
	for _, turn := range v.before.Batch {
		m := v.byName[name{turn.Namespace, turn.Name}]
		if m == nil || v.hasTurn(m) {
			continue
		}
		if m.refused && v.behind(m) && r.through(v, &turn, m) {
			turn.Since = now
			v.refused = append(v.refused, turn)
			continue
		}
		v.resume(r, &turn, m, now)
		if !v.over(r, &turn, m) {
			v.batch = append(v.batch, turn)
		}
	}
}

// resume takes a turn over: its time begins anew with another change, and when the window opens for which the member has to wait.
func (v *view) resume(r rules, turn *v1alpha1.RolloutTurn, m *member, now metav1.Time) {
	changed := v.before.Revision != v.revision
	switch {
	case v.parked(m) && !v.mayWait(r, turn, m):
		turn.Since = metav1.NewTime(m.opens)
	case changed, turn.Since.After(v.now) && v.isOpen(m):
		turn.Since = now
	}
	if changed {
		turn.FromRevision = m.revision
	}
}

// over tells that a turn has ended: the member got through, or nobody may move it, or it has to wait for its window. One that was moved and
// is paused, so that somebody can look at it, keeps its turn until it got through.
func (v *view) over(r rules, turn *v1alpha1.RolloutTurn, m *member) bool {
	switch {
	case m.revision == "" || v.behind(m) && m.paused:
		return true
	case v.behind(m):
		return v.parked(m) && v.mayWait(r, turn, m) && (v.age(turn) >= settling || turn.Since.After(v.now))
	case unmoved(turn, m):
		return v.age(turn) >= settling && r.through(v, turn, m)
	default:
		return r.through(v, turn, m)
	}
}

// mayWait tells that a member that is behind is as it was before its turn, and can do without until its window opens. If that is soon, a
// pass that knew of the turn could still move it then.
func (v *view) mayWait(r rules, turn *v1alpha1.RolloutTurn, m *member) bool {
	return v.behind(m) && r.through(v, turn, m) && m.opens.Sub(v.now) > settling
}

// unmoved tells that a member has the revision that it had when its turn began. If that is the newest, the change was taken back.
func unmoved(turn *v1alpha1.RolloutTurn, m *member) bool { return m.revision == turn.FromRevision }

// through tells that a member is as it was before its turn: it works with all its pods, or does not for the reason for which it did not
// before. If that reason does not come back, or was one that passes, it holds up the others for the timeout at most.
func (v *view) through(turn *v1alpha1.RolloutTurn, m *member) bool {
	before := turn.NotReadyReason
	if before == "" || m.settled {
		return m.settled && !v.awaitsCertificate(turn, m)
	}
	return m.reason == before && !slices.Contains(passing(), before) || v.late(turn)
}

// awaitsCertificate tells that a member may be about to get another certificate. cert-manager calls one ready for a moment in which the next
// is in the Secret and not counted yet. An issuer that never gives what is asked for is not waited for.
func (v *view) awaitsCertificate(turn *v1alpha1.RolloutTurn, m *member) bool {
	age := v.age(turn)
	return m.short && !v.behind(m) && age >= 0 && age < settling
}

// passing are reasons for which every Connector does not work for a while after a change.
func passing() []string {
	return []string{v1alpha1.ReasonProgressing, v1alpha1.ReasonNotObserved, "Issuing", "Reissuing"}
}

// begin hands out turns until as many are under way as there is room for. Those that were not ready before go last, because they show
// the least of whether the change does harm.
func (v *view) begin(room int) {
	room -= v.lingering()
	next := slices.DeleteFunc(v.waiting(), func(m *member) bool { return m.paused || v.isRefused(m) || !v.isOpen(m) })
	slices.SortStableFunc(next, func(a, b *member) int { return cmp.Compare(v.rank(a), v.rank(b)) })
	for _, m := range next {
		if len(v.batch) >= room {
			return
		}
		turn := v1alpha1.RolloutTurn{
			Namespace: m.namespace, Name: m.name, Since: metav1.NewTime(v.now.Truncate(time.Second)), FromRevision: m.revision, NotReadyReason: m.reason,
		}
		v.batch = append(v.batch, turn)
		if i := v.wasRefused(m); i >= 0 {
			v.refused = slices.Delete(v.refused, i, i+1)
		}
	}
}

// rank is lower for whoever is to go first: who works, who does not, and then who was refused before, the longest ago first.
func (v *view) rank(m *member) int {
	switch i := v.wasRefused(m); {
	case i >= 0:
		return 1 + maxRefused - i
	case m.ready:
		return 0
	default:
		return 1
	}
}

func (v *view) age(turn *v1alpha1.RolloutTurn) time.Duration { return v.now.Sub(turn.Since.Time) }

func (v *view) late(turn *v1alpha1.RolloutTurn) bool {
	return v.policy.Timeout.Duration > 0 && v.age(turn) > v.policy.Timeout.Duration
}

func (v *view) batchSize() int   { return int(max(v.policy.BatchSize, 1)) }
func (v *view) maxFailures() int { return int(max(v.policy.MaxFailures, 1)) }

// failure says why a turn did not end in time; empty if it may still. One that waits for its window is not late, but one that is refused
// does not wait for that.
func (v *view) failure(turn *v1alpha1.RolloutTurn, m *member) string {
	took := v.policy.Timeout.Duration
	switch {
	case !v.late(turn), v.behind(m) && !v.isOpen(m) && !m.refused:
		return ""
	case v.behind(m):
		return fmt.Sprintf("It has not taken up the change after %s. %s", took, m.message)
	case m.ready:
		return fmt.Sprintf("Not all its pods use what the changed %s asks for after %s. Look at its pods.", v.of.Noun, took)
	default:
		return fmt.Sprintf("It is not ready under the changed %s after %s. %s", v.of.Noun, took, m.message)
	}
}

// next is when a turn runs out or may end, when a window opens for somebody who waits for it, or when what is in the way may have gone.
func (v *view) next() time.Duration {
	var next time.Duration
	for i := range v.batch {
		turn := &v.batch[i]
		m := v.byName[name{turn.Namespace, turn.Name}]
		if v.age(turn) >= 0 && (!v.behind(m) && (unmoved(turn, m) || m.short) || v.behind(m) && v.parked(m)) {
			next = sooner(next, settling-v.age(turn))
		}
		if v.behind(m) {
			next = sooner(next, m.opens.Sub(v.now))
		}
		if v.policy.Timeout.Duration > 0 {
			next = sooner(next, v.policy.Timeout.Duration-v.age(turn)+time.Millisecond)
		}
	}
	for _, m := range v.waiting() {
		next = sooner(next, m.opens.Sub(v.now))
	}
	if v.obstacle != "" {
		next = sooner(next, obstacleRetry)
	}
	for i := range v.refused {
		next = sooner(sooner(next, settling-v.age(&v.refused[i])), v.again()-v.age(&v.refused[i]))
	}
	return next
}

// sooner is the shorter of two waits, of which 0 and less is for ever.
func sooner(a, b time.Duration) time.Duration {
	switch {
	case a <= 0:
		return max(b, 0)
	case b <= 0:
		return a
	}
	return min(a, b)
}
