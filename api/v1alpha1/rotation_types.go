package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// RotationReason is why a certificate was replaced.
// +kubebuilder:validation:Enum=Renewal;Requested;AuthorityRollover;Revoked;SpecChanged;Reissued
type RotationReason string

// Reasons of rotations.
const (
	// RotationRenewal is the renewal that the profile asks for, before the certificate's end.
	RotationRenewal RotationReason = "Renewal"
	// RotationRequested is one that a person asked for with the annotation lienthong.gov.vn/renew-requested-at.
	RotationRequested RotationReason = "Requested"
	// RotationAuthorityRollover is one to another issuer, or to another certification authority of the same issuer.
	RotationAuthorityRollover RotationReason = "AuthorityRollover"
	// RotationRevoked is one because the certificate before was revoked.
	RotationRevoked RotationReason = "Revoked"
	// RotationSpecChanged is one because names, life or key of the certificate were to be others.
	RotationSpecChanged RotationReason = "SpecChanged"
	// RotationReissued is one that the operator did not ask for although nothing was to be other: its Secret was lost or spoilt, or somebody
	// had cert-manager issue it anew.
	RotationReissued RotationReason = "Reissued"
)

// RotationStatus tells of one replacement of a certificate by the next.
type RotationStatus struct {
	// fromSerialNumber of the certificate before, in lower-case hexadecimal; unset if it is not known.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=64
	FromSerialNumber string `json:"fromSerialNumber,omitempty"`

	// toSerialNumber of the new certificate, in lower-case hexadecimal.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=64
	ToSerialNumber string `json:"toSerialNumber,omitempty"`

	// reason of the rotation.
	// +optional
	Reason RotationReason `json:"reason,omitempty"`

	// requestedAt is when the issuer was asked for the new certificate.
	// +optional
	RequestedAt *metav1.Time `json:"requestedAt,omitempty"`

	// issuedAt is when the issuer signed the new certificate.
	// +optional
	IssuedAt *metav1.Time `json:"issuedAt,omitempty"`

	// servedAt is when the last pod was seen to serve the new certificate; unset while one does not.
	// +optional
	ServedAt *metav1.Time `json:"servedAt,omitempty"`

	// duration from issuedAt to servedAt.
	// +optional
	Duration *metav1.Duration `json:"duration,omitempty"`
}
