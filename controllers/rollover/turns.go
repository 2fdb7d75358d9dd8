package rollover

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/conditions"
)

const (
	// settling is how long it takes at most until what was issued is known. So long a turn lasts that was taken back before a certificate
	// was seen, and an anchor stays that nobody is known to rely on.
	settling = 30 * time.Second
	// maxFailed and maxMessage are what the API takes.
	maxFailed  = 16
	maxMessage = 512
)

// carryOn takes over the turns that are not over, as they were first written, or anew if the hub now asks something else of the member.
func (v *view) carryOn() {
	if v.Before == nil {
		return
	}
	for _, turn := range v.Before.Batch {
		m := v.byName[name{turn.Namespace, turn.Name}]
		if m == nil || v.hasTurn(m) {
			continue
		}
		if !same(v.Issuer, v.issuerBefore()) || v.right(m) != v.wasRight(m) {
			turn.Since, turn.FromSerialNumber = v.thisSecond(), m.Serial
		}
		if !v.over(turn, m) {
			v.batch = append(v.batch, turn)
		}
	}
}

// thisSecond is the time as the API keeps it.
func (v *view) thisSecond() metav1.Time { return metav1.NewTime(v.Now.Truncate(time.Second)) }

func (v *view) hasTurn(m *Member) bool {
	return slices.ContainsFunc(v.batch, func(t v1alpha1.RolloverTurn) bool { return t.Namespace == m.Namespace && t.Name == m.Name })
}

// over tells that a turn has ended: the member got through, or it need not move any more, or nobody may move it.
func (v *view) over(turn v1alpha1.RolloverTurn, m *Member) bool {
	switch {
	case m.Excluded || !m.HasCertificate:
		return true
	case !v.right(m) || !m.Served:
		return false
	case takenBack(turn, m):
		return v.Now.Sub(turn.Since.Time) >= settling
	default:
		return v.done(m)
	}
}

// takenBack tells that a member got no other certificate since its turn was last begun. If it need not move, its hub was changed back.
func takenBack(turn v1alpha1.RolloverTurn, m *Member) bool { return m.Serial == turn.FromSerialNumber }

// begin hands out turns until as many are under way as there is room for. Those who cannot wait go first, and those who did
// not work before go last, so that they do not stop the others.
func (v *view) begin(room int) {
	next := slices.DeleteFunc(v.waiting(), func(m *Member) bool { return !m.Eligible && !v.urgent(m) })
	slices.SortStableFunc(next, func(a, b *Member) int { return cmp.Compare(v.rank(a), v.rank(b)) })
	failures := len(v.failures())
	for _, m := range next {
		if len(v.batch) >= room || failures >= v.maxFailures() {
			return
		}
		turn := v1alpha1.RolloverTurn{
			Namespace: m.Namespace, Name: m.Name, Since: v.thisSecond(), FromSerialNumber: m.Serial,
		}
		v.batch = append(v.batch, turn)
		if v.failure(turn, m) != "" {
			failures++
		}
	}
}

func (v *view) rank(m *Member) int {
	switch {
	case v.urgent(m):
		return 0
	case m.Problem == "":
		return 1
	default:
		return 2
	}
}

func (v *view) maxFailures() int { return int(max(v.Policy.MaxFailures, 1)) }

// paused tells that too many failed for others to begin.
func (v *view) paused() bool { return len(v.failures()) >= v.maxFailures() }

// failures are the turns that do not get on, in the order of the batch.
func (v *view) failures() []v1alpha1.RolloverFailure {
	var failures []v1alpha1.RolloverFailure
	for _, turn := range v.batch {
		if message := v.failure(turn, v.byName[name{turn.Namespace, turn.Name}]); message != "" {
			failures = append(failures, v1alpha1.RolloverFailure{
				Namespace: turn.Namespace, Name: turn.Name, Message: conditions.Shorten(message, maxMessage),
			})
		}
	}
	return failures
}

func (v *view) failed() []v1alpha1.RolloverFailure {
	failures := v.failures()
	return failures[:min(len(failures), maxFailed)]
}

// failure says why a turn does not get on; empty if it does. What the member suffers from because nobody accepts its
// certificate is why it has its turn, and no failure of it.
func (v *view) failure(turn v1alpha1.RolloverTurn, m *Member) string {
	late := v.Policy.Timeout.Duration > 0 && v.Now.Sub(turn.Since.Time) > v.Policy.Timeout.Duration
	switch {
	case v.right(m) && m.Served && takenBack(turn, m):
		return ""
	case !v.right(m) && same(m.Issuer, v.Issuer) && !takenBack(turn, m):
		return fmt.Sprintf("Its new certificate from %s ends in no anchor of trustAnchors. Replace the certification authority behind the issuer "+
			"and renew the Connector by the annotation %s, or put the authority's anchor into trustAnchors.",
			describe(v.Issuer), v1alpha1.AnnotationRenewRequestedAt)
	case m.Problem != "" && !v.cutOff(m):
		return m.Problem
	case late && v.right(m):
		return fmt.Sprintf("Not all its pods serve the new certificate after %s. Look at its pods.", v.Policy.Timeout.Duration)
	case late:
		return fmt.Sprintf("It has no certificate from %s after %s. Look at its Certificate, and at the issuer.",
			describe(v.Issuer), v.Policy.Timeout.Duration)
	default:
		return ""
	}
}

// next is when a turn runs out, one that was taken back has settled, or an anchor leaves.
func (v *view) next() time.Duration {
	var next time.Duration
	sooner := func(rest time.Duration) {
		if rest > 0 && (next == 0 || rest < next) {
			next = rest
		}
	}
	for _, since := range v.leaving {
		sooner(settling - v.Now.Sub(since))
	}
	for _, turn := range v.batch {
		m, age := v.byName[name{turn.Namespace, turn.Name}], v.Now.Sub(turn.Since.Time)
		switch {
		case v.right(m) && m.Served && takenBack(turn, m):
			sooner(settling - age)
		case v.failure(turn, m) == "" && v.Policy.Timeout.Duration > 0:
			sooner(v.Policy.Timeout.Duration - age + time.Millisecond)
		}
	}
	return next
}
