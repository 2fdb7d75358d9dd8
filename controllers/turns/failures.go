package turns

import (
	"fmt"
	"slices"
	"strings"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/conditions"
)

// maxFailed is what the API takes.
const maxFailed = 16

// deleted begins the message of one that had failed and is gone.
func (s Subject) deleted() string {
	return fmt.Sprintf("It was deleted, or left the %s, before it got through. ", s.Noun)
}

// isPaused tells that too many failed for others to begin: as many as may, or as many as have room.
func (v *view) isPaused() bool {
	failed := len(v.failures())
	return failed >= v.maxFailures() || failed-len(v.gone()) >= v.batchSize()
}

// failures are those whose turn ended by their deletion, and the turns that did not end in time, in the order of the batch.
func (v *view) failures() []v1alpha1.RolloutFailure {
	failures := v.gone()
	for i := range v.batch {
		turn := &v.batch[i]
		if message := v.failure(turn, v.byName[name{turn.Namespace, turn.Name}]); message != "" {
			failures = append(failures, v1alpha1.RolloutFailure{
				Namespace: turn.Namespace, Name: turn.Name, Message: conditions.Shorten(message, maxMessage),
			})
		}
	}
	return failures
}

func (v *view) failed(phase v1alpha1.RolloutPhase) []v1alpha1.RolloutFailure {
	if phase == v1alpha1.RolloutComplete {
		return nil
	}
	failures := v.failures()
	return failures[:min(len(failures), maxFailed)]
}

// gone are the failed that are members no more, so that deleting one gives no other its place: what it showed of the change holds until there
// is another. One that came back under the same name and does not work has not mended anything.
func (v *view) gone() []v1alpha1.RolloutFailure {
	if v.before == nil || v.before.Revision != v.revision {
		return nil
	}
	var gone []v1alpha1.RolloutFailure
	for _, f := range v.before.Failed {
		if !v.isGone(v.byName[name{f.Namespace, f.Name}], &f) {
			continue
		}
		began := v.of.deleted()
		f.Message = conditions.Shorten(began+strings.TrimPrefix(f.Message, began), maxMessage)
		gone = append(gone, f)
	}
	return gone
}

// isGone tells whether one that had failed is gone, or has come back. Whoever had a turn until now has ended it.
func (v *view) isGone(m *member, f *v1alpha1.RolloutFailure) bool {
	if m == nil {
		return true
	}
	hadTurn := slices.ContainsFunc(v.before.Batch, func(t v1alpha1.RolloutTurn) bool { return t.Namespace == f.Namespace && t.Name == f.Name })
	return !m.settled && !v.behind(m) && !v.hasTurn(m) && (m.revision == "" || !hadTurn)
}
