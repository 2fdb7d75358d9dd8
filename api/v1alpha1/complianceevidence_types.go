package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Kinds of evidence that the operator itself knows. The list is open: a kind is what a duty of a SecurityProfile, or a milestone of a
// RolloutPlan, asks for by that name.
const (
	EvidenceLevelDetermination = "LevelDetermination"
	EvidenceLevelAppraisal     = "LevelAppraisal"
	EvidenceLevelApproval      = "LevelApproval"
	EvidencePenetrationTest    = "PenetrationTest"
	EvidenceVulnerabilityScan  = "VulnerabilityScan"
	EvidenceRestoreTest        = "RestoreTest"
	EvidenceAccountReview      = "AccountReview"
	EvidenceIncidentDrill      = "IncidentDrill"
	EvidenceRiskReview         = "RiskReview"
	EvidenceLogReview          = "LogReview"
	EvidenceSecurityAssessment = "SecurityAssessment"
	EvidencePilotExchange      = "PilotExchange"
)

// ComplianceEvidenceSpec records that something was done for a Connector. A record is never changed: a correction is another record
// that supersedes it.
// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="A record is never changed; create another ComplianceEvidence whose supersedes names this one."
// +kubebuilder:validation:XValidation:rule="(self.kind in ['LevelDetermination', 'LevelAppraisal', 'LevelApproval']) == has(self.level)",message="level is written for the kinds LevelDetermination, LevelAppraisal and LevelApproval, and for no other: it is the level that was determined, appraised or approved."
// +kubebuilder:validation:XValidation:rule="self.kind != 'LevelAppraisal' || self.independentOfOperations",message="Who operates the system may not appraise its level; have it appraised by a unit that does not, and write independentOfOperations: true."
type ComplianceEvidenceSpec struct {
	// connectorRef names the Connector, in the namespace of the record, that this was done for.
	// +required
	ConnectorRef ConnectorReference `json:"connectorRef,omitzero"`

	// kind of what was done, such as PenetrationTest.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	// +kubebuilder:validation:XValidation:rule="self.matches('^[A-Z][A-Za-z0-9]*$')",message="A kind of evidence is in CamelCase, such as PenetrationTest."
	Kind string `json:"kind,omitempty"`

	// level that was determined, appraised or approved.
	// +optional
	Level *SecurityLevel `json:"level,omitempty"`

	// regime that the record was made under; if unset, it counts under each.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	// +kubebuilder:validation:XValidation:rule="self.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?$')",message="regime is lower-case letters, digits and dashes, such as nd331-2026."
	Regime string `json:"regime,omitempty"`

	// performedAt is the day on which it was done, where the agency is. It is not in the future.
	// +required
	PerformedAt CivilDate `json:"performedAt,omitempty"`

	// performedBy is who did it.
	// +required
	PerformedBy Performer `json:"performedBy,omitzero"`

	// independentOfOperations tells whether who did it is independent of who operates the system.
	// +required
	IndependentOfOperations *bool `json:"independentOfOperations,omitempty"`

	// outcome of it.
	// +required
	Outcome EvidenceOutcome `json:"outcome,omitzero"`

	// document that it is recorded in. The document itself stays where it is.
	// +required
	Document DocumentReference `json:"document,omitzero"`

	// supersedes names the record of the same kind and Connector that this one corrects.
	// +optional
	Supersedes *RecordReference `json:"supersedes,omitempty"`
}

// ConnectorReference names a Connector in the namespace of the object.
type ConnectorReference struct {
	// name of the Connector.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	Name string `json:"name,omitempty"`
}

// RecordReference names another ComplianceEvidence in the namespace of the object.
type RecordReference struct {
	// name of the record.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	Name string `json:"name,omitempty"`
}

// Performer is who did something: an agency, or an organisation that is none.
// +kubebuilder:validation:MinProperties=1
// +kubebuilder:validation:XValidation:rule="has(self.agencyRef) != has(self.organisation)",message="performedBy has either agencyRef, for an agency, or organisation, for anybody else."
type Performer struct {
	// agencyRef names the Agency that did it.
	// +optional
	AgencyRef *ObjectReference `json:"agencyRef,omitempty"`

	// organisation that did it and is no Agency, by its name.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=256
	// +kubebuilder:validation:XValidation:rule=`self.matches(r'^[^\pZ\pC]([^\pC\p{Zl}\p{Zp}]*[^\pZ\pC])?$')`,message="An organisation is a text on one line, without a space at its beginning or end and without characters that no screen shows, such as those that turn the direction of writing; type it anew instead of pasting it."
	Organisation string `json:"organisation,omitempty"`

	// unit within the agency or organisation.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=256
	// +kubebuilder:validation:XValidation:rule=`self.matches(r'^[^\pZ\pC]([^\pC\p{Zl}\p{Zp}]*[^\pZ\pC])?$')`,message="A unit is a text on one line, without a space at its beginning or end and without characters that no screen shows, such as those that turn the direction of writing; type it anew instead of pasting it."
	Unit string `json:"unit,omitempty"`
}

// EvidenceResult is what came of it.
// +kubebuilder:validation:Enum=Passed;Failed
type EvidenceResult string

// Results.
const (
	EvidencePassed EvidenceResult = "Passed"
	// EvidenceFailed records that it was done and that the result was not good enough. It satisfies no duty.
	EvidenceFailed EvidenceResult = "Failed"
)

// EvidenceOutcome is what came of it.
// +kubebuilder:validation:XValidation:rule="self.result != 'Passed' || !has(self.findings) || !has(self.findings.critical) || self.findings.critical == 0",message="What has critical findings did not pass; write result: Failed, and another record when they are mended."
type EvidenceOutcome struct {
	// result of it.
	// +required
	Result EvidenceResult `json:"result,omitempty"`

	// findings counts what was found, by severity.
	// +optional
	Findings *FindingCounts `json:"findings,omitempty"`
}

// FindingCounts counts findings by severity.
// +kubebuilder:validation:MinProperties=1
type FindingCounts struct {
	// critical findings.
	// +optional
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=100000
	Critical *int32 `json:"critical,omitempty"`

	// high findings.
	// +optional
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=100000
	High *int32 `json:"high,omitempty"`

	// medium findings.
	// +optional
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=100000
	Medium *int32 `json:"medium,omitempty"`

	// low findings.
	// +optional
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=100000
	Low *int32 `json:"low,omitempty"`
}

// DocumentReference names a document and pins its content.
type DocumentReference struct {
	// reference by which the document is found, such as its number and date, or a URL.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=1024
	// +kubebuilder:validation:XValidation:rule=`self.matches(r'^[^\pZ\pC]([^\pC\p{Zl}\p{Zp}]*[^\pZ\pC])?$')`,message="A document's reference is a text on one line, without a space at its beginning or end and without characters that no screen shows, such as those that turn the direction of writing; type it anew instead of pasting it."
	Reference string `json:"reference,omitempty"`

	// sha256 of the document's bytes, in lower-case hexadecimal.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=128
	// +kubebuilder:validation:XValidation:rule="self.matches('^[0-9a-f]{64}$')",message="sha256 is the document's SHA-256 digest: 64 hexadecimal digits in lower case, as sha256sum prints it."
	// +kubebuilder:validation:XValidation:rule="!self.matches('^(0+|f+)$') && self != 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'",message="sha256 is the digest of no document, or of an empty one; write what sha256sum prints for the document itself."
	SHA256 string `json:"sha256,omitempty"`
}

// ComplianceEvidenceStatus is what the operator saw of a record.
type ComplianceEvidenceStatus struct {
	// conditions are Accepted and Ready. A record that is not accepted counts for nothing.
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

	// supersededBy names the accepted record that corrects this one, which then counts for nothing.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	SupersededBy string `json:"supersededBy,omitempty"`
}

// ComplianceEvidence records that something was done for a Connector: a level approved, a test performed, a review held.
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:path=complianceevidences,singular=complianceevidence,shortName=evidence,categories=lienthong
// +kubebuilder:printcolumn:name="Connector",type=string,JSONPath=`.spec.connectorRef.name`
// +kubebuilder:printcolumn:name="Kind",type=string,JSONPath=`.spec.kind`
// +kubebuilder:printcolumn:name="Level",type=integer,JSONPath=`.spec.level`
// +kubebuilder:printcolumn:name="Performed",type=string,JSONPath=`.spec.performedAt`
// +kubebuilder:printcolumn:name="Result",type=string,JSONPath=`.spec.outcome.result`
// +kubebuilder:printcolumn:name="Accepted",type=string,JSONPath=`.status.conditions[?(@.type=="Accepted")].status`
// +kubebuilder:printcolumn:name="Superseded by",type=string,JSONPath=`.status.supersededBy`
// +kubebuilder:printcolumn:name="Message",type=string,priority=1,JSONPath=`.status.conditions[?(@.type=="Accepted")].message`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
type ComplianceEvidence struct {
	metav1.TypeMeta `json:",inline"`

	// metadata of the object.
	// +optional
	metav1.ObjectMeta `json:"metadata,omitempty,omitzero"`

	// spec is the record.
	// +required
	Spec ComplianceEvidenceSpec `json:"spec,omitzero"`

	// status is what the operator saw.
	// +optional
	Status ComplianceEvidenceStatus `json:"status,omitempty,omitzero"`
}

// ComplianceEvidenceList is a list of ComplianceEvidence.
// +kubebuilder:object:root=true
type ComplianceEvidenceList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []ComplianceEvidence `json:"items"`
}
