// Package status holds what a gateway says of itself on its mTLS /status endpoint. The gateway fills it in and the operator
// reads it; it is types only, so it keeps no state, does no I/O, and a restart means nothing
// to it.
package status

import "time"

// Path is where a gateway serves its Report.
const Path = "/status"

// Report is what one gateway pod serves at this moment. It holds nothing secret.
type Report struct {
	// SPIFFEID is the URI SAN of the certificate in use.
	SPIFFEID string `json:"spiffeID"`
	// SerialNumber of the certificate in use, lower-case hexadecimal without separators.
	SerialNumber string `json:"serialNumber"`
	// NotBefore and NotAfter bound the certificate in use.
	NotBefore time.Time `json:"notBefore"`
	NotAfter  time.Time `json:"notAfter"`
	// TrustDigest is "sha256:" and the hex digest of the trust bundle in use, as TrustDigest of the package trust computes it.
	TrustDigest string `json:"trustDigest"`
	// RevocationDigest is "sha256:" and the hex digest of the list of revocations in use, as Digest of the package revocation
	// computes it; empty if the gateway was given none.
	RevocationDigest string `json:"revocationDigest,omitempty"`
	// Reliances are the certificate chains that this gateway relies on now, ordered by Peer.
	Reliances []Reliance `json:"reliances,omitempty"`
	// ConfigDigest is "sha256:" and the hex digest of the bytes of the configuration in use.
	ConfigDigest string `json:"configDigest"`
	// TLS is the floor that every mTLS listener and client keeps now; nil from a gateway that does not tell.
	TLS *TLS `json:"tls,omitempty"`
	// FIPS140 tells whether Go's cryptographic module runs in its FIPS 140 mode.
	FIPS140 bool `json:"fips140"`
	// FIPS140Module is the version of that module, such as v1.0.0; latest is the one of the Go release, which nobody has validated.
	FIPS140Module string `json:"fips140Module,omitempty"`
	// ActiveEndpoint is the name of the hub endpoint that outbound traffic takes now; empty if none is healthy.
	ActiveEndpoint string `json:"activeEndpoint,omitempty"`
	// LastHandshake is when a mutually authenticated handshake with the hub last succeeded, in either direction; nil if never.
	LastHandshake *time.Time `json:"lastHandshake,omitempty"`
	// Endpoints are all of the hub's endpoints, in order of priority.
	Endpoints []Endpoint `json:"endpoints"`
	// Problems are whole sentences about what does not work now, such as a certificate file that cannot be read
	// while the last good one is still served.
	Problems []string `json:"problems,omitempty"`
	// Version of the gateway.
	Version string `json:"version"`
}

// TLS is the floor that a gateway keeps, as its configuration says it.
type TLS struct {
	// MinVersion is "1.2" or "1.3".
	MinVersion string `json:"minVersion"`
	// CipherSuites and KeyExchange are IANA names; those that Go finds secure if empty.
	CipherSuites []string `json:"cipherSuites,omitempty"`
	KeyExchange  []string `json:"keyExchange,omitempty"`
}

// Reliance says which trust anchors a certificate chain ends in, so that an anchor goes only when nobody relies on it any more.
type Reliance struct {
	// Peer is "self" for the gateway's own certificate, "endpoint <name>" for what a hub endpoint shows, and "inbound <SPIFFE ID>"
	// for who connects. A peer that shows several certificates within the quiet period is there once for each set of anchors.
	Peer string `json:"peer"`
	// Anchors are the hexadecimal SHA-256 fingerprints of the anchors of the trust bundle in use that the chain ends in, in
	// ascending order; one of them suffices. It is empty if the chain ends in none.
	Anchors []string `json:"anchors,omitempty"`
}

// Endpoint is one hub endpoint as the gateway sees it.
type Endpoint struct {
	Name    string `json:"name"`
	URL     string `json:"url"`
	Healthy bool   `json:"healthy"`
	// LastHandshake is when mTLS with this endpoint last succeeded; nil if never.
	LastHandshake *time.Time `json:"lastHandshake,omitempty"`
	// Error is why the last check failed; empty if it did not.
	Error string `json:"error,omitempty"`
}
