// Package config is the contract between the operator, which writes a gateway's configuration into a ConfigMap, and the
// gateway, which reads it from the mounted volume. It holds types, defaults, parsing and validation, and does no I/O.
//
// It runs on both sides: the operator builds a Config and renders it with Marshal; the gateway calls Parse at start and
// on every change of the file. Nothing here keeps state, so a restart of either side needs no recovery.
package config

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// APIVersion is the only schema version that this gateway reads.
const APIVersion = "gateway.lienthong.gov.vn/v1alpha1"

// Config is everything a gateway needs to know apart from its certificate, its trust anchors and its revocations, which
// stand in files of their own because they change on their own.
type Config struct {
	// APIVersion must equal the constant APIVersion.
	APIVersion string `json:"apiVersion"`
	// Agency is the Decision 20/2020 code of the agency this connector acts for, such as G12 or G12.18.
	Agency string `json:"agency"`
	// Connector is <namespace>/<name> of the Connector, for logs and /status.
	Connector string `json:"connector"`
	// SPIFFEID is the identity that the mounted certificate must carry; the gateway is not ready with any other.
	SPIFFEID string `json:"spiffeID"`
	// Services are the hub services this connector carries, such as ElectronicDocuments.
	Services []string `json:"services,omitempty"`

	TLS TLS `json:"tls"`
	// Cryptography is how the gateway does it.
	Cryptography Cryptography `json:"cryptography,omitzero"`
	// Log is what is logged of each request, and where to.
	Log      Log      `json:"log,omitzero"`
	Trust    Trust    `json:"trust,omitzero"`
	Inbound  Inbound  `json:"inbound"`
	Outbound Outbound `json:"outbound"`
	Status   Status   `json:"status"`
	Probes   Probes   `json:"probes"`
	Drain    Drain    `json:"drain"`
}

// Trust is how the gateway tells on which trust anchors it relies.
type Trust struct {
	// QuietPeriod is how long the gateway remembers by which anchor a peer proved itself; one hour if unset. No
	// connection is kept in use for longer, so that peers prove themselves anew.
	QuietPeriod metav1.Duration `json:"quietPeriod,omitzero"`
}

// TLS is the floor that every mTLS listener and client of the gateway keeps.
type TLS struct {
	// MinVersion is "1.2" or "1.3".
	MinVersion string `json:"minVersion"`
	// CipherSuites of TLS 1.2 that are offered and accepted, by their IANA names; those that Go finds secure if empty.
	CipherSuites []string `json:"cipherSuites,omitempty"`
	// KeyExchange are the groups that are offered and accepted, by their IANA names; those that Go finds secure if empty.
	KeyExchange []string `json:"keyExchange,omitempty"`
}

// Cryptography is how the gateway does it.
type Cryptography struct {
	// FIPS140 has the gateway refuse to start unless Go's cryptographic module runs in its FIPS 140 mode.
	FIPS140 bool `json:"fips140,omitempty"`
}

// Log is what the gateway logs of each request, beside the time. Bodies are never logged.
type Log struct {
	// Fields of each line, in the words of the SecurityProfile's logging.fields; all if empty.
	Fields []string `json:"fields,omitempty"`
	// Collector, if set, is sent each line as well.
	Collector *LogCollector `json:"collector,omitempty"`
}

// LogCollector receives lines as syslog messages over mutual TLS (RFC 5425).
type LogCollector struct {
	// Address is host and port.
	Address string `json:"address"`
	// CAPEM are the certification authorities, one of which must have issued the collector's certificate.
	CAPEM string `json:"caPEM"`
}

// Inbound is the way from the hub to the agency's backend.
type Inbound struct {
	// Listen is the address of the mTLS listener, such as ":8443".
	Listen string `json:"listen"`
	// AllowedPeers are the SPIFFE IDs of the hub. Any other peer is refused during the handshake.
	AllowedPeers []string `json:"allowedPeers"`
	// Backend is the agency's own document management system.
	Backend Backend `json:"backend"`
	Limits  Limits  `json:"limits"`
}

// Backend is where inbound requests go.
type Backend struct {
	// URL is http:// or https://, with an optional base path that is put before the request's path.
	URL string `json:"url"`
}

// Outbound is the way from the agency's system to the hub.
type Outbound struct {
	// Listen is the address of the plain HTTP listener that only the agency's system can reach, such as ":8080".
	Listen string `json:"listen"`
	// Endpoints are the hub's, tried in ascending Priority; equal priorities in the order of the list.
	Endpoints []Endpoint `json:"endpoints"`
	// HealthCheck finds out which endpoints answer, so that traffic fails over and back without losing a request.
	HealthCheck HealthCheck `json:"healthCheck"`
	Limits      Limits      `json:"limits"`
}

// Endpoint is one address of the hub.
type Endpoint struct {
	Name string `json:"name"`
	// URL must be https.
	URL string `json:"url"`
	// Priority: the lowest number that is healthy carries the traffic.
	Priority int32 `json:"priority"`
	// AllowedPeers are the SPIFFE IDs that this endpoint may present.
	AllowedPeers []string `json:"allowedPeers"`
}

// HealthCheck is how endpoints are watched.
type HealthCheck struct {
	// Interval between two checks of one endpoint.
	Interval metav1.Duration `json:"interval"`
	// Timeout of one check.
	Timeout metav1.Duration `json:"timeout"`
	// Path, if set, is fetched with GET and must answer 2xx; if empty, a completed mTLS handshake is enough.
	Path string `json:"path,omitempty"`
}

// Limits bound what one side may ask of the gateway. Bodies are streamed, never held in memory.
type Limits struct {
	// MaxBodyBytes is the largest request body; a larger one is answered with 413.
	MaxBodyBytes int64 `json:"maxBodyBytes"`
	// MaxHeaderBytes is the largest request header.
	MaxHeaderBytes int `json:"maxHeaderBytes"`
	// MaxConcurrentRequests: above it, requests are answered with 503 and Retry-After.
	MaxConcurrentRequests int `json:"maxConcurrentRequests"`
	// HeaderTimeout bounds reading a request's header and waiting for the response's header.
	HeaderTimeout metav1.Duration `json:"headerTimeout"`
	// IdleTimeout closes idle keep-alive connections.
	IdleTimeout metav1.Duration `json:"idleTimeout"`
	// StallTimeout aborts a body that makes no progress for so long.
	StallTimeout metav1.Duration `json:"stallTimeout"`
}

// Status is the mTLS listener that tells the operator what this gateway really serves.
type Status struct {
	// Listen is its address, such as ":8444".
	Listen string `json:"listen"`
	// AllowedPeers are the SPIFFE IDs that may ask, normally the operator's.
	AllowedPeers []string `json:"allowedPeers"`
}

// Probes is the plain HTTP listener for the kubelet and for metrics.
type Probes struct {
	// Listen is its address, such as ":8081".
	Listen string `json:"listen"`
}

// Drain says how a gateway leaves.
type Drain struct {
	// Delay between SIGTERM (readyz turns 503 at once) and closing the listeners, while endpoints are withdrawn.
	Delay metav1.Duration `json:"delay"`
	// Timeout for requests in flight after the listeners closed.
	Timeout metav1.Duration `json:"timeout"`
}
