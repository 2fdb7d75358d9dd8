package rollout

import (
	"time"

	"k8s.io/apimachinery/pkg/util/sets"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/milestone"
)

// starts are the agencies that have not met a milestone, by the last day on which what they lack can begin. There are far fewer such days than
// agencies.
type starts map[v1alpha1.CivilDate]sets.Set[string]

// add takes up an agency.
func (s starts) add(day v1alpha1.CivilDate, agency string) {
	if s[day] == nil {
		s[day] = sets.New[string]()
	}
	s[day].Insert(agency)
}

// remove takes an agency back.
func (s starts) remove(day v1alpha1.CivilDate, agency string) {
	s[day].Delete(agency)
	if s[day].Len() == 0 {
		delete(s, day)
	}
}

// first is the agency that is worst off, the first of several by name; its day is empty if there is none. Days are written so that they sort as
// they follow each other.
func (s starts) first() (day v1alpha1.CivilDate, agency string) {
	for d := range s {
		if day == "" || d < day {
			day = d
		}
	}
	for name := range s[day] {
		if agency == "" || name < agency {
			agency = name
		}
	}
	return day, agency
}

// fillSlack writes the least slack of each milestone. It gives when the figures change by time alone: with the next day in the plan's zone,
// and never if nobody has anything left to meet.
func (t *totals) fillSlack(status *v1alpha1.RolloutPlanStatus, plan *milestone.Plan, now time.Time) time.Time {
	var next time.Time
	for i := range status.Milestones {
		m := &status.Milestones[i]
		day, agency := t.starts[m.Name].first()
		if day == "" {
			continue
		}
		slack, today, err := plan.Slack(day, now)
		if err != nil {
			continue // the API server takes no latestStart that is no day
		}
		m.Slack = &v1alpha1.MilestoneSlack{Agency: agency, LatestStart: day, WorkingDays: new(int32(slack)), AsOf: today}
		next = plan.NextDay(now)
	}
	return next
}
