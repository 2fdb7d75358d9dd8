package v1alpha1

// ResponsibleRole is who the law makes responsible for a step.
// +kubebuilder:validation:Enum=SecurityUnit;SystemOwner;Organisation
type ResponsibleRole string

// Responsible roles.
const (
	// RoleSecurityUnit is the specialised security unit ("đơn vị chuyên trách về an toàn thông tin") of the agency or of one that it
	// belongs to. The record names the unit.
	RoleSecurityUnit ResponsibleRole = "SecurityUnit"
	// RoleSystemOwner is the owner ("chủ quản") of the system: the agency, or one that it belongs to.
	RoleSystemOwner ResponsibleRole = "SystemOwner"
	// RoleOrganisation is one organisation for all, such as a ministry.
	RoleOrganisation ResponsibleRole = "Organisation"
)

// ResponsibleParty is who is responsible for a step.
// +kubebuilder:validation:XValidation:rule="self.role != 'Organisation' || has(self.name)",message="A responsible party in the role Organisation has a name, such as Ministry of Public Security."
// +kubebuilder:validation:XValidation:rule="self.role == 'Organisation' || !has(self.agencyRef)",message="agencyRef is for the role Organisation only; the other roles are found from the Connector's own Agency."
type ResponsibleParty struct {
	// role of the party.
	// +required
	Role ResponsibleRole `json:"role,omitempty"`

	// name of the party, as the law writes it.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=256
	Name string `json:"name,omitempty"`

	// otherNames of the party, such as that in another language; a record that writes one of them is as good as one that writes the name.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=8
	// +kubebuilder:validation:items:MinLength=1
	// +kubebuilder:validation:items:MaxLength=256
	OtherNames []string `json:"otherNames,omitempty"`

	// agencyRef names the Agency that is the organisation, if it is one; a record that names this Agency is as good as one that
	// writes the name.
	// +optional
	AgencyRef *ObjectReference `json:"agencyRef,omitempty"`
}

// ApprovalRequirements says who appraises and approves a level, and how long each may take.
type ApprovalRequirements struct {
	// appraiser ("thẩm định") of the level.
	// +required
	Appraiser ResponsibleParty `json:"appraiser,omitzero"`

	// approver ("phê duyệt") of the level.
	// +required
	Approver ResponsibleParty `json:"approver,omitzero"`

	// appraisalWorkingDays is the longest that an appraisal may take, in working days; unset if the law sets none.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=366
	AppraisalWorkingDays *int32 `json:"appraisalWorkingDays,omitempty"`

	// approvalWorkingDays is the longest that an approval may take, in working days; unset if the law sets none.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=366
	ApprovalWorkingDays *int32 `json:"approvalWorkingDays,omitempty"`

	// dossierWorkingDays is within how many working days an incomplete dossier is answered; unset if the law sets none.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=366
	DossierWorkingDays *int32 `json:"dossierWorkingDays,omitempty"`

	// loweringArticle is the article that forbids to lower a level by splitting or merging systems, for the refusal; unset if none is
	// known.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=256
	LoweringArticle string `json:"loweringArticle,omitempty"`
}

// Duty is something that people do at an interval and record.
type Duty struct {
	// kind of duty, such as PenetrationTest; the kind of ComplianceEvidence that shows it done.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	// +kubebuilder:validation:XValidation:rule="self.matches('^[A-Z][A-Za-z0-9]*$')",message="A duty's kind is in CamelCase, such as PenetrationTest."
	// +kubebuilder:validation:XValidation:rule="!(self in ['LevelDetermination', 'LevelAppraisal', 'LevelApproval'])",message="The determination, appraisal and approval of a level follow from approval; they are no duties of their own."
	Kind string `json:"kind,omitempty"`

	// intervalMonths is the most calendar months between two records; unset where the law asks for the duty without a figure. A duty
	// without it is satisfied by any record, and never falls due.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=120
	IntervalMonths *int32 `json:"intervalMonths,omitempty"`

	// dueSoonDays is how many calendar days before it falls due the duty is reported as due soon.
	// +optional
	// +kubebuilder:default=30
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=366
	DueSoonDays *int32 `json:"dueSoonDays,omitempty"`

	// independent records only count if who performed them is independent of the system's operation.
	// +optional
	// +kubebuilder:default=false
	Independent *bool `json:"independent,omitempty"`

	// note says what the law says beside the figure.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=512
	Note string `json:"note,omitempty"`
}

// Citation says where a figure of a profile comes from, and how sure that is.
type Citation struct {
	// field that the citation is for, as a path below spec, such as tls.minVersion, duties.PenetrationTest or
	// systemRequirements.logRetentionMonths.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=128
	Field string `json:"field,omitempty"`

	// source is the act and the article, or what a choice of the project's own is derived from.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=512
	Source string `json:"source,omitempty"`

	// confidence is confirmed (read in the act itself), secondary (read in a source that cites the article), memory-NN (remembered, and
	// NN % sure) or derived (the project's own choice, which meets the requirement that source names).
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=16
	// +kubebuilder:validation:XValidation:rule="self.matches('^(confirmed|secondary|derived|memory-[0-9]{1,2})$')",message="confidence is confirmed, secondary, derived, or memory-NN with how sure it is in per cent, such as memory-85."
	Confidence string `json:"confidence,omitempty"`
}

// SystemRequirement is a figure that is asked of the agency's whole system, and that nothing on the connector's own objects could
// enforce.
type SystemRequirement struct {
	// name of the requirement, such as logRetentionMonths.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	// +kubebuilder:validation:XValidation:rule="self.matches('^[a-z][A-Za-z0-9]*$')",message="A requirement's name is in camelCase, such as logRetentionMonths."
	Name string `json:"name,omitempty"`

	// value of the requirement, in the words of the source.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=256
	Value string `json:"value,omitempty"`

	// note says what the source says beside the figure.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=512
	Note string `json:"note,omitempty"`
}

// Validity is when a regime is in force.
// +kubebuilder:validation:XValidation:rule="!has(self.until) || self.from < self.until",fieldPath=".until",message="validity.until is the first day on which the regime is no longer in force, so it comes after validity.from."
type Validity struct {
	// from is the first day on which the regime is in force.
	// +required
	From CivilDate `json:"from,omitempty"`

	// until is the first day on which it no longer is; unset while no end is known.
	// +optional
	Until CivilDate `json:"until,omitempty"`

	// transitionUntil is the last day by which systems whose level was approved under an earlier regime have to meet this one; unset if
	// there is none.
	// +optional
	TransitionUntil CivilDate `json:"transitionUntil,omitempty"`
}
