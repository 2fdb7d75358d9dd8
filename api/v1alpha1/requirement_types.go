package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// TLSRequirements is what every mTLS listener and client of the gateway keeps.
// +kubebuilder:validation:XValidation:rule="!has(self.cipherSuites) || self.minVersion == 'VersionTLS12'",message="tls.cipherSuites are those of TLS 1.2, which minVersion VersionTLS13 rules out; leave cipherSuites out."
// +kubebuilder:validation:XValidation:rule="!has(self.keyExchange) || self.minVersion == 'VersionTLS13' || self.keyExchange.exists(k, !k.contains('MLKEM'))",message="Every group of tls.keyExchange is post-quantum, which exists with TLS 1.3 only; write minVersion VersionTLS13, or add a group such as X25519 for TLS 1.2."
type TLSRequirements struct {
	// minVersion is the least version of TLS.
	// +required
	MinVersion TLSVersion `json:"minVersion,omitempty"`

	// cipherSuites that are offered and accepted with TLS 1.2, by their IANA names; all suites below that Go finds secure if unset.
	// The suites of TLS 1.3 are all secure and cannot be chosen.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=16
	CipherSuites []TLSCipherSuite `json:"cipherSuites,omitempty"`

	// keyExchange are the groups that are offered and accepted for the exchange of keys; those that Go finds secure if unset. A group
	// with MLKEM in its name joins a post-quantum exchange to an elliptic curve, and exists with TLS 1.3 only.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=16
	KeyExchange []TLSKeyExchange `json:"keyExchange,omitempty"`
}

// TLSCipherSuite is a cipher suite of TLS 1.2, by its IANA name.
// +kubebuilder:validation:Enum=TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256;TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384;TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256;TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256;TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384;TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256
type TLSCipherSuite string

// TLSKeyExchange is a group for the exchange of keys, by its IANA name.
// +kubebuilder:validation:Enum=X25519MLKEM768;SecP256r1MLKEM768;SecP384r1MLKEM1024;X25519;secp256r1;secp384r1;secp521r1
type TLSKeyExchange string

// FIPS140Mode says whether cryptography is done by a module that is validated under FIPS 140.
// +kubebuilder:validation:Enum=Disabled;Enabled
type FIPS140Mode string

// Modes of FIPS 140.
const (
	FIPS140Disabled FIPS140Mode = "Disabled"
	// FIPS140Enabled runs the gateway on Go's cryptographic module in its FIPS 140 mode; the gateway refuses to start without it.
	FIPS140Enabled FIPS140Mode = "Enabled"
)

// CryptographyRequirements is how the gateway does its cryptography.
type CryptographyRequirements struct {
	// fips140 mode of the gateway.
	// +optional
	// +kubebuilder:default=Disabled
	FIPS140 FIPS140Mode `json:"fips140,omitempty"`
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

	// spreadHosts keeps pods on different hosts. Required needs at least two hosts.
	// +optional
	// +kubebuilder:default=Preferred
	SpreadHosts SpreadPolicy `json:"spreadHosts,omitempty"`

	// spreadZones keeps pods in different zones. Required needs at least two zones.
	// +optional
	// +kubebuilder:default=Preferred
	SpreadZones SpreadPolicy `json:"spreadZones,omitempty"`

	// maxImageAgeMonths is how many calendar months after its build an image may run; unset if no figure is set. An older one goes on
	// running, and the Connector is not compliant.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=120
	MaxImageAgeMonths *int32 `json:"maxImageAgeMonths,omitempty"`
}

// LogField is one field of the line that the gateway logs for each request.
// +kubebuilder:validation:Enum=RequestID;Direction;Peer;SourceAddress;Method;Path;Status;RequestBytes;ResponseBytes;Duration;Endpoint;TLSVersion;CipherSuite;KeyExchange;PeerSerialNumber
type LogField string

// LogDestination is where the gateway's request log goes.
// +kubebuilder:validation:Enum=StandardOutput;Collector
type LogDestination string

// Destinations of logs.
const (
	// LogToStandardOutput leaves the log to the node, which keeps it and passes it on.
	LogToStandardOutput LogDestination = "StandardOutput"
	// LogToCollector sends each line to the hub's logCollector as well, over mutual TLS.
	LogToCollector LogDestination = "Collector"
)

// LoggingRequirements is what the gateway logs of each request, beside the time, and where to. Bodies are never logged.
type LoggingRequirements struct {
	// fields of each line, at least; all that there are if unset.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=32
	Fields []LogField `json:"fields,omitempty"`

	// destination of the lines.
	// +optional
	// +kubebuilder:default=StandardOutput
	Destination LogDestination `json:"destination,omitempty"`
}

// EgressPolicy is how far a gateway's outgoing connections are restricted.
// +kubebuilder:validation:Enum=Ports;Controlled
type EgressPolicy string

// Egress policies.
const (
	// EgressPorts restricts outgoing connections to the ports that the gateway needs.
	EgressPorts EgressPolicy = "Ports"
	// EgressControlled restricts them to the declared peers of the hub, the backend and the log collector, and to the cluster's name servers,
	// as well.
	EgressControlled EgressPolicy = "Controlled"
)

// NetworkRequirements is how the gateway is isolated. Everything that is not needed is denied at every level.
type NetworkRequirements struct {
	// egress policy of the gateway. With Controlled, names are resolved by the cluster's name servers alone: those in kube-system and in
	// namespaces with the label lienthong.gov.vn/dns: "true".
	// +optional
	// +kubebuilder:default=Ports
	Egress EgressPolicy `json:"egress,omitempty"`
}
