package mtls

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
)

// Reason is why a handshake failed, as the metrics count it.
type Reason string

// All reasons.
const (
	NoCertificate Reason = "no_certificate"
	Untrusted     Reason = "untrusted"
	WrongIdentity Reason = "wrong_identity"
	Expired       Reason = "expired"
	Revoked       Reason = "revoked"
	Version       Reason = "version"
	Parameters    Reason = "parameters"
	NotTLS        Reason = "not_tls"
	RefusedByPeer Reason = "refused_by_peer"
	Timeout       Reason = "timeout"
	Disconnected  Reason = "disconnected"
	NotReady      Reason = "not_ready"
	Busy          Reason = "busy"
	Other         Reason = "other"
)

// Reasons lists them all, so that every one is exported as a metric from the start.
func Reasons() []Reason {
	return []Reason{
		NoCertificate, Untrusted, WrongIdentity, Expired, Revoked, Version, Parameters, NotTLS, RefusedByPeer, Timeout, Disconnected,
		NotReady, Busy, Other,
	}
}

// Refusal is the error of a peer that this gateway does not accept.
type Refusal struct {
	Reason Reason
	err    error
}

// Refuse makes a refusal of an error.
func Refuse(reason Reason, err error) *Refusal { return &Refusal{Reason: reason, err: err} }

func (r *Refusal) Error() string { return r.err.Error() }
func (r *Refusal) Unwrap() error { return r.err }

// ReasonOf classifies the error of a handshake, on either side.
func ReasonOf(err error) Reason {
	var refusal *Refusal
	var record tls.RecordHeaderError
	switch {
	case errors.As(err, &refusal):
		return refusal.Reason
	case errors.As(err, &record):
		return NotTLS
	case IsRemoteAlert(err):
		return RefusedByPeer
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.DeadlineExceeded):
		return Timeout
	case errors.Is(err, io.EOF), errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return Disconnected
	}
	if reason := chainReason(err); reason != Other {
		return reason
	}
	return reasonOfText(err.Error())
}

// reasonOfText knows the failures for which crypto/tls has no type. Real clients provoke each of them in the tests, so a
// changed text is found there.
func reasonOfText(text string) Reason {
	switch {
	case strings.Contains(text, "didn't provide a certificate"):
		return NoCertificate
	case strings.Contains(text, "unsupported versions"), strings.Contains(text, "protocol version"):
		return Version
	case strings.Contains(text, "no cipher suite supported by both"), strings.Contains(text, "no key exchanges supported by both"),
		strings.Contains(text, "requires the use of Extended Master Secret"):
		return Parameters
	}
	return Other
}

// chainReason classifies the error of x509's verification.
func chainReason(err error) Reason {
	var unknown x509.UnknownAuthorityError
	var invalid x509.CertificateInvalidError
	switch {
	case errors.As(err, &unknown):
		return Untrusted
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return Expired
	case errors.As(err, &invalid):
		return Untrusted
	}
	return Other
}

// IsRemoteAlert tells whether the peer ended the connection with a TLS alert: crypto/tls reports it as an operation named
// "remote error".
func IsRemoteAlert(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "remote error"
}
