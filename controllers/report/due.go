package report

import (
	"slices"
	"time"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/civil"
)

// lateAfter is how long after it was due the states of a report may be taken without its being late. The API tells it to readers.
const lateAfter = 15 * time.Minute

// due is a report that has to be written.
type due struct {
	at      time.Time
	trigger v1alpha1.ReportTrigger
}

// late tells whether a report of which the states are taken now is late.
func (d *due) late(now time.Time) bool { return now.Sub(d.at) > lateAfter }

// firstDue is the report that has been due for the longest time; nil if none is. If none is, wake is when one will be; zero if none is foreseen.
func firstDue(plan *v1alpha1.RolloutPlan, zone *time.Location, h *history, now time.Time) (first *due, wake time.Time) {
	since := plan.Since().Time
	if !h.firstDue.IsZero() && h.firstDue.Before(since) {
		since = h.firstDue
	}
	deadlines, next := deadlinesDue(plan, zone, h, since, now)
	periods, end := periodDue(calendarOf(plan, zone), h, since, now)
	for _, d := range slices.Concat(deadlines, periods, requestDue(plan, h, now)) {
		if first == nil || d.at.Before(first.at) {
			first = &d
		}
	}
	if next.IsZero() || !end.IsZero() && end.Before(next) {
		next = end
	}
	return first, next
}

// deadlinesDue gives the deadlines that have passed and were not reported, those of one instant together, and when the next one passes.
func deadlinesDue(plan *v1alpha1.RolloutPlan, zone *time.Location, h *history, since, now time.Time) (all []due, next time.Time) {
	for _, d := range deadlinesOf(plan) {
		deadline, err := civil.ParseDeadline(d.Deadline, zone)
		if err != nil {
			continue // a plan with such a deadline is not accepted
		}
		at := deadline.TooLate()
		switch {
		case at.After(now):
			if next.IsZero() || at.Before(next) {
				next = at
			}
		case at.After(since) && !h.reported(d.Deadline, at):
			all = together(all, d, at)
		}
	}
	return all, next
}

func together(all []due, d v1alpha1.ReportedDeadline, at time.Time) []due {
	for i := range all {
		if all[i].at.Equal(at) {
			all[i].trigger.Deadlines = append(all[i].trigger.Deadlines, d)
			return all
		}
	}
	return append(all, due{at, v1alpha1.ReportTrigger{Type: v1alpha1.ReportAtDeadline, Deadlines: []v1alpha1.ReportedDeadline{d}}})
}

// deadlinesOf are the distinct deadlines of a plan, with the milestones that are due then, in the order of the spec.
func deadlinesOf(plan *v1alpha1.RolloutPlan) (all []v1alpha1.ReportedDeadline) {
	add := func(d v1alpha1.Deadline, milestone string) {
		at := slices.IndexFunc(all, func(r v1alpha1.ReportedDeadline) bool { return r.Deadline == d })
		if at < 0 {
			all = append(all, v1alpha1.ReportedDeadline{Deadline: d, Milestones: []string{milestone}})
		} else if !slices.Contains(all[at].Milestones, milestone) {
			all[at].Milestones = append(all[at].Milestones, milestone)
		}
	}
	for i := range plan.Spec.Milestones {
		add(plan.Spec.Milestones[i].Deadline, plan.Spec.Milestones[i].Name)
	}
	for i := range plan.Spec.Exceptions {
		if e := &plan.Spec.Exceptions[i]; e.Deadline != nil {
			add(*e.Deadline, e.Milestone)
		}
	}
	return all
}

// periodDue gives the latest period that has ended and was not reported, and when the present one ends.
func periodDue(c calendar, h *history, since, now time.Time) ([]due, time.Time) {
	if last := h.lastPeriod(); last.After(since) {
		since = last
	}
	name, at, missed := c.ended(since, now)
	if name == "" {
		return nil, c.end(now)
	}
	trigger := v1alpha1.ReportTrigger{Type: v1alpha1.ReportAtCadence, Period: name}
	if missed > 0 {
		trigger.MissedPeriods = &missed
	}
	return []due{{at, trigger}}, c.end(now)
}

// requestDue gives what a person asked for, if that was not handled yet. It is handled at once, also if the time lies ahead.
func requestDue(plan *v1alpha1.RolloutPlan, h *history, now time.Time) []due {
	value := requestOf(plan)
	if value == "" || recordedRequest(plan) == value || h.fulfilled(value) {
		return nil
	}
	at, err := parseRequest(value)
	if err != nil {
		return nil
	}
	if at.After(now) {
		at = now
	}
	return []due{{at.UTC().Truncate(time.Second), v1alpha1.ReportTrigger{Type: v1alpha1.ReportOnRequest, RequestedAt: value}}}
}
