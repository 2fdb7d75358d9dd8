package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// ReportContent is where the agencies stood.
type ReportContent struct {
	// agencies is how many were in a cohort of the plan.
	// +required
	// +kubebuilder:validation:Minimum=0
	Agencies *int32 `json:"agencies,omitempty"`

	// unsettled is how many entries, in all parts together, had not been judged by the plan as it was, or not since time alone had to change
	// their state, although this was waited for; unset if there were none.
	// +optional
	// +kubebuilder:validation:Minimum=1
	Unsettled *int32 `json:"unsettled,omitempty"`

	// cohorts counts the agencies of each, in the order of the plan. It is the same in all parts.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=32
	Cohorts []CohortStatus `json:"cohorts,omitempty"`

	// milestones counts the entries of all parts by state, for each milestone, in the order of the plan. It is the same in all parts.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=64
	Milestones []ReportedMilestone `json:"milestones,omitempty"`

	// entries of this part: where each agency stood before each milestone of its cohort, by the agency's code and in the order of the plan.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=1000
	Entries []ReportEntry `json:"entries,omitempty"`
}

// ReportedMilestone counts the agencies of a milestone by their state.
type ReportedMilestone struct {
	// name of the milestone.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	Name string `json:"name,omitempty"`

	// cohort of the milestone.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	Cohort string `json:"cohort,omitempty"`

	// deadline of the milestone.
	// +required
	Deadline Deadline `json:"deadline,omitzero"`

	// states counts the agencies in each state, in the order in which states are passed; states that no agency was in are left out.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=7
	States []ReportedState `json:"states,omitempty"`
}

// ReportedState counts the agencies in one state.
type ReportedState struct {
	// state that is counted.
	// +required
	State MilestoneState `json:"state,omitempty"`

	// agencies is how many were in it.
	// +required
	// +kubebuilder:validation:Minimum=1
	Agencies *int32 `json:"agencies,omitempty"`
}

// ReportEntry is where one agency stood before one milestone.
type ReportEntry struct {
	// agency by the name of its Agency object.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	Agency string `json:"agency,omitempty"`

	// code of the agency under Decision 20/2020/QĐ-TTg.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=35
	Code string `json:"code,omitempty"`

	// cohort through which the milestone applied.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	Cohort string `json:"cohort,omitempty"`

	// milestone within the plan.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	Milestone string `json:"milestone,omitempty"`

	// state of the milestone.
	// +required
	State MilestoneState `json:"state,omitempty"`

	// deadline that held for this agency, exceptions considered.
	// +required
	Deadline Deadline `json:"deadline,omitzero"`

	// metAt is when the milestone was first seen to be met.
	// +optional
	MetAt *metav1.Time `json:"metAt,omitempty"`

	// metBy names the Agency that met it, if that was merged into this one since.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	MetBy string `json:"metBy,omitempty"`

	// regressed says what of a milestone that was met did not hold any more.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=1024
	Regressed string `json:"regressed,omitempty"`

	// latestStart is the last day on which what was missing could begin and still be done in time.
	// +optional
	LatestStart CivilDate `json:"latestStart,omitempty"`

	// message says in a sentence what was missing, or since when the milestone was met.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=1024
	Message string `json:"message,omitempty"`
}
