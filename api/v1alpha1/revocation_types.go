package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// RevocationReason is a reason of RFC 5280, section 5.3.1.
// +kubebuilder:validation:Enum=Unspecified;KeyCompromise;AffiliationChanged;Superseded;CessationOfOperation;PrivilegeWithdrawn
type RevocationReason string

// Reasons of revocations.
const (
	RevocationUnspecified          RevocationReason = "Unspecified"
	RevocationKeyCompromise        RevocationReason = "KeyCompromise"
	RevocationAffiliationChanged   RevocationReason = "AffiliationChanged"
	RevocationSuperseded           RevocationReason = "Superseded"
	RevocationCessationOfOperation RevocationReason = "CessationOfOperation"
	RevocationPrivilegeWithdrawn   RevocationReason = "PrivilegeWithdrawn"
)

// Revocation takes one certificate, or every certificate of an agency, out of use.
// +kubebuilder:validation:XValidation:rule="has(self.serialNumber) != has(self.agencyRef)",message="A revocation names either a serialNumber or an agencyRef, not both and not neither."
type Revocation struct {
	// serialNumber of one certificate, in lower-case hexadecimal, as the status of its Connector shows it.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=40
	// +kubebuilder:validation:XValidation:rule="self.matches('^[1-9a-f][0-9a-f]*$')",message="serialNumber is lower-case hexadecimal without colons and leading zeros, as the Connector's status.certificate.serialNumber shows it."
	SerialNumber string `json:"serialNumber,omitempty"`

	// agencyRef names an Agency whose certificates are all revoked. Its connectors get no new ones while it stands here.
	// +optional
	AgencyRef *ObjectReference `json:"agencyRef,omitempty"`

	// reason of the revocation.
	// +optional
	// +kubebuilder:default=Unspecified
	Reason RevocationReason `json:"reason,omitempty"`
}

// ConfigMapKeyReference names one key of a ConfigMap.
type ConfigMapKeyReference struct {
	// namespace of the ConfigMap.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	Namespace string `json:"namespace,omitempty"`

	// name of the ConfigMap.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	Name string `json:"name,omitempty"`

	// key within the ConfigMap.
	// +optional
	// +kubebuilder:default=ca.crt
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	Key string `json:"key,omitempty"`
}

// RevokedIdentity is an identity of which every certificate up to a time is revoked.
type RevokedIdentity struct {
	// spiffeID of the identity.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=1024
	SPIFFEID string `json:"spiffeID,omitempty"`

	// validBefore is the time up to which certificates became valid that are revoked: one whose notBefore is later is not.
	// +required
	ValidBefore metav1.Time `json:"validBefore,omitzero"`

	// until is when the last of the revoked certificates expires, and this entry goes.
	// +required
	Until metav1.Time `json:"until,omitzero"`

	// reason of the revocation.
	// +required
	Reason RevocationReason `json:"reason,omitempty"`
}
