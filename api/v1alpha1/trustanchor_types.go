package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// A refusal repeats the value of the field that its rule is at. The rules for pem are at the struct, because the value may
// be a private key.

// TrustAnchor is a certification authority. Anchors are public: they stand inline or in a ConfigMap, never in a Secret.
// +kubebuilder:validation:XValidation:rule="has(self.pem) != has(self.configMapRef)",message="A trust anchor has either pem or configMapRef, not both and not neither."
// +kubebuilder:validation:XValidation:rule="!has(self.pem) || self.pem.contains('-----BEGIN CERTIFICATE-----')",fieldPath=".pem",message="pem holds CA certificates in PEM form, each between BEGIN CERTIFICATE and END CERTIFICATE."
// +kubebuilder:validation:XValidation:rule="!has(self.pem) || !self.pem.contains('PRIVATE KEY')",fieldPath=".pem",message="pem holds certificates only; remove the private key, and replace it, since it has now been sent to the cluster."
type TrustAnchor struct {
	// name of the anchor, unique within the hub.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	Name string `json:"name,omitempty"`

	// pem holds one or more CA certificates.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=65536
	PEM string `json:"pem,omitempty"`

	// configMapRef names a key of a ConfigMap that holds CA certificates in PEM form.
	// +optional
	ConfigMapRef *ConfigMapKeyReference `json:"configMapRef,omitempty"`

	// distrusted takes the anchor out of use at once, whoever still relies on it, and keeps it out. An anchor that is only
	// removed from the list stays in force until nobody relies on it.
	// +optional
	// +kubebuilder:default=false
	Distrusted *bool `json:"distrusted,omitempty"`
}

// ConfigMapReference names a ConfigMap.
type ConfigMapReference struct {
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
}

// TrustAnchorState is what becomes of an anchor.
// +kubebuilder:validation:Enum=Trusted;Held;Distrusted
type TrustAnchorState string

// States of trust anchors.
const (
	// TrustAnchorTrusted is in the hub's list and in force.
	TrustAnchorTrusted TrustAnchorState = "Trusted"
	// TrustAnchorHeld was removed from the list, and stays in force because somebody relies on it.
	TrustAnchorHeld TrustAnchorState = "Held"
	// TrustAnchorDistrusted is in the list and marked as distrusted: it is out of force.
	TrustAnchorDistrusted TrustAnchorState = "Distrusted"
)

// ObservedTrustAnchor is one CA certificate that was read from a trust anchor.
type ObservedTrustAnchor struct {
	// name of the trust anchor.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	Name string `json:"name,omitempty"`

	// subject of the certificate.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=512
	Subject string `json:"subject,omitempty"`

	// sha256 fingerprint of the certificate, in lower-case hexadecimal.
	// +required
	// +kubebuilder:validation:MinLength=64
	// +kubebuilder:validation:MaxLength=64
	SHA256 string `json:"sha256,omitempty"`

	// notAfter is when the certificate expires.
	// +required
	NotAfter metav1.Time `json:"notAfter,omitzero"`

	// state of the anchor.
	// +optional
	State TrustAnchorState `json:"state,omitempty"`

	// usedBy counts who relies on the anchor: Connectors, and the operator itself.
	// +optional
	UsedBy *int32 `json:"usedBy,omitempty"`

	// unusedSince is since when nobody is known to rely on an anchor that was removed from the list. It leaves the trust when nobody
	// did for half a minute, because a certificate that ends in it may have been issued a moment ago.
	// +optional
	UnusedSince *metav1.Time `json:"unusedSince,omitempty"`

	// certificate in PEM form, by which an anchor that was removed from the list stays in force until nobody relies on it.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=16384
	Certificate string `json:"certificate,omitempty"`
}
