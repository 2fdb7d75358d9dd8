// Package mtls decides who a TLS peer is and whether it may talk to this gateway, and builds the TLS configurations of its
// listeners and clients from that decision.
//
// It runs in every handshake, and again over open connections when the trust anchors, the revocations or the allowed peers
// change. It keeps no state, so after a restart every peer is judged anew in its next handshake.
package mtls

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"time"

	"github.com/spiffe/go-spiffe/v2/spiffeid"
	"github.com/spiffe/go-spiffe/v2/svid/x509svid"

	"lienthong.gov.vn/connector-operator/gateway/revocation"
)

// Policy says whom to accept: whose chain ends in Roots, whose SPIFFE ID is in Allowed, and who is not Revoked.
type Policy struct {
	Roots   *x509.CertPool
	Allowed []spiffeid.ID
	// Revoked may be nil: nothing is revoked then.
	Revoked *revocation.List
}

// NewPolicy parses the allowed SPIFFE IDs, which the configuration has validated already.
func NewPolicy(roots *x509.CertPool, allowed []string, revoked *revocation.List) (*Policy, error) {
	policy := &Policy{Roots: roots, Revoked: revoked}
	for _, peer := range allowed {
		id, err := spiffeid.FromString(peer)
		if err != nil {
			return nil, fmt.Errorf("the allowed peer %q is not a SPIFFE ID; correct it in the configuration: %w", peer, err)
		}
		policy.Allowed = append(policy.Allowed, id)
	}
	return policy, nil
}

// presented is what a peer showed, in which role, and when.
type presented struct {
	chain []*x509.Certificate
	usage x509.ExtKeyUsage
	at    time.Time
}

// check is one reason to refuse a peer.
type check func(*Policy, presented) error

// checks are made in this order; the first that fails is the reason told. Revocations come behind checkChain, since only a
// verified chain vouches for the serial and the identity, and before checkIdentity, so that whoever is revoked is told and
// counted so, whether or not it is allowed besides.
func checks() []check {
	return []check{checkPresent, checkChain, checkLeaf, checkRevoked, checkIdentity}
}

// Verify returns nil if the peer is who it may be, or a *Refusal.
func (p *Policy) Verify(chain []*x509.Certificate, usage x509.ExtKeyUsage, at time.Time) error {
	for _, c := range checks() {
		if err := c(p, presented{chain: chain, usage: usage, at: at}); err != nil {
			return err
		}
	}
	return nil
}

func checkPresent(_ *Policy, peer presented) error {
	if len(peer.chain) == 0 {
		return Refuse(NoCertificate, errors.New("the peer showed no certificate"))
	}
	return nil
}

func checkChain(p *Policy, peer presented) error {
	if _, err := Chains(p.Roots, peer.chain, peer.usage, peer.at); err != nil {
		return Refuse(chainReason(err), fmt.Errorf("the peer's certificate chain does not verify: %w", err))
	}
	return nil
}

// Chains are all the ways from the first certificate of a presented chain to one of the roots, which is the last of each.
func Chains(roots *x509.CertPool, chain []*x509.Certificate, usage x509.ExtKeyUsage, at time.Time) ([][]*x509.Certificate, error) {
	intermediates := x509.NewCertPool()
	for _, cert := range chain[1:] {
		intermediates.AddCert(cert)
	}
	return chain[0].Verify(x509.VerifyOptions{
		Roots:         roots,
		Intermediates: intermediates,
		KeyUsages:     []x509.ExtKeyUsage{usage},
		CurrentTime:   at,
	})
}

// checkLeaf keeps an issuing certificate from being used as a workload's, as the SPIFFE X.509 standard demands.
func checkLeaf(_ *Policy, peer presented) error {
	leaf := peer.chain[0]
	if leaf.IsCA || leaf.KeyUsage&(x509.KeyUsageCertSign|x509.KeyUsageCRLSign) != 0 {
		return Refuse(WrongIdentity, errors.New("the peer's certificate may sign others; it must be a leaf"))
	}
	return nil
}

// checkRevoked also judges by the serial a certificate without a SPIFFE ID, which checkIdentity refuses otherwise.
func checkRevoked(p *Policy, peer presented) error {
	leaf := peer.chain[0]
	id, err := x509svid.IDFromCert(leaf)
	if err != nil {
		id = spiffeid.ID{}
	}
	if err := p.Revoked.Check(leaf, id); err != nil {
		return Refuse(Revoked, fmt.Errorf("the peer is not accepted any more: %w", err))
	}
	return nil
}

func checkIdentity(p *Policy, peer presented) error {
	id, err := x509svid.IDFromCert(peer.chain[0])
	if err != nil {
		return Refuse(WrongIdentity, fmt.Errorf("the peer's certificate carries no SPIFFE ID: %w", err))
	}
	for _, allowed := range p.Allowed {
		if id == allowed {
			return nil
		}
	}
	return Refuse(WrongIdentity, fmt.Errorf("the peer is %s, which is not among the allowed peers", id))
}

// PeerID is the SPIFFE ID of a verified peer.
func PeerID(state *tls.ConnectionState) (spiffeid.ID, error) {
	if state == nil || len(state.PeerCertificates) == 0 {
		return spiffeid.ID{}, errors.New("the connection has no authenticated peer")
	}
	return x509svid.IDFromCert(state.PeerCertificates[0])
}
