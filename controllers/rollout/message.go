package rollout

import (
	"fmt"
	"strings"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/civil"
	"lienthong.gov.vn/connector-operator/controllers/milestone"
)

// maxNamed is how many agencies a message names before it only counts.
const maxNamed = 3

func noHub(name string) *milestone.Problem {
	return &milestone.Problem{Reason: v1alpha1.ReasonHubNotFound, Message: fmt.Sprintf(
		"hubRef names ExchangeHub %s, which does not exist; create it, or correct hubRef.", name)}
}

// overlap is the problem of a plan that has agencies in more than one cohort; nil if it has none.
func overlap(l *ledger) *milestone.Problem {
	first, cohorts, others := l.overlap()
	if first == "" {
		return nil
	}
	more := ""
	switch others {
	case 0:
	case 1:
		more = ", and 1 more agency is in more than one cohort"
	default:
		more = fmt.Sprintf(", and %d more agencies are in more than one cohort", others)
	}
	return &milestone.Problem{Reason: v1alpha1.ReasonOverlappingCohorts, Message: fmt.Sprintf(
		"Agency %s is in the cohorts %s and %s%s; leave each agency in one.", first, cohorts[0], cohorts[1], more)}
}

func unknown(names []string) string {
	list := strings.Join(names[:min(len(names), maxNamed)], ", ")
	if n := len(names) - maxNamed; n > 0 {
		list += fmt.Sprintf(" and %d more", n)
	}
	return fmt.Sprintf("The plan is accepted. It names agencies that do not exist: %s; create them, or correct the names.", list)
}

// idle tells of exceptions for agencies of which the milestone is not asked; it begins with a space, or is empty. Names that nobody has are told of
// elsewhere.
func idle(l *ledger) string {
	first, count := v1alpha1.RolloutException{}, 0
	for _, e := range l.api.Spec.Exceptions {
		a := l.accounts[e.Agency]
		if a == nil || l.cohortOf(e.Milestone) == a.counted.cohort {
			continue
		}
		if count == 0 {
			first = e
		}
		count++
	}
	switch count {
	case 0:
		return ""
	case 1:
		return fmt.Sprintf(" The exception of agency %s from milestone %s changes nothing, because the agency is not in that milestone's cohort; "+
			"correct it, or remove it.", first.Agency, first.Milestone)
	default:
		return fmt.Sprintf(" %d exceptions change nothing, because the agencies are not in the cohorts of the milestones; the first is that of agency %s "+
			"from milestone %s. Correct them, or remove them.", count, first.Agency, first.Milestone)
	}
}

// uncovered tells of the years in which the plan reckons and of which nobody has written the holidays; it begins with a space, or is empty.
func uncovered(years []int) string {
	if len(years) == 0 {
		return ""
	}
	var runs []string
	for i := 0; i < len(years); {
		last := i
		for last+1 < len(years) && years[last+1] == years[last]+1 {
			last++
		}
		run := fmt.Sprint(years[i])
		if last > i {
			run = fmt.Sprintf("%d to %d", years[i], years[last])
		}
		runs, i = append(runs, run), last+1
	}
	if n := len(runs) - maxNamed; n > 0 {
		runs = append(runs[:maxNamed], "others")
	}
	list := runs[0]
	if n := len(runs) - 1; n > 0 {
		list = strings.Join(runs[:n], ", ") + " and " + runs[n]
	}
	return fmt.Sprintf(" workingCalendar has no holidays for %s, so only weekends are days off there; add them under years.", list)
}

// sentence sums up where the agencies stand.
func (t *totals) sentence(next *civil.Deadline) string {
	deadline := "the last deadline has passed"
	if next != nil {
		deadline = "next deadline is " + next.String()
	}
	return fmt.Sprintf("%s; %s.", t.standing(), deadline)
}

func (t *totals) standing() string {
	switch {
	case t.agencies == 0:
		return "No agency is in a cohort"
	case t.overdue > 0 && t.atRisk > 0:
		return fmt.Sprintf("%d of %d agencies %s overdue and %d %s at risk", t.overdue, t.agencies, is(t.overdue), t.atRisk, is(t.atRisk))
	case t.overdue > 0:
		return fmt.Sprintf("%d of %d agencies %s overdue", t.overdue, t.agencies, is(t.overdue))
	case t.atRisk > 0:
		return fmt.Sprintf("%d of %d agencies %s at risk", t.atRisk, t.agencies, is(t.atRisk))
	default:
		return fmt.Sprintf("None of %d agencies is overdue or at risk", t.agencies)
	}
}

func is(count int32) string {
	if count == 1 {
		return "is"
	}
	return "are"
}
