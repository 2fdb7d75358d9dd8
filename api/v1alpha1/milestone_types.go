package v1alpha1

// Milestone is something that each agency of a cohort has to reach by a deadline.
type Milestone struct {
	// name of the milestone, unique within the plan.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	// +kubebuilder:validation:XValidation:rule="self.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?$')",message="A milestone's name is lower-case letters, digits and dashes, such as pilot."
	Name string `json:"name,omitempty"`

	// description of the milestone, with the article that sets it.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=512
	Description string `json:"description,omitempty"`

	// cohort that has to reach it.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	Cohort string `json:"cohort,omitempty"`

	// deadline by which it has to be reached.
	// +required
	Deadline Deadline `json:"deadline,omitzero"`

	// requires is what must hold, all of it, for the milestone to be met.
	// +required
	// +listType=atomic
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=16
	Requires []MilestoneRequirement `json:"requires,omitempty"`
}

// MilestoneRequirement is one thing that must hold.
// +kubebuilder:validation:XValidation:rule="[has(self.condition), has(self.evidence), has(self.regime), has(self.milestone)].filter(x, x).size() == 1",message="A requirement has exactly one of condition, evidence, regime and milestone."
type MilestoneRequirement struct {
	// condition that must be True on every Connector of the agency.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	// +kubebuilder:validation:XValidation:rule="self in ['Accepted', 'CertificateReady', 'WorkloadAvailable', 'HubConnected', 'Compliant', 'Ready']",messageExpression="'\"' + self + '\" is no condition of a Connector; write one of Accepted, CertificateReady, WorkloadAvailable, HubConnected, Compliant and Ready.'"
	Condition string `json:"condition,omitempty"`

	// evidence is a kind of record that a person makes, such as ContractSigned. While no record of the kind exists, the
	// milestone is not met.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	// +kubebuilder:validation:XValidation:rule="self.matches('^[A-Z][A-Za-z0-9]*$')",message="A kind of evidence is in CamelCase, such as ContractSigned."
	Evidence string `json:"evidence,omitempty"`

	// regime under which every Connector of the agency must be satisfied, as its status.compliance says, such as the regime to come
	// in a milestone at the end of its transition.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	// +kubebuilder:validation:XValidation:rule="self.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?$')",message="regime is lower-case letters, digits and dashes, such as nd331-2026."
	Regime string `json:"regime,omitempty"`

	// milestone of the same plan and cohort that must have been met before, such as the pilot before official operation.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	// +kubebuilder:validation:XValidation:rule="self.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?$')",message="A milestone's name is lower-case letters, digits and dashes, such as pilot."
	Milestone string `json:"milestone,omitempty"`

	// workingDays is how many working days it takes until this holds, once it can be begun. If unset, it is what the security profile of the
	// Connector says for the appraisal and the approval of its level and for the dossier of either, and otherwise nothing is reckoned.
	// +optional
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=1000
	WorkingDays *int32 `json:"workingDays,omitempty"`

	// responsible is who has to see to it, in words, such as the agency's information centre. If unset, it is whom the security profile names
	// for the appraisal and the approval of a level, and otherwise the agency's focal point.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=256
	Responsible string `json:"responsible,omitempty"`
}
