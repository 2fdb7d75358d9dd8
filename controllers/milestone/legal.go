package milestone

import (
	"slices"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

// Legal tells whether an agency may go from one state of a milestone to another while the plan is as it is:
//
//	Pending   to anything that is unmet, to Met, and, if the operator was down meanwhile, to MetLate
//	OnTrack   the same; back to Pending if its last accepted Connector goes
//	AtRisk    the same; back if some of what was missing is done, so that the rest needs less time than is left
//	Overdue   to MetLate; to Met only by a record, see below
//	Met       nowhere, whatever is lost later
//	MetLate   nowhere
//	Exempt    nowhere: only the plan exempts, and only the plan takes an exemption back
//
// Time goes one way, so nothing leads from Overdue back to what was before the deadline. recorded tells that the milestone was met not in this pass
// but earlier, as a record says that came to the agency only now: that of an agency that was merged into it, or one that was restored from a
// backup. Only so can an agency that was overdue turn out to have met it in time.
func Legal(from, to v1alpha1.MilestoneState, recorded bool) bool {
	if from == to {
		return true
	}
	switch from {
	case v1alpha1.MilestonePending, v1alpha1.MilestoneOnTrack, v1alpha1.MilestoneAtRisk:
		return slices.Contains(afterUnmet(), to)
	case v1alpha1.MilestoneOverdue:
		return to == v1alpha1.MilestoneMetLate || to == v1alpha1.MilestoneMet && recorded
	default:
		return false
	}
}

func afterUnmet() []v1alpha1.MilestoneState {
	return []v1alpha1.MilestoneState{
		v1alpha1.MilestonePending, v1alpha1.MilestoneOnTrack, v1alpha1.MilestoneAtRisk, v1alpha1.MilestoneOverdue, v1alpha1.MilestoneMet,
		v1alpha1.MilestoneMetLate,
	}
}
