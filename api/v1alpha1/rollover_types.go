package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// RolloverPolicy bounds how identities are moved to another certification authority.
// +kubebuilder:validation:XValidation:rule="self.timeout.matches('^-?([0-9]{1,6}([.][0-9]+)?(h|ms?|s)){1,4}$') && self.quietPeriod.matches('^-?([0-9]{1,6}([.][0-9]+)?(h|ms?|s)){1,4}$')",message="rollover.timeout and rollover.quietPeriod are in hours, minutes and seconds, such as 10m; days are not a unit of durations."
// +kubebuilder:validation:XValidation:rule="!self.timeout.matches('^-?([0-9]{1,6}([.][0-9]+)?(h|ms?|s)){1,4}$') || (duration(self.timeout) >= duration('10s') && duration(self.timeout) <= duration('24h'))",fieldPath=".timeout",message="rollover.timeout is from ten seconds (10s) to one day (24h)."
// +kubebuilder:validation:XValidation:rule="!self.quietPeriod.matches('^-?([0-9]{1,6}([.][0-9]+)?(h|ms?|s)){1,4}$') || (duration(self.quietPeriod) >= duration('10s') && duration(self.quietPeriod) <= duration('720h'))",fieldPath=".quietPeriod",message="rollover.quietPeriod is from ten seconds (10s) to thirty days (720h)."
type RolloverPolicy struct {
	// batchSize is how many connectors at most are being moved at once.
	// +optional
	// +kubebuilder:default=10
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=100
	BatchSize int32 `json:"batchSize,omitempty"`

	// maxFailures is how many failed connectors hold up all that have not begun.
	// +optional
	// +kubebuilder:default=1
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=100
	MaxFailures int32 `json:"maxFailures,omitempty"`

	// timeout is how long a connector may take, from its turn to the last pod that serves the new certificate, before it counts
	// as failed.
	// +optional
	// +kubebuilder:default="10m"
	Timeout metav1.Duration `json:"timeout,omitzero"`

	// quietPeriod is how long a gateway remembers by which anchor a peer proved itself: an anchor counts as unused when no peer
	// has needed it for so long.
	// +optional
	// +kubebuilder:default="1h"
	QuietPeriod metav1.Duration `json:"quietPeriod,omitzero"`
}

// RolloverPhase is how far a change of the certification authority is.
// +kubebuilder:validation:Enum=Distributing;Reissuing;Retiring;Complete
type RolloverPhase string

// Phases of a rollover, in order.
const (
	// RolloverDistributing waits until every gateway has loaded the trust bundle.
	RolloverDistributing RolloverPhase = "Distributing"
	// RolloverReissuing moves the connectors, a batch at a time.
	RolloverReissuing RolloverPhase = "Reissuing"
	// RolloverRetiring waits until nobody relies any more on the anchors that are to go.
	RolloverRetiring RolloverPhase = "Retiring"
	// RolloverComplete is when every connector has its certificate from the issuer, and every anchor in force is wanted.
	RolloverComplete RolloverPhase = "Complete"
)

// RolloverStatus tells how far a change of the certification authority is.
type RolloverStatus struct {
	// phase of the rollover.
	// +required
	Phase RolloverPhase `json:"phase,omitempty"`

	// issuerRef is the issuer that the turns in batch are for. The time of a turn begins anew when another is asked for.
	// +optional
	IssuerRef *IssuerReference `json:"issuerRef,omitempty"`

	// trusting is how many connectors have the trust bundle loaded in all their pods.
	// +optional
	Trusting *int32 `json:"trusting,omitempty"`

	// reissued is how many connectors have a certificate of the issuer that is asked for, served by all their pods.
	// +optional
	Reissued *int32 `json:"reissued,omitempty"`

	// waiting is how many connectors await their turn or their maintenance window.
	// +optional
	Waiting *int32 `json:"waiting,omitempty"`

	// batch are the connectors whose turn it is.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=100
	Batch []RolloverTurn `json:"batch,omitempty"`

	// failed are connectors of the batch that did not get through; at most sixteen are named.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=16
	Failed []RolloverFailure `json:"failed,omitempty"`
}

// RolloverTurn is the turn of one connector.
type RolloverTurn struct {
	// namespace of the Connector.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	Namespace string `json:"namespace,omitempty"`

	// name of the Connector.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	Name string `json:"name,omitempty"`

	// since is when the turn began.
	// +required
	Since metav1.Time `json:"since,omitzero"`

	// fromSerialNumber of the certificate that is to be replaced.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=64
	FromSerialNumber string `json:"fromSerialNumber,omitempty"`
}

// RolloverFailure is a connector that could not be moved.
type RolloverFailure struct {
	// namespace of the Connector.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	Namespace string `json:"namespace,omitempty"`

	// name of the Connector.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	Name string `json:"name,omitempty"`

	// message says what went wrong.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=512
	Message string `json:"message,omitempty"`
}
