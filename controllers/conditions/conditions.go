// Package conditions turns what a controller concluded into the conditions of a status, by the rules that every kind shares:
// Ready sums up the others, a missing one counts as Unknown, the first that fails gives the reason, and kstatus can read it.
//
// It runs at the end of every reconcile. It is pure: the previous conditions and the time are handed in, so nothing is lost
// when the operator restarts.
package conditions

import (
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

// maxMessage is the length at which messages are cut, in bytes; the API allows 32768, and a reader wants a sentence.
const maxMessage = 1024

// True is a condition that holds.
func True(conditionType, reason, message string) metav1.Condition {
	return metav1.Condition{Type: conditionType, Status: metav1.ConditionTrue, Reason: reason, Message: message}
}

// False is a condition that does not hold.
func False(conditionType, reason, message string) metav1.Condition {
	return metav1.Condition{Type: conditionType, Status: metav1.ConditionFalse, Reason: reason, Message: message}
}

// Unknown is a condition that was not seen.
func Unknown(conditionType, reason, message string) metav1.Condition {
	return metav1.Condition{Type: conditionType, Status: metav1.ConditionUnknown, Reason: reason, Message: message}
}

// Summary is how the conditions of a kind add up to Ready.
type Summary struct {
	// Order are the types that Ready sums up; the first one that is not True gives the reason and the message.
	Order []string
	// ReadyMessage is the sentence of Ready when all are True.
	ReadyMessage string
	// Stalled tells that nothing moves before a person acts, so that kstatus reports Failed instead of InProgress.
	Stalled bool
}

// Complete adds Ready, and Reconciling or Stalled where they apply, to what a controller observed.
func Complete(observed []metav1.Condition, s Summary) []metav1.Condition {
	ready := summarize(observed, s)
	result := append(slices.Clone(observed), ready)
	switch {
	case ready.Status == metav1.ConditionTrue:
	case s.Stalled:
		result = append(result, True(v1alpha1.ConditionStalled, ready.Reason, ready.Message))
	default:
		result = append(result, True(v1alpha1.ConditionReconciling, ready.Reason, ready.Message))
	}
	return result
}

func summarize(observed []metav1.Condition, s Summary) metav1.Condition {
	var unknown *metav1.Condition
	for _, conditionType := range s.Order {
		c := meta.FindStatusCondition(observed, conditionType)
		if c == nil {
			missing := Unknown(conditionType, v1alpha1.ReasonNotObserved, conditionType+" was not observed yet.")
			c = &missing
		}
		if c.Status == metav1.ConditionFalse {
			return False(v1alpha1.ConditionReady, c.Reason, c.Message)
		}
		if c.Status == metav1.ConditionUnknown && unknown == nil {
			unknown = c
		}
	}
	if unknown != nil {
		return Unknown(v1alpha1.ConditionReady, unknown.Reason, unknown.Message)
	}
	return True(v1alpha1.ConditionReady, v1alpha1.ReasonReady, s.ReadyMessage)
}

// Merge gives the conditions to write: exactly the wanted ones, in their order, each with the observed generation, and with
// the previous transition time where its status did not change.
func Merge(previous, wanted []metav1.Condition, generation int64, now time.Time) []metav1.Condition {
	result := make([]metav1.Condition, 0, len(wanted))
	for _, c := range wanted {
		c.ObservedGeneration = generation
		c.Message = Shorten(c.Message, maxMessage)
		c.LastTransitionTime = metav1.NewTime(now.Truncate(time.Second))
		if p := meta.FindStatusCondition(previous, c.Type); p != nil && p.Status == c.Status {
			c.LastTransitionTime = p.LastTransitionTime
		}
		result = append(result, c)
	}
	return result
}

// IsTrue tells whether a condition is True and tells of the given generation.
func IsTrue(list []metav1.Condition, conditionType string, generation int64) bool {
	c := meta.FindStatusCondition(list, conditionType)
	return c != nil && c.Status == metav1.ConditionTrue && c.ObservedGeneration == generation
}

// SameOutcome tells whether two conditions say the same, their words and times aside.
func SameOutcome(a, b metav1.Condition) bool {
	return a.Type == b.Type && a.Status == b.Status && a.Reason == b.Reason && a.ObservedGeneration == b.ObservedGeneration
}

// Shorten cuts a text that is longer than most bytes, between two characters, and marks the cut.
func Shorten(text string, most int) string {
	if len(text) <= most {
		return text
	}
	cut := most - len("…")
	for cut > 0 && text[cut]&0xC0 == 0x80 {
		cut--
	}
	return text[:cut] + "…"
}
