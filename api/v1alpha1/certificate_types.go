package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// CertificateStatus tells of one issued certificate. Everything in it is public.
type CertificateStatus struct {
	// revision of the certificate; it counts the issuances.
	// +optional
	// +kubebuilder:validation:Minimum=1
	Revision int32 `json:"revision,omitempty"`

	// serialNumber in lower-case hexadecimal.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=64
	SerialNumber string `json:"serialNumber,omitempty"`

	// notBefore is when the certificate becomes valid.
	// +optional
	NotBefore *metav1.Time `json:"notBefore,omitempty"`

	// notAfter is when the certificate expires.
	// +optional
	NotAfter *metav1.Time `json:"notAfter,omitempty"`

	// renewalTime is when cert-manager will renew the certificate.
	// +optional
	RenewalTime *metav1.Time `json:"renewalTime,omitempty"`

	// issuedAt is when the issuer signed the certificate.
	// +optional
	IssuedAt *metav1.Time `json:"issuedAt,omitempty"`

	// issuerRef names the issuer that signed the certificate.
	// +optional
	IssuerRef *IssuerReference `json:"issuerRef,omitempty"`

	// requestGeneration is the generation of the object that asks for the certificate, such as cert-manager's Certificate, which it fulfils.
	// +optional
	// +kubebuilder:validation:Minimum=1
	RequestGeneration int64 `json:"requestGeneration,omitempty"`

	// authority is the trust anchor that the certificate's chain ends in, as SHA-256 fingerprint; unset if none of the hub's does.
	// +optional
	// +kubebuilder:validation:MinLength=64
	// +kubebuilder:validation:MaxLength=64
	Authority string `json:"authority,omitempty"`

	// expiryWarning is the smallest of the distances to the end of the certificate that is reached, as a duration; unset while
	// none is.
	// +optional
	ExpiryWarning *metav1.Duration `json:"expiryWarning,omitempty"`
}
