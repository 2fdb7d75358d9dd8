// Package identity keeps what a gateway has been given: its certificate and key, its trust anchors and its configuration,
// read from mounted volumes as consistent snapshots.
//
// It runs at start and at every change of the volumes (told by the file system, and looked up on a slow poll in case an
// event is lost). A file that is broken, half written or not usable yet never replaces a good one: the last good one stays
// in use and the reason is told as a Problem. Nothing is kept on disk: after a restart the volumes are read again, and the
// gateway waits, not ready, until they hold a usable certificate.
package identity

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"slices"

	"github.com/spiffe/go-spiffe/v2/spiffeid"

	"lienthong.gov.vn/connector-operator/gateway/config"
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
}

// Same tells whether two snapshots would make the gateway behave alike.
func (s *Snapshot) Same(other *Snapshot) bool {
	return s.ConfigDigest == other.ConfigDigest && s.sameLeaf(other) && s.trustDigest() == other.trustDigest()
}

func (s *Snapshot) sameLeaf(other *Snapshot) bool {
	if s.Leaf == nil || other.Leaf == nil {
		return s.Leaf == other.Leaf
	}
	return slices.EqualFunc(s.Leaf.Certificate.Certificate, other.Leaf.Certificate.Certificate, bytes.Equal)
}

func (s *Snapshot) trustDigest() string {
	if s.Trust == nil {
		return ""
	}
	return s.Trust.Digest
}
