package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// RolloutPolicy bounds how a change of a SecurityProfile or of a ConnectorClass reaches Connectors.
// +kubebuilder:validation:XValidation:rule="self.timeout.matches('^-?([0-9]{1,6}([.][0-9]+)?(h|ms?|s)){1,4}$')",fieldPath=".timeout",message="rollout.timeout is in hours, minutes and seconds, such as 15m; days are not a unit of durations."
// +kubebuilder:validation:XValidation:rule="!self.timeout.matches('^-?([0-9]{1,6}([.][0-9]+)?(h|ms?|s)){1,4}$') || (duration(self.timeout) >= duration('10s') && duration(self.timeout) <= duration('24h'))",fieldPath=".timeout",message="rollout.timeout is from ten seconds (10s) to one day (24h)."
type RolloutPolicy struct {
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

	// timeout is how long a Connector may take, from its turn until it is ready under what changed, before it counts as failed.
	// A time in which it waits for its maintenance window does not count.
	// +optional
	// +kubebuilder:default="15m"
	// +kubebuilder:validation:Type=string
	// +kubebuilder:validation:MaxLength=32
	Timeout metav1.Duration `json:"timeout,omitzero"`
}

// RolloutPhase is how far a change of a SecurityProfile or of a ConnectorClass is.
// +kubebuilder:validation:Enum=RollingOut;Paused;Complete
type RolloutPhase string

// Phases of a roll-out.
const (
	// RolloutUnderWay gives Connectors their turn, a batch at a time.
	RolloutUnderWay RolloutPhase = "RollingOut"
	// RolloutPaused gives no further turn, because too many Connectors did not get through.
	RolloutPaused RolloutPhase = "Paused"
	// RolloutComplete is when every Connector that it concerns has the newest revision.
	RolloutComplete RolloutPhase = "Complete"
)

// RolloutProgress tells how far a change of a SecurityProfile or of a ConnectorClass is.
type RolloutProgress struct {
	// phase of the roll-out.
	// +required
	Phase RolloutPhase `json:"phase,omitempty"`

	// revision identifies the newest technical part of the profile, or the newest spec of the class; a Connector has taken it up when its
	// status.profileRevision or status.classRevision says the same.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=64
	Revision string `json:"revision,omitempty"`

	// total is how many Connectors the profile rules, or are of the class.
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
	Batch []RolloutTurn `json:"batch,omitempty"`

	// refused are Connectors that were not accepted in their turn: it ended, because nothing was done to them, and since is when. Each
	// gets another after the timeout. At most a hundred are remembered.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=100
	Refused []RolloutTurn `json:"refused,omitempty"`

	// failed are Connectors that did not get through, deleted ones included until there is another change; at most sixteen are named.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=16
	Failed []RolloutFailure `json:"failed,omitempty"`
}

// RolloutTurn is the turn of one Connector.
type RolloutTurn struct {
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

	// since is when the turn was given, or when it began anew because of another change. While what is left to do waits for a
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

// RolloutFailure tells of a Connector that did not get through.
type RolloutFailure struct {
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
