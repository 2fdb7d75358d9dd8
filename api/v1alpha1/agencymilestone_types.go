package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// MilestoneState is where an agency stands before one milestone.
// +kubebuilder:validation:Enum=Pending;OnTrack;AtRisk;Overdue;Met;MetLate;Exempt
type MilestoneState string

// States of milestones.
const (
	// MilestonePending: nothing has begun, and the deadline is not near.
	MilestonePending MilestoneState = "Pending"
	// MilestoneOnTrack: begun, and the deadline is not near.
	MilestoneOnTrack MilestoneState = "OnTrack"
	// MilestoneAtRisk: not met, and the deadline is near.
	MilestoneAtRisk MilestoneState = "AtRisk"
	// MilestoneOverdue: not met, and the deadline has passed.
	MilestoneOverdue MilestoneState = "Overdue"
	// MilestoneMet: met in time.
	MilestoneMet MilestoneState = "Met"
	// MilestoneMetLate: met after the deadline.
	MilestoneMetLate MilestoneState = "MetLate"
	// MilestoneExempt: the plan exempts the agency.
	MilestoneExempt MilestoneState = "Exempt"
)

// MilestoneStates are all states, in the order in which they are passed and counted.
func MilestoneStates() []MilestoneState {
	return []MilestoneState{MilestonePending, MilestoneOnTrack, MilestoneAtRisk, MilestoneOverdue, MilestoneMet, MilestoneMetLate, MilestoneExempt}
}

// AgencyMilestone is where one agency stands before one milestone of one plan.
// +kubebuilder:validation:XValidation:rule="!has(oldSelf.metAt) || (has(self.metAt) && self.metAt == oldSelf.metAt)",message="metAt is recorded once and never moves."
type AgencyMilestone struct {
	// plan names the RolloutPlan.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	Plan string `json:"plan,omitempty"`

	// milestone names the milestone within the plan.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	Milestone string `json:"milestone,omitempty"`

	// cohort is the one through which the milestone applies.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	Cohort string `json:"cohort,omitempty"`

	// state of the milestone.
	// +required
	State MilestoneState `json:"state,omitempty"`

	// deadline that holds for this agency, exceptions considered; in the plan's time zone.
	// +required
	Deadline Deadline `json:"deadline,omitzero"`

	// planGeneration is the generation of the plan's spec that the state was judged by.
	// +optional
	// +kubebuilder:validation:Minimum=1
	PlanGeneration int64 `json:"planGeneration,omitempty"`

	// metAt is when the milestone was first seen to be met. It is recorded once and never moves.
	// +optional
	MetAt *metav1.Time `json:"metAt,omitempty"`

	// metBy names the Agency that met it, if that was merged into this one since and its record was carried over.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	MetBy string `json:"metBy,omitempty"`

	// regressed says in a sentence what of a milestone that was met does not hold any more; unset while all holds. It changes nothing of
	// metAt and of the state.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=1024
	Regressed string `json:"regressed,omitempty"`

	// latestStart is the last day, in the plan's zone, on which what is missing can begin and still be done in time, by the working days
	// that it takes; unset if nothing is missing or the agency is exempt.
	// +optional
	LatestStart CivilDate `json:"latestStart,omitempty"`

	// path is what is still to be done, in the order in which it has to be: the critical path to the milestone.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=32
	Path []MilestoneStep `json:"path,omitempty"`

	// message says in a sentence what is missing, or since when it is met.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=1024
	Message string `json:"message,omitempty"`
}

// MilestoneStep is one thing that is still to be done for a milestone.
type MilestoneStep struct {
	// what has to be done: the condition, the kind of evidence, the regime or the milestone that a requirement names, or Dossier for the
	// dossier that an appraisal or an approval waits for.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	What string `json:"what,omitempty"`

	// who has to do it.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=256
	Who string `json:"who,omitempty"`

	// workingDays that it takes; unset if neither the plan nor a profile says.
	// +optional
	// +kubebuilder:validation:Minimum=0
	WorkingDays *int32 `json:"workingDays,omitempty"`

	// latestStart is the last day on which it can begin and all that comes after it still be done in time.
	// +optional
	LatestStart CivilDate `json:"latestStart,omitempty"`
}
