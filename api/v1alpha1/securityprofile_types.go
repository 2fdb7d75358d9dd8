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
	Rollout ProfileRolloutPolicy `json:"rollout,omitzero"`
}

// ProfileRolloutPolicy bounds how a change of a profile reaches Connectors.
// +kubebuilder:validation:XValidation:rule="self.timeout.matches('^-?([0-9]{1,6}([.][0-9]+)?(h|ms?|s)){1,4}$')",fieldPath=".timeout",message="rollout.timeout is in hours, minutes and seconds, such as 15m; days are not a unit of durations."
// +kubebuilder:validation:XValidation:rule="!self.timeout.matches('^-?([0-9]{1,6}([.][0-9]+)?(h|ms?|s)){1,4}$') || (duration(self.timeout) >= duration('10s') && duration(self.timeout) <= duration('24h'))",fieldPath=".timeout",message="rollout.timeout is from ten seconds (10s) to one day (24h)."
type ProfileRolloutPolicy struct {
	// batchSize is how many Connectors at most take up the change at once.
	// +optional
	// +kubebuilder:default=10
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=100
	BatchSize int32 `json:"batchSize,omitempty"`

	// maxFailures is how many Connectors that did not get through hold up all that have not begun.
	// +optional
	// +kubebuilder:default=1
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=100
	MaxFailures int32 `json:"maxFailures,omitempty"`

	// timeout is how long a Connector may take, from its turn until it is ready under the changed profile, before it counts as failed.
	// A time in which it waits for its maintenance window does not count.
	// +optional
	// +kubebuilder:default="15m"
	// +kubebuilder:validation:Type=string
	// +kubebuilder:validation:MaxLength=32
	Timeout metav1.Duration `json:"timeout,omitzero"`
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
	Rollout *ProfileRolloutStatus `json:"rollout,omitempty"`
}

// ProfileRolloutPhase is how far a change of a profile is.
// +kubebuilder:validation:Enum=RollingOut;Paused;Complete
type ProfileRolloutPhase string

// Phases of the roll-out of a profile.
const (
	// ProfileRollingOut gives Connectors their turn, a batch at a time.
	ProfileRollingOut ProfileRolloutPhase = "RollingOut"
	// ProfilePaused gives no further turn, because too many Connectors did not get through.
	ProfilePaused ProfileRolloutPhase = "Paused"
	// ProfileComplete is when every Connector that the profile rules has the newest revision.
	ProfileComplete ProfileRolloutPhase = "Complete"
)

// ProfileRolloutStatus tells how far a change of a profile is.
type ProfileRolloutStatus struct {
	// phase of the roll-out.
	// +required
	Phase ProfileRolloutPhase `json:"phase,omitempty"`

	// revision identifies the newest technical part of the profile; a Connector has taken it up when its status.profileRevision
	// says the same.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=64
	Revision string `json:"revision,omitempty"`

	// total is how many Connectors the profile rules.
	// +optional
	Total *int32 `json:"total,omitempty"`

	// updated is how many of them work under the newest revision, whatever duties people owe.
	// +optional
	Updated *int32 `json:"updated,omitempty"`

	// waiting is how many have not had their turn, or wait for their maintenance window.
	// +optional
	Waiting *int32 `json:"waiting,omitempty"`

	// batch are the Connectors whose turn it is.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=100
	Batch []ProfileTurn `json:"batch,omitempty"`

	// refused are Connectors that were not accepted in their turn: it ended, because nothing was done to them, and since is when. Each
	// gets another after the timeout. At most a hundred are remembered.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=100
	Refused []ProfileTurn `json:"refused,omitempty"`

	// failed are Connectors that did not get through, deleted ones included until the technical part is changed again; at most sixteen are
	// named.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=16
	Failed []ProfileFailure `json:"failed,omitempty"`
}

// ProfileTurn is the turn of one Connector.
type ProfileTurn struct {
	// namespace of the Connector.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	Namespace string `json:"namespace,omitempty"`

	// name of the Connector.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	Name string `json:"name,omitempty"`

	// since is when the turn was given, or when it began anew because the profile was changed again. While what is left to do waits for a
	// maintenance window, it is when that opens. Of one that was refused, it is when the turn ended.
	// +required
	Since metav1.Time `json:"since,omitzero"`

	// fromRevision is the revision that the Connector had when its turn was given, or began anew.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=64
	FromRevision string `json:"fromRevision,omitempty"`

	// notReadyReason is why the Connector did not work when its turn was given; unset if it did. One that did not work before does not
	// count as failed for being so still.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=1024
	NotReadyReason string `json:"notReadyReason,omitempty"`
}

// ProfileFailure tells of a Connector that did not get through.
type ProfileFailure struct {
	// namespace of the Connector.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	Namespace string `json:"namespace,omitempty"`

	// name of the Connector.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	Name string `json:"name,omitempty"`

	// message says what it lacks.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=1024
	Message string `json:"message,omitempty"`
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
