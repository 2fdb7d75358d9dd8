package compliance

import (
	"fmt"
	"slices"
	"strings"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/civil"
	"lienthong.gov.vn/connector-operator/controllers/precedence"
)

// Term is where a waiver is in time.
type Term int

// Terms of waivers.
const (
	TermToCome Term = iota
	TermHolds
	TermEnded
)

// TermOf tells where a waiver is in time.
func TermOf(waiver *v1alpha1.DutyWaiver, today civil.Date) Term {
	// Days are written from the year down, so that their texts are in the order of the calendar.
	day := v1alpha1.CivilDate(today.String())
	switch {
	case day < waiver.Spec.From:
		return TermToCome
	case day < waiver.Spec.Until:
		return TermHolds
	default:
		return TermEnded
	}
}

// ExamineWaiver tells why a waiver excuses from nothing, at any time; nil if it is accepted. One of which some duties are not asked for
// excuses from the others; see Unasked.
func ExamineWaiver(waiver *v1alpha1.DutyWaiver, c *Case) *Denial {
	if denial := connectorMissing("A waiver counts", waiver.Namespace, waiver.Spec.ConnectorRef.Name, c); denial != nil {
		return denial
	}
	unknown := Unasked(waiver, c)
	if len(unknown) < len(waiver.Spec.Duties) {
		return nil
	}
	known := c.duties()
	there := "there are none"
	if len(known) > 0 {
		there = "there are " + strings.Join(known, ", ")
	}
	return &Denial{Reason: v1alpha1.ReasonUnknownDuty, Message: fmt.Sprintf(
		"duties names %s, which no SecurityProfile asks for at the level of Connector %s; %s. Create the waiver anew with duties of these.",
		strings.Join(unknown, ", "), waiver.Spec.ConnectorRef.Name, there)}
}

// Unasked are the duties of a waiver that no profile asks for at the levels of its Connector, which must exist, under any regime; sorted.
func Unasked(waiver *v1alpha1.DutyWaiver, c *Case) []string {
	known := c.duties()
	unasked := slices.DeleteFunc(slices.Clone(waiver.Spec.Duties), func(kind string) bool { return slices.Contains(known, kind) })
	slices.Sort(unasked)
	return unasked
}

// excuse turns a duty that is short into one that is waived, if a waiver holds; otherwise it names the newest one that has ended.
func excuse(c *Case, status *v1alpha1.DutyStatus) {
	var holding, ended *v1alpha1.DutyWaiver
	for i := range c.Waivers {
		w := &c.Waivers[i]
		if !slices.Contains(w.Spec.Duties, status.Kind) || ExamineWaiver(w, c) != nil {
			continue
		}
		switch TermOf(w, c.Today) {
		case TermHolds:
			holding = outlasting(holding, w)
		case TermEnded:
			ended = outlasting(ended, w)
		case TermToCome:
		}
	}
	switch {
	case holding != nil:
		status.State, status.Waiver = v1alpha1.DutyWaived, holding.Name
	case ended != nil:
		status.ExpiredWaiver = ended.Name
	}
}

// outlasting is the waiver that ends later or, of two that end on one day, the one that came first.
func outlasting(a, b *v1alpha1.DutyWaiver) *v1alpha1.DutyWaiver {
	if a == nil || a.Spec.Until < b.Spec.Until || a.Spec.Until == b.Spec.Until && precedence.Precedes(b, a) {
		return b
	}
	return a
}

// endOf is the day on which a waiver ends; empty if there is no such waiver.
func endOf(c *Case, name string) v1alpha1.CivilDate {
	for i := range c.Waivers {
		if c.Waivers[i].Name == name {
			return c.Waivers[i].Spec.Until
		}
	}
	return ""
}
