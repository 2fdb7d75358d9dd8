package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// DutyWaiverSpec excuses a Connector from duties of its SecurityProfile for a time. A waiver is never changed: another one replaces it.
// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="A waiver is never changed; create another DutyWaiver, and delete this one if it is to end earlier."
// +kubebuilder:validation:XValidation:rule="self.from < self.until",fieldPath=".until",message="until is the first day on which the waiver no longer holds, so it comes after from."
type DutyWaiverSpec struct {
	// connectorRef names the Connector, in the namespace of the waiver, that is excused.
	// +required
	ConnectorRef ConnectorReference `json:"connectorRef,omitzero"`

	// duties that it is excused from, by their kinds. The level's approval cannot be waived.
	// +required
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=64
	// +kubebuilder:validation:items:MinLength=1
	// +kubebuilder:validation:items:MaxLength=63
	// +kubebuilder:validation:XValidation:rule="self.all(d, d.matches('^[A-Z][A-Za-z0-9]*$'))",message="Each of duties is the kind of a duty, in CamelCase, such as PenetrationTest."
	// +kubebuilder:validation:XValidation:rule="self.all(d, !(d in ['LevelDetermination', 'LevelAppraisal', 'LevelApproval']))",message="The determination, appraisal and approval of a level cannot be waived; leave them out of duties."
	Duties []string `json:"duties,omitempty"`

	// reason for the waiver.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=1024
	Reason string `json:"reason,omitempty"`

	// approver of the waiver.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=256
	// +kubebuilder:validation:XValidation:rule=`self.matches(r'^[^\pZ\pC]([^\pC\p{Zl}\p{Zp}]*[^\pZ\pC])?$')`,message="approver is a text on one line, without a space at its beginning or end and without characters that no screen shows, such as those that turn the direction of writing; type it anew instead of pasting it."
	Approver string `json:"approver,omitempty"`

	// from is the first day on which the waiver holds, where the agency is.
	// +required
	From CivilDate `json:"from,omitempty"`

	// until is the first day on which it no longer holds.
	// +required
	Until CivilDate `json:"until,omitempty"`
}

// DutyWaiverStatus is what the operator saw of a waiver.
type DutyWaiverStatus struct {
	// conditions are Accepted and Ready; Ready is True while the waiver holds.
	// +optional
	// +listType=map
	// +listMapKey=type
	// +patchMergeKey=type
	// +patchStrategy=merge
	// +kubebuilder:validation:MaxItems=16
	Conditions []metav1.Condition `json:"conditions,omitempty" patchStrategy:"merge" patchMergeKey:"type"`

	// observedGeneration is the generation of the spec that this status tells of.
	// +optional
	// +kubebuilder:validation:Minimum=1
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`

	// recordedAt is when the object was first created. It is kept when a restore from a backup creates the object anew, so that what came
	// first still comes first.
	// +optional
	RecordedAt *metav1.Time `json:"recordedAt,omitempty"`
}

// DutyWaiver excuses a Connector from duties of its SecurityProfile for a time, with a reason and an approver.
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:path=dutywaivers,singular=dutywaiver,shortName=waiver,categories=lienthong
// +kubebuilder:printcolumn:name="Connector",type=string,JSONPath=`.spec.connectorRef.name`
// +kubebuilder:printcolumn:name="Duties",type=string,JSONPath=`.spec.duties`
// +kubebuilder:printcolumn:name="From",type=string,JSONPath=`.spec.from`
// +kubebuilder:printcolumn:name="Until",type=string,JSONPath=`.spec.until`
// +kubebuilder:printcolumn:name="Approver",type=string,JSONPath=`.spec.approver`
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Reason",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].reason`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
type DutyWaiver struct {
	metav1.TypeMeta `json:",inline"`

	// metadata of the object.
	// +optional
	metav1.ObjectMeta `json:"metadata,omitempty,omitzero"`

	// spec is the waiver.
	// +required
	Spec DutyWaiverSpec `json:"spec,omitzero"`

	// status is what the operator saw.
	// +optional
	Status DutyWaiverStatus `json:"status,omitempty,omitzero"`
}

// DutyWaiverList is a list of DutyWaivers.
// +kubebuilder:object:root=true
type DutyWaiverList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []DutyWaiver `json:"items"`
}
