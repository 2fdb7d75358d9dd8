package compliance

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/conditions"
)

// maxSentence is the most that Sentence says.
const maxSentence = 1000

// Sentence says how the Connector stands under one regime, as Judge told: first what is technically short and what the level lacks, then
// the duties. It names days and counts none, so that it stays as it is until a state changes.
func Sentence(c *Case, status *v1alpha1.ComplianceStatus) string {
	var parts []string
	for i := range status.Shortfalls {
		if s := &status.Shortfalls[i]; s.Type != v1alpha1.ShortfallDuty {
			parts = append(parts, s.Message)
		}
	}
	if duties := dutySentence(c, status.Duties); duties != "" {
		parts = append(parts, duties)
	} else if len(parts) == 0 {
		parts = append(parts, "Nothing is short, and no duties are asked for.")
	}
	return conditions.Shorten(strings.Join(parts, " "), maxSentence)
}

func dutySentence(c *Case, duties []v1alpha1.DutyStatus) string {
	if len(duties) == 0 {
		return ""
	}
	satisfied := 0
	var named []v1alpha1.DutyStatus
	for _, d := range duties {
		if d.State == v1alpha1.DutySatisfied || d.State == v1alpha1.DutyDueSoon {
			satisfied++
		}
		// What the level lacks was said before.
		if d.State != v1alpha1.DutySatisfied && !isLevelStep(d.Kind) {
			named = append(named, d)
		}
	}
	slices.SortStableFunc(named, func(a, b v1alpha1.DutyStatus) int { return urgency(a.State) - urgency(b.State) })
	var words []string
	for i := range named {
		words = append(words, dutyWords(c, &named[i]))
	}
	count := fmt.Sprintf("%d of %d duties satisfied", satisfied, len(duties))
	switch {
	case satisfied < len(duties):
	case satisfied == 1:
		count = "The only duty is satisfied"
	default:
		count = fmt.Sprintf("All %d duties are satisfied", satisfied)
	}
	if len(words) > 0 {
		count += ": " + strings.Join(words, ", ")
	}
	return count + "."
}

func isLevelStep(kind string) bool {
	return slices.Contains([]string{v1alpha1.EvidenceLevelDetermination, v1alpha1.EvidenceLevelAppraisal, v1alpha1.EvidenceLevelApproval}, kind)
}

// urgency orders states for a reader: what was missed, what comes next, what is excused.
func urgency(state v1alpha1.DutyState) int {
	return slices.Index([]v1alpha1.DutyState{v1alpha1.DutyOverdue, v1alpha1.DutyMissing, v1alpha1.DutyDueSoon, v1alpha1.DutyWaived}, state)
}

func dutyWords(c *Case, d *v1alpha1.DutyStatus) string {
	ended := ""
	if end := endOf(c, d.ExpiredWaiver); end != "" {
		ended = fmt.Sprintf(", waiver %s ended on %s", d.ExpiredWaiver, end)
	}
	switch d.State {
	case v1alpha1.DutyOverdue:
		return fmt.Sprintf("%s overdue since %s%s", d.Kind, overdueSince(d), ended)
	case v1alpha1.DutyMissing:
		return fmt.Sprintf("%s has no valid record%s", d.Kind, ended)
	case v1alpha1.DutyWaived:
		return fmt.Sprintf("%s is waived until %s by waiver %s", d.Kind, cmp.Or(endOf(c, d.Waiver), "its end"), d.Waiver)
	default:
		return fmt.Sprintf("%s due by %s", d.Kind, d.DueDate)
	}
}
