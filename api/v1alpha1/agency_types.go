package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// AgencyType is what kind of body an agency is.
// +kubebuilder:validation:Enum=GovernmentOffice;Ministry;MinisterialAgency;GovernmentAgency;Province;Department;Mission;Other
type AgencyType string

// Types of agencies.
const (
	AgencyTypeGovernmentOffice  AgencyType = "GovernmentOffice"
	AgencyTypeMinistry          AgencyType = "Ministry"
	AgencyTypeMinisterialAgency AgencyType = "MinisterialAgency"
	AgencyTypeGovernmentAgency  AgencyType = "GovernmentAgency"
	AgencyTypeProvince          AgencyType = "Province"
	AgencyTypeDepartment        AgencyType = "Department"
	AgencyTypeMission           AgencyType = "Mission"
	AgencyTypeOther             AgencyType = "Other"
)

// AgencyLifecycle is where an agency stands between its founding and its merger into another.
// +kubebuilder:validation:Enum=Active;Superseded
type AgencyLifecycle string

// Lifecycles of agencies.
const (
	AgencyActive     AgencyLifecycle = "Active"
	AgencySuperseded AgencyLifecycle = "Superseded"
)

// AgencySpec says who an agency is, and what may act in its name.
// +kubebuilder:validation:XValidation:rule="(has(self.lifecycle) && self.lifecycle == 'Superseded') == has(self.supersededBy)",message="An agency that was merged into another has both lifecycle: Superseded and supersededBy; an active one has neither."
// +kubebuilder:validation:XValidation:rule="!has(oldSelf.legacyCode) || has(self.legacyCode)",message="legacyCode is never removed once it is published; keep it as it was."
type AgencySpec struct {
	// code identifies the agency under Decision 20/2020/QĐ-TTg: groups of capitals and digits, root first, at most 35
	// characters, such as G12 or G12.18. It is never altered once published.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=1024
	// +kubebuilder:validation:XValidation:rule="!self.upperAscii().matches('^[0-9]{3}[.][0-9]{2}[.][0-9]{2}[.][A-Z][0-9]{2}$')",message="code is root first (Decision 20/2020/QĐ-TTg), such as G12.18; this one is leaf first, so write it into legacyCode and the root-first code here."
	// +kubebuilder:validation:XValidation:rule="self == self.upperAscii() || size(self) > 35 || !self.upperAscii().matches('^[A-Z][0-9]{2}([.][0-9A-Z]+)*$')",messageExpression="'code has capitals only (Decision 20/2020/QĐ-TTg); write ' + self.upperAscii() + '.'"
	// +kubebuilder:validation:XValidation:rule="size(self) <= 35",message="code has at most 35 characters (Decision 20/2020/QĐ-TTg), and this one has more; write the published code, such as G12.18."
	// +kubebuilder:validation:XValidation:rule="self.upperAscii().matches('^[0-9]{3}[.][0-9]{2}[.][0-9]{2}[.][A-Z][0-9]{2}$') || self.upperAscii().matches('^[A-Z][0-9]{2}([.][0-9A-Z]+)*$')",message="code is a capital letter and two digits, then groups of capitals and digits behind dots (Decision 20/2020/QĐ-TTg), such as G12 or G12.18."
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="code is never altered once published (Decision 20/2020/QĐ-TTg); create another Agency and let this one be superseded by it."
	Code string `json:"code,omitempty"`

	// legacyCode identifies the agency under QCVN 102:2016/BTTTT, leaf first, such as 000.00.18.G12. It is kept as declared and
	// never derived from code.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=64
	// +kubebuilder:validation:XValidation:rule="self.matches('^[0-9]{3}[.][0-9]{2}[.][0-9]{2}[.][A-Z][0-9]{2}$')",message="legacyCode has thirteen characters, leaf first (QCVN 102:2016/BTTTT), such as 000.00.18.G12."
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="legacyCode is never altered once published; create another Agency and let this one be superseded by it."
	LegacyCode string `json:"legacyCode,omitempty"`

	// names of the agency.
	// +required
	Names LocalizedNames `json:"names,omitzero"`

	// type of body.
	// +required
	Type AgencyType `json:"type,omitempty"`

	// parentRef names the Agency that this one belongs to.
	// +optional
	ParentRef *ObjectReference `json:"parentRef,omitempty"`

	// focalPoint ("đầu mối") is who answers for the agency's connection.
	// +optional
	FocalPoint *FocalPoint `json:"focalPoint,omitempty"`

	// timeZone of the agency's civil dates, such as the days on which its duties fall due, as in the IANA time zone database.
	// +optional
	// +kubebuilder:default="Asia/Ho_Chi_Minh"
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=64
	// +kubebuilder:validation:XValidation:rule="self.matches('^[A-Za-z][A-Za-z0-9+_-]*(/[A-Za-z0-9+_-]+)*$')",message="timeZone is a name of the IANA time zone database, such as Asia/Ho_Chi_Minh."
	TimeZone string `json:"timeZone,omitempty"`

	// operatedBy names the unit or organisation that operates the agency's system; it may not appraise the system's level.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=256
	// +kubebuilder:validation:XValidation:rule=`self.matches(r'^[^\pZ\pC]([^\pC\p{Zl}\p{Zp}]*[^\pZ\pC])?$')`,message="operatedBy is a text on one line, without a space at its beginning or end and without characters that no screen shows, such as those that turn the direction of writing; type it anew instead of pasting it."
	OperatedBy string `json:"operatedBy,omitempty"`

	// namespaces may act for the agency: a Connector in any other is not accepted.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=256
	// +kubebuilder:validation:items:MinLength=1
	// +kubebuilder:validation:items:MaxLength=63
	// +kubebuilder:validation:XValidation:rule="self.all(n, n.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?$'))",message="Each of namespaces is the name of a Kubernetes namespace, such as g12."
	Namespaces []string `json:"namespaces,omitempty"`

	// domains that the agency's host names may lie in: a domain allows itself and everything below it.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=64
	// +kubebuilder:validation:items:MinLength=1
	// +kubebuilder:validation:items:MaxLength=253
	// +kubebuilder:validation:XValidation:rule="self.all(d, d.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?([.][a-z0-9]([-a-z0-9]*[a-z0-9])?)+[.]?$'))",message="Each of domains is a DNS name in lower case with at least one dot and no wildcard, such as mof.gov.vn."
	// +kubebuilder:validation:XValidation:rule="self.all(d, !d.endsWith('.'))",message="Each of domains ends without a dot, as in mof.gov.vn; leave the dot at the end out."
	// +kubebuilder:validation:XValidation:rule="self.all(d, !d.matches('[^.]{64}|(^|[.])[0-9]+[.]?$'))",message="Each of domains is a DNS name, such as mof.gov.vn: no part of it is longer than 63 characters, and it is no IP address."
	// +kubebuilder:validation:XValidation:rule="self.all(d, !d.matches('^(ac|ai|biz|co|com|edu|gov|health|id|info|int|io|mil|name|net|org|pro)[.][a-z]{2}$'))",message="Each of domains is the agency's own, because every host name below it may become the agency's; gov.vn and its like belong to many, so write one below, such as mof.gov.vn."
	Domains []string `json:"domains,omitempty"`

	// lifecycle of the agency; Active unless it was merged into another.
	// +optional
	// +kubebuilder:default=Active
	Lifecycle AgencyLifecycle `json:"lifecycle,omitempty"`

	// supersededBy names the Agency that this one was merged into.
	// +optional
	SupersededBy *ObjectReference `json:"supersededBy,omitempty"`

	// noticeSinks are where the agency's focal point is told of changes that matter.
	// +optional
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=8
	NoticeSinks []NoticeSink `json:"noticeSinks,omitempty"`
}

// FocalPoint is who answers for an agency's connection.
type FocalPoint struct {
	// unit within the agency, such as its information centre.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=256
	// +kubebuilder:validation:XValidation:rule=`self.matches(r'^[^\pZ\pC]([^\pC\p{Zl}\p{Zp}]*[^\pZ\pC])?$')`,message="A unit is a text on one line, without a space at its beginning or end and without characters that no screen shows, such as those that turn the direction of writing; type it anew instead of pasting it."
	Unit string `json:"unit,omitempty"`

	// email of the unit.
	// +optional
	// +kubebuilder:validation:MinLength=3
	// +kubebuilder:validation:MaxLength=254
	// +kubebuilder:validation:XValidation:rule="self.matches('^[A-Za-z0-9._%+-]+@([A-Za-z0-9]([-A-Za-z0-9]*[A-Za-z0-9])?[.])+[A-Za-z]([-A-Za-z0-9]*[A-Za-z0-9])$')",message="email is one address in plain letters, such as trungtam@example.gov.vn."
	Email string `json:"email,omitempty"`

	// phone of the unit.
	// +optional
	// +kubebuilder:validation:MinLength=3
	// +kubebuilder:validation:MaxLength=32
	// +kubebuilder:validation:XValidation:rule=`self.matches(r'^[^\pZ\pC]([^\pC\p{Zl}\p{Zp}]*[^\pZ\pC])?$')`,message="phone is a text on one line, without a space at its beginning or end and without characters that no screen shows, such as those that turn the direction of writing; type it anew instead of pasting it."
	// +kubebuilder:validation:XValidation:rule="self.matches('[0-9].*[0-9].*[0-9]')",message="phone is a telephone number, such as 024 000 0000."
	Phone string `json:"phone,omitempty"`
}

// AgencyStatus is what the operator saw of an agency.
type AgencyStatus struct {
	// conditions are Accepted and Ready. Ready is True when the agency is accepted and has at least one Connector and each of them is ready.
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

	// connectors counts the Connectors that act for the agency.
	// +optional
	Connectors *ConnectorTally `json:"connectors,omitempty"`

	// milestones tells where the agency stands in each plan it is part of.
	// +optional
	// +listType=map
	// +listMapKey=plan
	// +listMapKey=milestone
	// +kubebuilder:validation:MaxItems=256
	Milestones []AgencyMilestone `json:"milestones,omitempty"`
}

// Agency is a body of the state that exchanges documents over the hub.
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:scope=Cluster,path=agencies,singular=agency,shortName=ag,categories=lienthong
// +kubebuilder:printcolumn:name="Code",type=string,JSONPath=`.spec.code`
// +kubebuilder:printcolumn:name="Type",type=string,JSONPath=`.spec.type`
// +kubebuilder:printcolumn:name="Name",type=string,JSONPath=`.spec.names.vi`
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Reason",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].reason`
// +kubebuilder:printcolumn:name="Connectors",type=integer,JSONPath=`.status.connectors.total`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
type Agency struct {
	metav1.TypeMeta `json:",inline"`

	// metadata of the object.
	// +optional
	metav1.ObjectMeta `json:"metadata,omitempty,omitzero"`

	// spec says who the agency is.
	// +required
	Spec AgencySpec `json:"spec,omitzero"`

	// status is what the operator saw.
	// +optional
	Status AgencyStatus `json:"status,omitempty,omitzero"`
}

// AgencyList is a list of Agencies.
// +kubebuilder:object:root=true
type AgencyList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []Agency `json:"items"`
}
