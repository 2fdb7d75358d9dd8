package waiver

import (
	"fmt"
	"slices"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/civil"
	"lienthong.gov.vn/connector-operator/controllers/compliance"
	"lienthong.gov.vn/connector-operator/controllers/conditions"
	"lienthong.gov.vn/connector-operator/controllers/precedence"
)

// inForce is what Ready sums up beside Accepted. It has no condition of its own, because it would repeat Ready.
const inForce = "InForce"

// judge gives the status of the waiver, and when it changes by time alone; zero if it does not.
func judge(s *scope) (v1alpha1.DutyWaiverStatus, time.Time) {
	accepted, asked := examine(s)
	term := compliance.TermOf(s.waiver, s.of.Today)
	wanted := conditions.Complete([]metav1.Condition{accepted, judgeTerm(s.waiver, term, asked)}, conditions.Summary{
		Order: []string{v1alpha1.ConditionAccepted, inForce},
		ReadyMessage: fmt.Sprintf("The waiver holds: until %s, it excuses from %s.%s",
			s.waiver.Spec.Until, strings.Join(asked, ", "), superfluous(s.waiver, asked)),
		Stalled: accepted.Status != metav1.ConditionTrue || term == compliance.TermEnded,
	})
	wanted = slices.DeleteFunc(wanted, func(c metav1.Condition) bool { return c.Type == inForce })
	return v1alpha1.DutyWaiverStatus{
		Conditions:         conditions.Merge(s.waiver.Status.Conditions, wanted, s.waiver.Generation, s.now),
		ObservedGeneration: s.waiver.Generation,
		RecordedAt:         precedence.Recorded(s.waiver),
	}, nextTerm(s, term)
}

// examine tells whether the waiver is accepted, and which of its duties are asked for, sorted.
func examine(s *scope) (accepted metav1.Condition, asked []string) {
	asked = slices.Sorted(slices.Values(s.waiver.Spec.Duties))
	if denial := compliance.ExamineWaiver(s.waiver, s.of); denial != nil {
		return conditions.False(v1alpha1.ConditionAccepted, denial.Reason, denial.Message), asked
	}
	unasked := compliance.Unasked(s.waiver, s.of)
	asked = slices.DeleteFunc(asked, func(kind string) bool { return slices.Contains(unasked, kind) })
	return conditions.True(v1alpha1.ConditionAccepted, v1alpha1.ReasonAccepted, "The waiver is accepted."+superfluous(s.waiver, asked)), asked
}

// superfluous names the duties that are not asked for; empty if all are.
func superfluous(waiver *v1alpha1.DutyWaiver, asked []string) string {
	unasked := slices.Sorted(slices.Values(waiver.Spec.Duties))
	unasked = slices.DeleteFunc(unasked, func(kind string) bool { return slices.Contains(asked, kind) })
	if len(unasked) == 0 {
		return ""
	}
	return fmt.Sprintf(" No SecurityProfile asks for %s at the level of Connector %s, so there it excuses from nothing.",
		strings.Join(unasked, ", "), waiver.Spec.ConnectorRef.Name)
}

func judgeTerm(waiver *v1alpha1.DutyWaiver, term compliance.Term, asked []string) metav1.Condition {
	switch term {
	case compliance.TermToCome:
		return conditions.False(inForce, v1alpha1.ReasonNotYetInForce, fmt.Sprintf("The waiver holds from %s on.", waiver.Spec.From))
	case compliance.TermEnded:
		return conditions.False(inForce, v1alpha1.ReasonExpired, fmt.Sprintf(
			"The waiver ended on %s and counts for nothing; have %s done, or create another DutyWaiver.", waiver.Spec.Until, strings.Join(asked, ", ")))
	default:
		return conditions.True(inForce, v1alpha1.ReasonReady, "")
	}
}

// nextTerm is when the waiver begins or, if it has, when it ends; zero if it has ended.
func nextTerm(s *scope, term compliance.Term) time.Time {
	var text v1alpha1.CivilDate
	switch term {
	case compliance.TermToCome:
		text = s.waiver.Spec.From
	case compliance.TermHolds:
		text = s.waiver.Spec.Until
	case compliance.TermEnded:
	}
	day, err := civil.Parse(string(text))
	if err != nil {
		return time.Time{}
	}
	return day.Start(compliance.Zone(s.of.Agency))
}
