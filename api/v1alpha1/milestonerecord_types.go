package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// MilestoneRecordSpec tells that an agency met a milestone, and when. The operator writes it, once.
// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="A record of a met milestone is never changed."
type MilestoneRecordSpec struct {
	// plan names the RolloutPlan. The record stays when the plan goes, and counts again when a plan of that name comes back.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	Plan string `json:"plan,omitempty"`

	// milestone names the milestone within the plan.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	Milestone string `json:"milestone,omitempty"`

	// agency by the name of its Agency object.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	Agency string `json:"agency,omitempty"`

	// code of the agency under Decision 20/2020/QĐ-TTg.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=35
	Code string `json:"code,omitempty"`

	// cohort that the agency was in.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	Cohort string `json:"cohort,omitempty"`

	// metAt is when the milestone was first seen to be met.
	// +required
	MetAt metav1.Time `json:"metAt,omitzero"`

	// deadline that held for the agency then, exceptions considered.
	// +required
	Deadline Deadline `json:"deadline,omitzero"`

	// timeZone of the deadline.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=64
	TimeZone string `json:"timeZone,omitempty"`

	// metBy names the Agency that met it, if that was merged into this one since: the record is carried over to the successor.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	MetBy string `json:"metBy,omitempty"`
}

// MilestoneRecord tells that an agency met a milestone, and when. It is what metAt in the status of an Agency comes from, and outlives the
// plan, the cohort and the status.
// +kubebuilder:object:root=true
// +kubebuilder:resource:scope=Cluster,path=milestonerecords,singular=milestonerecord,shortName=msrec,categories=lienthong
// +kubebuilder:selectablefield:JSONPath=`.spec.plan`
// +kubebuilder:selectablefield:JSONPath=`.spec.agency`
// +kubebuilder:printcolumn:name="Plan",type=string,JSONPath=`.spec.plan`
// +kubebuilder:printcolumn:name="Milestone",type=string,JSONPath=`.spec.milestone`
// +kubebuilder:printcolumn:name="Agency",type=string,JSONPath=`.spec.agency`
// +kubebuilder:printcolumn:name="Cohort",type=string,JSONPath=`.spec.cohort`
// +kubebuilder:printcolumn:name="Deadline",type=string,JSONPath=`.spec.deadline.date`
// +kubebuilder:printcolumn:name="Met at",type=string,JSONPath=`.spec.metAt`
type MilestoneRecord struct {
	metav1.TypeMeta `json:",inline"`

	// metadata of the object.
	// +optional
	metav1.ObjectMeta `json:"metadata,omitempty,omitzero"`

	// spec tells who met what, and when.
	// +required
	Spec MilestoneRecordSpec `json:"spec,omitzero"`
}

// MilestoneRecordList is a list of MilestoneRecords.
// +kubebuilder:object:root=true
type MilestoneRecordList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []MilestoneRecord `json:"items"`
}
