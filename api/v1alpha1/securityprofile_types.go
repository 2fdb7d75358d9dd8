package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// SecurityProfileSpec is what one security level asks of a connector under one legal regime. Every figure is data that a
// platform engineer can edit; a figure that the law does not set stays unset. Level N+1 does not inherit level N.
type SecurityProfileSpec struct {
	// regime names the legal regime, such as nd331-2026.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	// +kubebuilder:validation:XValidation:rule="self.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?$')",message="regime is lower-case letters, digits and dashes, such as nd331-2026."
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="regime cannot be changed; create a SecurityProfile for the other regime."
	Regime string `json:"regime,omitempty"`

	// level that the profile is for.
	// +required
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="level cannot be changed; create a SecurityProfile for the other level."
	Level SecurityLevel `json:"level,omitempty"`

	// tls is what every mTLS listener and client of the gateway keeps.
	// +required
	TLS TLSRequirements `json:"tls,omitzero"`

	// certificate is how connector identities are issued.
	// +required
	Certificate CertificateRequirements `json:"certificate,omitzero"`

	// workload is how the gateway runs.
	// +required
	Workload WorkloadRequirements `json:"workload,omitzero"`

	// network is how the gateway is isolated.
	// +required
	Network NetworkRequirements `json:"network,omitzero"`

	// approval says who appraises and approves the level, and how long each may take.
	// +optional
	Approval *ApprovalRequirements `json:"approval,omitempty"`

	// duties that people fulfil and record.
	// +optional
	// +listType=map
	// +listMapKey=kind
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=64
	Duties []Duty `json:"duties,omitempty"`
}

// TLSRequirements is what every mTLS listener and client of the gateway keeps.
type TLSRequirements struct {
	// minVersion is the least version of TLS.
	// +required
	MinVersion TLSVersion `json:"minVersion,omitempty"`
}

// KeyAlgorithm is an algorithm of private keys.
// +kubebuilder:validation:Enum=RSA;ECDSA
type KeyAlgorithm string

// Key algorithms.
const (
	KeyAlgorithmRSA   KeyAlgorithm = "RSA"
	KeyAlgorithmECDSA KeyAlgorithm = "ECDSA"
)

// CertificateRequirements is how connector identities are issued.
// +kubebuilder:validation:XValidation:rule="self.keyAlgorithm == 'RSA' ? self.keySize in [2048, 3072, 4096] : self.keySize in [256, 384, 521]",message="keySize is 2048, 3072 or 4096 for RSA, and 256, 384 or 521 for ECDSA."
// +kubebuilder:validation:XValidation:rule="self.duration.matches('^-?([0-9]{1,6}([.][0-9]+)?(h|ms?|s)){1,4}$')",fieldPath=".duration",message="duration is in hours, minutes and seconds: write hours, such as 2160h; days are not a unit of durations."
// +kubebuilder:validation:XValidation:rule="self.renewBefore.matches('^-?([0-9]{1,6}([.][0-9]+)?(h|ms?|s)){1,4}$')",fieldPath=".renewBefore",message="renewBefore is in hours, minutes and seconds: write hours, such as 720h; days are not a unit of durations."
// +kubebuilder:validation:XValidation:rule="!self.duration.matches('^-?([0-9]{1,6}([.][0-9]+)?(h|ms?|s)){1,4}$') || duration(self.duration) >= duration('1h')",message="duration is at least one hour (1h), which is the least that cert-manager issues."
// +kubebuilder:validation:XValidation:rule="!self.duration.matches('^-?([0-9]{1,6}([.][0-9]+)?(h|ms?|s)){1,4}$') || !self.renewBefore.matches('^-?([0-9]{1,6}([.][0-9]+)?(h|ms?|s)){1,4}$') || (duration(self.renewBefore) >= duration('5m') && duration(self.renewBefore) < duration(self.duration))",message="renewBefore is at least five minutes (5m) and shorter than duration."
// +kubebuilder:validation:XValidation:rule="!has(self.expiryWarnings) || self.expiryWarnings.all(w, w.matches('^([0-9]{1,6}([.][0-9]+)?(h|ms?|s)){1,4}$') && duration(w) > duration('0s'))",fieldPath=".expiryWarnings",message="Each of expiryWarnings is a time above zero in hours, minutes and seconds: write hours, such as 720h; days are not a unit of durations."
type CertificateRequirements struct {
	// keyAlgorithm of the private key.
	// +required
	KeyAlgorithm KeyAlgorithm `json:"keyAlgorithm,omitempty"`

	// keySize in bits.
	// +required
	KeySize int32 `json:"keySize,omitempty"`

	// duration is the life of a certificate, such as 2160h.
	// +required
	Duration metav1.Duration `json:"duration,omitzero"`

	// renewBefore is how long before its end a certificate is renewed.
	// +required
	RenewBefore metav1.Duration `json:"renewBefore,omitzero"`

	// expiryWarnings are the distances to the end of a certificate at which a warning is given, once each: 60, 30, 14, 7 and 1
	// days unless set. They are for a life of one year and more, and shrink in proportion for a shorter one.
	// +optional
	// +listType=atomic
	// +kubebuilder:default={"1440h","720h","336h","168h","24h"}
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=16
	// +kubebuilder:validation:items:Type=string
	// +kubebuilder:validation:items:MaxLength=32
	ExpiryWarnings []metav1.Duration `json:"expiryWarnings,omitempty"`
}

// SpreadPolicy is how strictly pods are kept apart.
// +kubebuilder:validation:Enum=None;Preferred;Required
type SpreadPolicy string

// Spread policies.
const (
	SpreadNone      SpreadPolicy = "None"
	SpreadPreferred SpreadPolicy = "Preferred"
	SpreadRequired  SpreadPolicy = "Required"
)

// WorkloadRequirements is how the gateway runs.
type WorkloadRequirements struct {
	// minReplicas is the least number of gateway pods; a Connector may ask for more, never for fewer.
	// +required
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=100
	MinReplicas int32 `json:"minReplicas,omitempty"`

	// spreadHosts keeps pods on different hosts.
	// +optional
	// +kubebuilder:default=Preferred
	SpreadHosts SpreadPolicy `json:"spreadHosts,omitempty"`

	// spreadZones keeps pods in different zones.
	// +optional
	// +kubebuilder:default=Preferred
	SpreadZones SpreadPolicy `json:"spreadZones,omitempty"`
}

// EgressPolicy is how far a gateway's outgoing connections are restricted.
// +kubebuilder:validation:Enum=Ports;Controlled
type EgressPolicy string

// Egress policies.
const (
	// EgressPorts restricts outgoing connections to the ports that the gateway needs.
	EgressPorts EgressPolicy = "Ports"
	// EgressControlled restricts them to the declared peers of the hub and the backend as well.
	EgressControlled EgressPolicy = "Controlled"
)

// NetworkRequirements is how the gateway is isolated. Everything that is not needed is denied at every level.
type NetworkRequirements struct {
	// egress policy of the gateway.
	// +optional
	// +kubebuilder:default=Ports
	Egress EgressPolicy `json:"egress,omitempty"`
}

// ApprovalRequirements says who appraises and approves a level.
type ApprovalRequirements struct {
	// appraiser ("thẩm định") of the level.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=256
	Appraiser string `json:"appraiser,omitempty"`

	// approver ("phê duyệt") of the level.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=256
	Approver string `json:"approver,omitempty"`

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
}

// Duty is something that people do at an interval and record.
type Duty struct {
	// kind of duty, such as PenetrationTest.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	// +kubebuilder:validation:XValidation:rule="self.matches('^[A-Z][A-Za-z0-9]*$')",message="A duty's kind is in CamelCase, such as PenetrationTest."
	Kind string `json:"kind,omitempty"`

	// intervalMonths is the most calendar months between two records; unset where the law asks for the duty without a figure.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=120
	IntervalMonths *int32 `json:"intervalMonths,omitempty"`

	// note says what the law says beside the figure.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=512
	Note string `json:"note,omitempty"`
}

// SecurityProfileStatus is what the operator saw of a profile.
type SecurityProfileStatus struct {
	// conditions are Accepted and Ready.
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

	// connectors counts the Connectors that the profile rules.
	// +optional
	Connectors *ConnectorTally `json:"connectors,omitempty"`
}

// SecurityProfile is what one security level ("cấp độ") asks of a connector under one legal regime.
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:scope=Cluster,path=securityprofiles,singular=securityprofile,shortName=secprof,categories=lienthong
// +kubebuilder:printcolumn:name="Regime",type=string,JSONPath=`.spec.regime`
// +kubebuilder:printcolumn:name="Level",type=integer,JSONPath=`.spec.level`
// +kubebuilder:printcolumn:name="TLS",type=string,JSONPath=`.spec.tls.minVersion`
// +kubebuilder:printcolumn:name="Replicas",type=integer,JSONPath=`.spec.workload.minReplicas`
// +kubebuilder:printcolumn:name="Life",type=string,JSONPath=`.spec.certificate.duration`
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Connectors",type=integer,JSONPath=`.status.connectors.total`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
type SecurityProfile struct {
	metav1.TypeMeta `json:",inline"`

	// metadata of the object.
	// +optional
	metav1.ObjectMeta `json:"metadata,omitempty,omitzero"`

	// spec is what the level asks for.
	// +required
	Spec SecurityProfileSpec `json:"spec,omitzero"`

	// status is what the operator saw.
	// +optional
	Status SecurityProfileStatus `json:"status,omitempty,omitzero"`
}

// SecurityProfileList is a list of SecurityProfiles.
// +kubebuilder:object:root=true
type SecurityProfileList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []SecurityProfile `json:"items"`
}
