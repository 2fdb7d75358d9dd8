package reliance

import (
	"cmp"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"slices"
	"time"

	"github.com/spiffe/go-spiffe/v2/svid/x509svid"

	"lienthong.gov.vn/connector-operator/gateway/identity"
	"lienthong.gov.vn/connector-operator/gateway/mtls"
	"lienthong.gov.vn/connector-operator/gateway/status"
)

// Forget drops what the snapshot in use has no room for: endpoints that left, peers that are not allowed or are revoked.
func (m *Memory) Forget(s *identity.Snapshot) { m.current(s) }

// Report tells on which of the trust anchors in use the gateway relies, for itself and for its peers.
func (m *Memory) Report(s *identity.Snapshot) []status.Reliance {
	if s.Trust == nil {
		return nil
	}
	var all []status.Reliance
	if s.Leaf != nil {
		all = append(all, relies(s, Self(), s.Leaf.Chain(), m.clock.Now()))
	}
	for peer, proofs := range m.current(s) {
		for _, p := range proofs {
			all = append(all, relies(s, peer, p.chain, p.last))
		}
	}
	slices.SortFunc(all, func(a, b status.Reliance) int {
		return cmp.Or(cmp.Compare(a.Peer, b.Peer), slices.Compare(a.Anchors, b.Anchors))
	})
	return slices.CompactFunc(all, func(a, b status.Reliance) bool { return a.Peer == b.Peer && slices.Equal(a.Anchors, b.Anchors) })
}

// relies finds the anchors among those of now. That a certificate of the chain ran out, in an open connection or after the
// proof, changes nothing: the chain is looked at as it was before.
func relies(s *identity.Snapshot, peer Peer, chain []*x509.Certificate, at time.Time) status.Reliance {
	r := status.Reliance{Peer: peer.name}
	for _, cert := range chain {
		if cert.NotAfter.Before(at) {
			at = cert.NotAfter
		}
	}
	chains, err := mtls.Chains(s.Trust.Pool, chain, peer.usage, at)
	if err != nil {
		return r // it ends in none of them
	}
	for _, verified := range chains {
		sum := sha256.Sum256(verified[len(verified)-1].Raw)
		r.Anchors = append(r.Anchors, hex.EncodeToString(sum[:]))
	}
	slices.Sort(r.Anchors)
	r.Anchors = slices.Compact(r.Anchors)
	return r
}

func (m *Memory) current(s *identity.Snapshot) map[Peer][]proof {
	allowed := map[string][]string{}
	for _, e := range s.Config.Outbound.Endpoints {
		allowed[Endpoint(e.Name).name] = e.AllowedPeers
	}
	connects := slices.Concat(s.Config.Inbound.AllowedPeers, s.Config.Status.AllowedPeers)
	return m.prune(s.Config.Trust.QuietPeriod.Duration, func(peer Peer, leaf *x509.Certificate) bool {
		id, err := x509svid.IDFromCert(leaf)
		if err != nil || s.Revocations.Check(leaf, id) != nil {
			return false
		}
		if peer == Inbound(id) {
			return slices.Contains(connects, id.String())
		}
		return slices.Contains(allowed[peer.name], id.String())
	})
}
