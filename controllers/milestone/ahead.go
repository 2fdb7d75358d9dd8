package milestone

import (
	"fmt"
	"time"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/civil"
	"lienthong.gov.vn/connector-operator/controllers/workdays"
)

// outlook is what is still to be done for a milestone that an agency has not met, and by when it has to begin.
type outlook struct {
	calendar *workdays.Calendar
	path     chain
	// last is the last day before the deadline, and start the last one on which the path can begin.
	last, start civil.Date
	// atRisk is when the slack falls to the limit: the start of the first day with fewer working days until start than the plan's margin, or
	// with none. tooLate is when start has passed; zero if the path takes no time.
	atRisk, tooLate time.Time
}

// lookAhead finds what is missing, and reckons back from the last day before the deadline.
func (p *Plan) lookAhead(m milestone, deadline civil.Deadline, seen observed, o Observation) *outlook {
	s := &survey{plan: p, agency: o.Agency, seen: seen, profiles: o.Profiles}
	a := &outlook{calendar: p.calendar, path: s.path(m), last: deadline.LastDay()}
	n := a.path.days()
	a.start = p.calendar.LastStart(a.last, n)
	a.atRisk = p.calendar.Before(a.start, max(p.margin, 1)).AddDays(1).Start(p.zone)
	if n > 0 {
		a.tooLate = a.start.AddDays(1).Start(p.zone)
	}
	return a
}

// latestStart as the API has it; empty if nothing is asked.
func (a *outlook) latestStart() v1alpha1.CivilDate {
	if a == nil {
		return ""
	}
	return written(a.start)
}

// written leaves out a day of a year that the API does not take; only a deadline in its first year reaches back that far.
func written(day civil.Date) v1alpha1.CivilDate {
	if day.Year() < 1000 {
		return ""
	}
	return v1alpha1.CivilDate(day.String())
}

// steps are the path as the API has it, each with the last day on which it can begin. The API takes so many; the first ones come first.
func (a *outlook) steps() []v1alpha1.MilestoneStep {
	if a == nil {
		return nil
	}
	var steps []v1alpha1.MilestoneStep
	for i, t := range a.path[:min(len(a.path), maxSteps)] {
		steps = append(steps, v1alpha1.MilestoneStep{
			What: t.what, Who: t.who, WorkingDays: t.days, LatestStart: written(a.calendar.LastStart(a.last, a.path[i:].days())),
		})
	}
	return steps
}

// message tells of a milestone that is at risk, in what time it can be done, and what to begin with.
func (a *outlook) message(j judgement) string {
	n := a.path.days()
	if n == 0 {
		return fmt.Sprintf("At risk: it is due %s. %s", j.deadline, j.missing)
	}
	needed, has := fmt.Sprintf("%d working days are needed", n), "has"
	if n == 1 {
		needed = "1 working day is needed"
	}
	if !j.now.Before(a.tooLate) {
		has = "had"
	}
	return fmt.Sprintf("At risk: it is due %s, and %s, so it %s to begin by %s. Next: %s. %s",
		j.deadline, needed, has, a.start, a.path[0].words(), j.missing)
}

// words name a task, who has to do it and how long it takes, as far as is known.
func (t task) words() string {
	text := t.what
	if t.who != "" {
		text += " by " + t.who
	}
	switch {
	case t.days == nil:
		return text
	case *t.days == 1:
		return text + " (1 working day)"
	default:
		return fmt.Sprintf("%s (%d working days)", text, *t.days)
	}
}

// changes is when the state or the message of a milestone that is at risk changes by time alone.
func (a *outlook) changes(j judgement) time.Time {
	if j.now.Before(a.tooLate) {
		return earlier(a.tooLate, j.deadline.TooLate())
	}
	return j.deadline.TooLate()
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}
