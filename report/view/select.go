package view

import (
	"slices"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

// Selection narrows a view; what is empty does not narrow.
type Selection struct {
	// Plan by name, and Agency by the name of its object.
	Plan, Agency string
	// State that an agency has to be in before at least one milestone.
	State v1alpha1.MilestoneState
}

// Select gives a view of what was selected. Counts of plans stay those of all their agencies: they are what the status of the plan says.
func (v *View) Select(s Selection) *View {
	selected := &View{TakenAt: v.TakenAt}
	for i := range v.Plans {
		if s.Plan == "" || v.Plans[i].Name == s.Plan {
			selected.Plans = append(selected.Plans, v.Plans[i])
		}
	}
	for i := range v.Agencies {
		a := v.Agencies[i]
		if s.Agency != "" && a.Name != s.Agency {
			continue
		}
		a.Milestones = slices.DeleteFunc(slices.Clone(a.Milestones), func(m v1alpha1.AgencyMilestone) bool {
			return s.Plan != "" && m.Plan != s.Plan || s.State != "" && m.State != s.State
		})
		if len(a.Milestones) > 0 || s.Plan == "" && s.State == "" {
			selected.Agencies = append(selected.Agencies, a)
		}
	}
	return selected
}

// Pressing is the milestone that an agency has to look after first: the worst state, and of several in that state the earliest deadline;
// nil if nothing is asked of the agency.
func (a *Agency) Pressing() *v1alpha1.AgencyMilestone {
	var first *v1alpha1.AgencyMilestone
	for i := range a.Milestones {
		m := &a.Milestones[i]
		if first == nil || urgency(m.State) < urgency(first.State) ||
			urgency(m.State) == urgency(first.State) && m.Deadline.Date < first.Deadline.Date {
			first = m
		}
	}
	return first
}

// urgency is smallest for what has to be looked after first.
func urgency(state v1alpha1.MilestoneState) int {
	switch state {
	case v1alpha1.MilestoneOverdue:
		return 0
	case v1alpha1.MilestoneAtRisk:
		return 1
	case v1alpha1.MilestonePending, v1alpha1.MilestoneOnTrack:
		return 2
	case v1alpha1.MilestoneMetLate:
		return 3
	case v1alpha1.MilestoneMet:
		return 4
	default:
		return 5
	}
}
