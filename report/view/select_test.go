package view

import (
	"slices"
	"testing"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

func standing(plan, milestone string, state v1alpha1.MilestoneState, date v1alpha1.CivilDate) v1alpha1.AgencyMilestone {
	return v1alpha1.AgencyMilestone{Plan: plan, Milestone: milestone, State: state, Deadline: v1alpha1.Deadline{Date: date}}
}

func twoPlans() *View {
	return &View{
		Plans: []Plan{{Name: "first"}, {Name: "second"}},
		Agencies: []Agency{
			{Name: "a", Milestones: []v1alpha1.AgencyMilestone{
				standing("first", "pilot", v1alpha1.MilestoneMet, "2018-12-31"), standing("second", "pilot", v1alpha1.MilestoneOverdue, "2018-12-31"),
			}},
			{Name: "b", Milestones: []v1alpha1.AgencyMilestone{standing("first", "pilot", v1alpha1.MilestoneAtRisk, "2018-12-31")}},
			{Name: "idle"},
		},
	}
}

// A selection keeps what was asked for and nothing else, and leaves the view itself as it was.
func TestSelect(t *testing.T) {
	tests := map[string]struct {
		by         Selection
		plans      []string
		milestones map[string]int
	}{
		"everything": {Selection{}, []string{"first", "second"}, map[string]int{"a": 2, "b": 1, "idle": 0}},
		"plan":       {Selection{Plan: "second"}, []string{"second"}, map[string]int{"a": 1}},
		"agency":     {Selection{Agency: "idle"}, []string{"first", "second"}, map[string]int{"idle": 0}},
		"state":      {Selection{State: v1alpha1.MilestoneAtRisk}, []string{"first", "second"}, map[string]int{"b": 1}},
		"both":       {Selection{Plan: "second", State: v1alpha1.MilestoneAtRisk}, []string{"second"}, map[string]int{}},
	}
	for name, tt := range tests {
		v := twoPlans()
		got := v.Select(tt.by)
		var plans []string
		for i := range got.Plans {
			plans = append(plans, got.Plans[i].Name)
		}
		if !slices.Equal(plans, tt.plans) || len(got.Agencies) != len(tt.milestones) {
			t.Errorf("%s: plans %q and %d agencies, want %q and %d", name, plans, len(got.Agencies), tt.plans, len(tt.milestones))
		}
		for i := range got.Agencies {
			a := &got.Agencies[i]
			if want, found := tt.milestones[a.Name]; !found || len(a.Milestones) != want {
				t.Errorf("%s: agency %s with %d milestones, want %d", name, a.Name, len(a.Milestones), want)
			}
		}
		if len(v.Agencies[0].Milestones) != 2 {
			t.Errorf("%s: the view has changed", name)
		}
	}
}

// The milestone to look after first is the worst and, of several as bad, the one that is due first.
func TestPressing(t *testing.T) {
	a := Agency{}
	if a.Pressing() != nil {
		t.Error("something presses an agency of which nothing is asked")
	}
	for _, next := range []v1alpha1.AgencyMilestone{
		standing("p", "exempt", v1alpha1.MilestoneExempt, "2018-01-01"), standing("p", "met", v1alpha1.MilestoneMet, "2018-01-01"),
		standing("p", "late", v1alpha1.MilestoneMetLate, "2018-01-01"), standing("p", "pending", v1alpha1.MilestonePending, "2019-02-01"),
		standing("p", "sooner", v1alpha1.MilestoneOnTrack, "2019-01-01"), standing("p", "risk", v1alpha1.MilestoneAtRisk, "2019-06-30"),
		standing("p", "overdue", v1alpha1.MilestoneOverdue, "2019-06-30"),
	} {
		a.Milestones = append(a.Milestones, next)
		if got := a.Pressing().Milestone; got != next.Milestone {
			t.Errorf("%s presses more than %s", got, next.Milestone)
		}
	}
}
