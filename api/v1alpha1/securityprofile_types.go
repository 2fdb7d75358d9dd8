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

	// validity is when the regime is in force. A Connector reports against the regime of its hub, and against each other one that is in
	// force or yet to come.
	// +optional
	Validity *Validity `json:"validity,omitempty"`

	// tls is what every mTLS listener and client of the gateway keeps.
	// +required
	TLS TLSRequirements `json:"tls,omitzero"`

	// cryptography is how the gateway does it.
	// +optional
	// +kubebuilder:default={fips140: Disabled}
	Cryptography CryptographyRequirements `json:"cryptography,omitzero"`

	// certificate is how connector identities are issued.
	// +required
	Certificate CertificateRequirements `json:"certificate,omitzero"`

	// workload is how the gateway runs.
	// +required
	Workload WorkloadRequirements `json:"workload,omitzero"`

	// network is how the gateway is isolated.
	// +required
	Network NetworkRequirements `json:"network,omitzero"`

	// logging is what the gateway logs of each request, and where to.
	// +optional
	// +kubebuilder:default={destination: StandardOutput}
	Logging LoggingRequirements `json:"logging,omitzero"`

	// approval says who appraises and approves the level, and how long each may take. If unset, the law does not say, and no record of
	// it is asked for.
	// +optional
	Approval *ApprovalRequirements `json:"approval,omitempty"`

	// duties that people fulfil and record.
	// +optional
	// +listType=map
	// +listMapKey=kind
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=64
	Duties []Duty `json:"duties,omitempty"`

	// systemRequirements are figures that are asked of the agency's whole system. They are shown, not enforced.
	// +optional
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=64
	SystemRequirements []SystemRequirement `json:"systemRequirements,omitempty"`

	// citations say where each figure comes from.
	// +optional
	// +listType=map
	// +listMapKey=field
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=256
	Citations []Citation `json:"citations,omitempty"`

	// rollout bounds how a change of the technical part reaches the Connectors that the profile rules.
	// +optional
	// +kubebuilder:default={batchSize: 10, maxFailures: 1, timeout: "15m"}
	Rollout RolloutPolicy `json:"rollout,omitzero"`
}

// SecurityProfileStatus is what the operator saw of a profile.
type SecurityProfileStatus struct {
	// conditions are Accepted, RolledOut, and Ready as their summary.
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

	// connectors counts the Connectors that the profile rules.
	// +optional
	Connectors *ConnectorTally `json:"connectors,omitempty"`

	// rollout tells how far a change of the technical part is.
	// +optional
	Rollout *RolloutProgress `json:"rollout,omitempty"`
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
// +kubebuilder:printcolumn:name="Rollout",type=string,JSONPath=`.status.rollout.phase`
// +kubebuilder:printcolumn:name="Updated",type=integer,JSONPath=`.status.rollout.updated`
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
