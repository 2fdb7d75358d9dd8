package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Hardening is what a Connector asks for beyond its SecurityProfile. It may ask for more, never for less.
// +kubebuilder:validation:MinProperties=1
// +kubebuilder:validation:XValidation:rule="!has(self.certificateDuration) || self.certificateDuration.matches('^-?([0-9]{1,6}([.][0-9]+)?(h|ms?|s)){1,4}$')",fieldPath=".certificateDuration",message="hardening.certificateDuration is in hours, minutes and seconds: write hours, such as 168h; days are not a unit of durations."
// +kubebuilder:validation:XValidation:rule="!has(self.certificateDuration) || !self.certificateDuration.matches('^-?([0-9]{1,6}([.][0-9]+)?(h|ms?|s)){1,4}$') || duration(self.certificateDuration) >= duration('1h')",fieldPath=".certificateDuration",message="hardening.certificateDuration is at least one hour (1h), which is the least that cert-manager issues."
type Hardening struct {
	// minTLSVersion is the least version of TLS, if it is to be higher than the profile's.
	// +optional
	MinTLSVersion TLSVersion `json:"minTLSVersion,omitempty"`

	// certificateDuration is the life of a certificate, if it is to be shorter than the profile's. What the profile renews before its
	// end shrinks in proportion.
	// +optional
	// +kubebuilder:validation:Type=string
	// +kubebuilder:validation:MaxLength=32
	CertificateDuration *metav1.Duration `json:"certificateDuration,omitempty"`

	// egress policy, if it is to be stricter than the profile's.
	// +optional
	Egress EgressPolicy `json:"egress,omitempty"`

	// fips140 mode, if it is to be enabled where the profile does not ask for it.
	// +optional
	FIPS140 FIPS140Mode `json:"fips140,omitempty"`
}

// DutyState is where a duty stands.
// +kubebuilder:validation:Enum=Satisfied;DueSoon;Overdue;Missing;Waived
type DutyState string

// States of duties.
const (
	// DutySatisfied is a duty whose newest valid record is not old enough to fall due soon.
	DutySatisfied DutyState = "Satisfied"
	// DutyDueSoon is a duty that is still satisfied and falls due within its dueSoonDays.
	DutyDueSoon DutyState = "DueSoon"
	// DutyOverdue is a duty that was done, too long ago.
	DutyOverdue DutyState = "Overdue"
	// DutyMissing is a duty that no valid record exists for.
	DutyMissing DutyState = "Missing"
	// DutyWaived is a duty that would be Overdue or Missing, and that a waiver which holds excuses.
	DutyWaived DutyState = "Waived"
)

// RegimeStanding is where a regime is in time.
// +kubebuilder:validation:Enum=InForce;ToCome;Ended
type RegimeStanding string

// Standings of regimes.
const (
	RegimeInForce RegimeStanding = "InForce"
	RegimeToCome  RegimeStanding = "ToCome"
	RegimeEnded   RegimeStanding = "Ended"
)

// ComplianceStatus tells how a Connector stands under one regime.
type ComplianceStatus struct {
	// regime that this is about.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	Regime string `json:"regime,omitempty"`

	// ruling is true for the regime of the hub, whose profile is enforced.
	// +optional
	Ruling *bool `json:"ruling,omitempty"`

	// standing of the regime today, by the validity of its profile.
	// +optional
	Standing RegimeStanding `json:"standing,omitempty"`

	// level that the Connector was judged by.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=5
	Level SecurityLevel `json:"level,omitempty"`

	// profile names the SecurityProfile that it was judged by.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	Profile string `json:"profile,omitempty"`

	// satisfied tells whether nothing is short.
	// +optional
	Satisfied *bool `json:"satisfied,omitempty"`

	// shortfalls are what is missing; at most 64 are named.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=64
	Shortfalls []Shortfall `json:"shortfalls,omitempty"`

	// duties of the level's approval and of the profile, and where each stands.
	// +optional
	// +listType=map
	// +listMapKey=kind
	// +kubebuilder:validation:MaxItems=67
	Duties []DutyStatus `json:"duties,omitempty"`
}

// ShortfallType is what part of a profile is not met.
// +kubebuilder:validation:Enum=Technical;Duty;Level
type ShortfallType string

// Types of shortfalls.
const (
	// ShortfallTechnical is a figure of the profile that the connector's own objects do not meet.
	ShortfallTechnical ShortfallType = "Technical"
	// ShortfallDuty is a duty that is overdue or missing.
	ShortfallDuty ShortfallType = "Duty"
	// ShortfallLevel is a level that is not determined, appraised and approved as it is declared.
	ShortfallLevel ShortfallType = "Level"
)

// Shortfall is one thing that is missing.
type Shortfall struct {
	// type of what is missing.
	// +required
	Type ShortfallType `json:"type,omitempty"`

	// name of the field of the profile, such as tls.minVersion, or the kind of the duty.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=128
	Name string `json:"name,omitempty"`

	// message says what is missing, in a sentence.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=1024
	Message string `json:"message,omitempty"`

	// citation is the article that asks for it, with its confidence, if the profile names one.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=600
	Citation string `json:"citation,omitempty"`
}

// DutyStatus tells where a duty stands.
type DutyStatus struct {
	// kind of the duty.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	Kind string `json:"kind,omitempty"`

	// state of the duty.
	// +required
	State DutyState `json:"state,omitempty"`

	// dueDate is the last day on which the duty is satisfied by its newest valid record; unset without a record or an interval.
	// +optional
	DueDate CivilDate `json:"dueDate,omitempty"`

	// evidence names the newest valid record.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	Evidence string `json:"evidence,omitempty"`

	// waiver names the DutyWaiver that excuses the Connector from the duty, while it holds.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	Waiver string `json:"waiver,omitempty"`

	// expiredWaiver names the newest waiver that has ended, while the duty is overdue or missing: it counts for nothing.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	ExpiredWaiver string `json:"expiredWaiver,omitempty"`
}
