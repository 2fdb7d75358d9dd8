package rollout

import (
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/conditions"
	"lienthong.gov.vn/connector-operator/controllers/milestone"
)

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

func count(plan *v1alpha1.RolloutPlan, members milestone.Membership) *totals {
	t := &totals{byCohort: map[string]int32{}, byMilestone: map[string]map[v1alpha1.MilestoneState]int32{}, starts: map[string]starts{}}
	for _, m := range plan.Spec.Milestones {
		t.byMilestone[m.Name], t.starts[m.Name] = map[v1alpha1.MilestoneState]int32{}, starts{}
	}
	for cohort, agencies := range members.Cohorts {
		t.byCohort[cohort] = int32(len(agencies))
		for _, agency := range agencies {
			t.add(plan, cohort, agency)
		}
	}
	return t
}

// add counts one agency.
func (t *totals) add(plan *v1alpha1.RolloutPlan, cohort string, agency *v1alpha1.Agency) {
	t.agencies++
	var overdue, atRisk, unjudged bool
	for _, m := range plan.Spec.Milestones {
		if m.Cohort != cohort {
			continue
		}
		state, generation, latestStart := stateOf(agency, plan.Name, m)
		t.byMilestone[m.Name][state]++
		t.starts[m.Name].add(latestStart, agency.Name)
		overdue = overdue || state == v1alpha1.MilestoneOverdue
		atRisk = atRisk || state == v1alpha1.MilestoneAtRisk
		unjudged = unjudged || generation != plan.Generation
	}
	switch {
	case overdue:
		t.overdue++
	case atRisk:
		t.atRisk++
	}
	if unjudged {
		t.unjudged++
	}
}

// stateOf is the state that is recorded of an agency, with the generation of the plan that it was judged by and the last day to begin.
func stateOf(agency *v1alpha1.Agency, plan string, m v1alpha1.Milestone) (v1alpha1.MilestoneState, int64, v1alpha1.CivilDate) {
	for i := range agency.Status.Milestones {
		record := &agency.Status.Milestones[i]
		if record.Plan == plan && record.Milestone == m.Name && record.Cohort == m.Cohort {
			return record.State, record.PlanGeneration, record.LatestStart
		}
	}
	return v1alpha1.MilestonePending, 0, ""
}

// fill writes the counts, in the order of the spec.
func (t *totals) fill(status *v1alpha1.RolloutPlanStatus, plan *v1alpha1.RolloutPlan) {
	status.Agencies = &t.agencies
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
