// Package identity keeps what a gateway has been given: its certificate and key, its trust anchors, its configuration and
// what is revoked, read from mounted volumes as consistent snapshots.
//
// It runs at start and at every change of the volumes (told by the file system, and looked up on a slow poll in case an
// event is lost). A file that is broken, half written or not usable yet never replaces a good one: the last good one stays
// in use and the reason is told as a Problem. The same goes for a certificate that the gateway's peers would refuse: they
// hold the same trust anchors, so that it is adopted only when its chain ends in them. Nothing is kept on disk: after a
// restart the volumes are read again, and the gateway waits, not ready, until they hold a usable certificate.
package identity

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"slices"

	"github.com/spiffe/go-spiffe/v2/spiffeid"

	"lienthong.gov.vn/connector-operator/gateway/config"
	"lienthong.gov.vn/connector-operator/gateway/revocation"
	"lienthong.gov.vn/connector-operator/gateway/trust"
)

// Leaf is a certificate with the key that belongs to it and the identity it carries.
type Leaf struct {
	Certificate tls.Certificate
	X509        *x509.Certificate
	ID          spiffeid.ID
}

// Snapshot is what is in use at one moment. It is never changed once it is published.
type Snapshot struct {
	Config       config.Config
	ConfigDigest string
	// Leaf is nil until a usable certificate was mounted.
	Leaf *Leaf
	// Trust is nil until a usable bundle was mounted.
	Trust *trust.Bundle
	// Revocations is nil, and RevocationDigest empty, as long as no list was mounted: nothing is revoked then.
	Revocations      *revocation.List
	RevocationDigest string
}

// Chain is the certificate with its intermediates, as peers are shown it. There is at least one.
func (l *Leaf) Chain() []*x509.Certificate {
	chain := []*x509.Certificate{l.X509}
	for _, der := range l.Certificate.Certificate[1:] {
		if cert, err := x509.ParseCertificate(der); err == nil { // what cannot be parsed leads to no anchor
			chain = append(chain, cert)
		}
	}
	return chain
}

// Same tells whether two snapshots would make the gateway behave alike.
func (s *Snapshot) Same(other *Snapshot) bool {
	return s.ConfigDigest == other.ConfigDigest && s.Leaf.same(other.Leaf) && s.trustDigest() == other.trustDigest() &&
		s.RevocationDigest == other.RevocationDigest
}

func (l *Leaf) same(other *Leaf) bool {
	if l == nil || other == nil {
		return l == other
	}
	return slices.EqualFunc(l.Certificate.Certificate, other.Certificate.Certificate, bytes.Equal)
}

func (s *Snapshot) trustDigest() string {
	if s.Trust == nil {
		return ""
	}
	return s.Trust.Digest
}
