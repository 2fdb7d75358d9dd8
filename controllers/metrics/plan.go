package metrics

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/civil"
	"lienthong.gov.vn/connector-operator/controllers/conditions"
)

// planFigures are told of each RolloutPlan. They count agencies and name none, so a plan of five thousand has as many of them as a plan
// of five; who is behind a number stands in the status of the Agencies.
type planFigures struct {
	accepted, agencies, milestone, deadline *prometheus.Desc
	slack, latestStart                      *prometheus.Desc
}

func newPlanFigures() planFigures {
	d := describer("plan", "plan")
	return planFigures{
		accepted:  d("accepted", "1 if the plan can be honoured as it is specified now, else 0."),
		agencies:  d("agencies", "Agencies in the cohort.", "cohort"),
		milestone: d("milestone_agencies", "Agencies of the milestone's cohort by where they stand before the milestone.", "milestone", "cohort", "state"),
		deadline: d("milestone_deadline_timestamp_seconds",
			"The instant by which the milestone has to be met, in the plan's time zone and without exceptions for single agencies, in seconds since 1970.",
			"milestone", "cohort"),
		// A working day is no length of time, so it is not told in seconds.
		slack: d("milestone_slack_workdays",
			"Working days that the agency which is worst off could wait, on the day on which the operator counted them, before what it lacks has to begin; "+
				"below zero it is too late by so many. Missing while nobody is left to meet the milestone.", "milestone", "cohort"),
		latestStart: d("milestone_latest_start_timestamp_seconds",
			"The end of the last day on which the agency that is worst off can begin what it lacks and still be in time, in seconds since 1970.",
			"milestone", "cohort"),
	}
}

func (f *planFigures) all() []*prometheus.Desc {
	return []*prometheus.Desc{f.accepted, f.agencies, f.milestone, f.deadline, f.slack, f.latestStart}
}

func (f *planFigures) tell(p *v1alpha1.RolloutPlan, to chan<- prometheus.Metric) {
	gauge(to, f.accepted, oneIf(conditions.IsTrue(p.Status.Conditions, v1alpha1.ConditionAccepted, p.Generation)), p.Name)
	for i := range p.Status.Cohorts {
		count(to, f.agencies, p.Status.Cohorts[i].Agencies, p.Name, p.Status.Cohorts[i].Name)
	}
	zone := zoneOf(p)
	for i := range p.Status.Milestones {
		m := &p.Status.Milestones[i]
		f.counts(p.Name, m, to)
		f.end(f.deadline, m.Deadline, zone, to, p.Name, m)
		if m.Slack != nil {
			count(to, f.slack, m.Slack.WorkingDays, p.Name, m.Name, m.Cohort)
			f.end(f.latestStart, v1alpha1.Deadline{Boundary: v1alpha1.DeadlineOnOrBefore, Date: m.Slack.LatestStart}, zone, to, p.Name, m)
		}
	}
}

func (f *planFigures) counts(plan string, m *v1alpha1.MilestoneStatus, to chan<- prometheus.Metric) {
	for _, of := range []struct {
		state v1alpha1.MilestoneState
		count *int32
	}{
		{v1alpha1.MilestonePending, m.Pending}, {v1alpha1.MilestoneOnTrack, m.OnTrack}, {v1alpha1.MilestoneAtRisk, m.AtRisk},
		{v1alpha1.MilestoneOverdue, m.Overdue}, {v1alpha1.MilestoneMet, m.Met}, {v1alpha1.MilestoneMetLate, m.MetLate},
		{v1alpha1.MilestoneExempt, m.Exempt},
	} {
		count(to, f.milestone, of.count, plan, m.Name, m.Cohort, string(of.state))
	}
}

// end tells the instant of a deadline. A day or a zone that cannot be read has none; the plan is then not accepted, which is told.
func (*planFigures) end(
	d *prometheus.Desc, of v1alpha1.Deadline, zone *time.Location, to chan<- prometheus.Metric, plan string, m *v1alpha1.MilestoneStatus,
) {
	if zone == nil {
		return
	}
	if deadline, err := civil.ParseDeadline(of, zone); err == nil {
		gauge(to, d, float64(deadline.Instant().Unix()), plan, m.Name, m.Cohort)
	}
}

// zoneOf is the plan's time zone; nil if it is not one. The zone of the machine that the operator runs on is never meant.
func zoneOf(p *v1alpha1.RolloutPlan) *time.Location {
	if p.Spec.TimeZone == "" || p.Spec.TimeZone == "Local" {
		return nil
	}
	zone, err := time.LoadLocation(p.Spec.TimeZone)
	if err != nil {
		return nil
	}
	return zone
}
