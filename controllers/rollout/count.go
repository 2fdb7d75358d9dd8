package rollout

import (
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/conditions"
)

// contribution is what one agency adds to the counts of a plan. That of an agency in no cohort is zero.
type contribution struct {
	agency, cohort string
	// states by the name of the milestone, and the last days on which what is missing can begin, of those that have one.
	states                    map[string]v1alpha1.MilestoneState
	starts                    map[string]v1alpha1.CivilDate
	overdue, atRisk, unjudged bool
}

// contributionOf is that of an agency in a cohort. A milestone that it was not judged by yet counts as pending.
func contributionOf(plan *v1alpha1.RolloutPlan, agency, cohort string, standings []standing) contribution {
	c := contribution{
		agency: agency, cohort: cohort, states: map[string]v1alpha1.MilestoneState{}, starts: map[string]v1alpha1.CivilDate{},
	}
	for _, m := range plan.Spec.Milestones {
		if m.Cohort != cohort {
			continue
		}
		state, generation := v1alpha1.MilestonePending, int64(0)
		for _, s := range standings {
			if s.milestone == m.Name && s.cohort == m.Cohort {
				state, generation = s.state, s.generation
				if s.latestStart != "" {
					c.starts[m.Name] = s.latestStart
				}
			}
		}
		c.states[m.Name] = state
		c.overdue = c.overdue || state == v1alpha1.MilestoneOverdue
		c.atRisk = c.atRisk || state == v1alpha1.MilestoneAtRisk
		c.unjudged = c.unjudged || generation != plan.Generation
	}
	return c
}

// totals are the counts of one plan.
type totals struct {
	// agencies is how many are in a cohort; overdue and atRisk are how many of them are so before at least one milestone,
	// and unjudged how many were not judged by the plan as it is now. An agency that is overdue is not counted as at risk.
	agencies, overdue, atRisk, unjudged int32
	byCohort                            map[string]int32
	// byMilestone counts states by the name of the milestone.
	byMilestone map[string]map[v1alpha1.MilestoneState]int32
	// starts has by the name of the milestone who has to begin by when.
	starts map[string]starts
}

func newTotals(plan *v1alpha1.RolloutPlan) *totals {
	t := &totals{byCohort: map[string]int32{}, byMilestone: map[string]map[v1alpha1.MilestoneState]int32{}, starts: map[string]starts{}}
	for _, m := range plan.Spec.Milestones {
		t.byMilestone[m.Name], t.starts[m.Name] = map[v1alpha1.MilestoneState]int32{}, starts{}
	}
	return t
}

// add adds what an agency contributes once, or takes it back with -1.
func (t *totals) add(c contribution, times int32) {
	if c.cohort == "" {
		return
	}
	t.agencies += times
	t.byCohort[c.cohort] += times
	for milestone, state := range c.states {
		t.byMilestone[milestone][state] += times
	}
	for milestone, day := range c.starts {
		if times > 0 {
			t.starts[milestone].add(day, c.agency)
		} else {
			t.starts[milestone].remove(day, c.agency)
		}
	}
	switch {
	case c.overdue:
		t.overdue += times
	case c.atRisk:
		t.atRisk += times
	}
	if c.unjudged {
		t.unjudged += times
	}
}

// fill writes the counts, in the order of the spec.
func (t *totals) fill(status *v1alpha1.RolloutPlanStatus, plan *v1alpha1.RolloutPlan) {
	status.Agencies = new(t.agencies)
	for _, c := range plan.Spec.Cohorts {
		status.Cohorts = append(status.Cohorts, v1alpha1.CohortStatus{Name: c.Name, Agencies: new(t.byCohort[c.Name])})
	}
	for _, m := range plan.Spec.Milestones {
		by := t.byMilestone[m.Name]
		status.Milestones = append(status.Milestones, v1alpha1.MilestoneStatus{
			Name: m.Name, Cohort: m.Cohort, Deadline: m.Deadline,
			Pending: new(by[v1alpha1.MilestonePending]),
			OnTrack: new(by[v1alpha1.MilestoneOnTrack]),
			AtRisk:  new(by[v1alpha1.MilestoneAtRisk]),
			Overdue: new(by[v1alpha1.MilestoneOverdue]),
			Met:     new(by[v1alpha1.MilestoneMet]),
			MetLate: new(by[v1alpha1.MilestoneMetLate]),
			Exempt:  new(by[v1alpha1.MilestoneExempt]),
		})
	}
}

// judged tells whether every agency was judged by the plan as it is now.
func (t *totals) judged() metav1.Condition {
	if t.unjudged > 0 {
		return conditions.False(agenciesJudged, v1alpha1.ReasonProgressing, fmt.Sprintf(
			"%d of %d agencies are still to be judged by the plan as it is now.", t.unjudged, t.agencies))
	}
	return conditions.True(agenciesJudged, v1alpha1.ReasonReady, "")
}
