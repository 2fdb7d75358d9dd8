// Package reliance remembers by which certificate chains peers proved themselves, and tells in which trust anchors those
// chains end, so that an anchor is taken away only when nobody relies on it any more.
//
// It is told of every handshake that succeeded and asked for every status report. What it tells changes only when a peer shows
// another chain, when one was not seen for the quiet period, or when the snapshot in use changes. It is kept in memory: after
// a restart it knows nothing, and the next handshakes, which come within seconds from the hub's endpoints, fill it again.
package reliance

import (
	"crypto/sha256"
	"crypto/x509"
	"sync"
	"time"

	"github.com/spiffe/go-spiffe/v2/spiffeid"
	"k8s.io/utils/clock"
)

// Peer names whose certificate chain it is, as status.Reliance tells it.
type Peer struct {
	name  string
	usage x509.ExtKeyUsage
}

// Self is the gateway.
func Self() Peer { return Peer{name: "self", usage: x509.ExtKeyUsageAny} }

// Endpoint is one of the hub's endpoints, which the gateway connects to.
func Endpoint(name string) Peer {
	return Peer{name: "endpoint " + name, usage: x509.ExtKeyUsageServerAuth}
}

// Inbound is whoever connects to the gateway.
func Inbound(id spiffeid.ID) Peer {
	return Peer{name: "inbound " + id.String(), usage: x509.ExtKeyUsageClientAuth}
}

// Memory of the chains that were proven. It is safe for concurrent use.
type Memory struct {
	clock clock.PassiveClock

	mu     sync.Mutex
	proofs map[key]proof
}

// key keeps one entry for a chain however often it is shown.
type key struct {
	peer  Peer
	chain [sha256.Size]byte
}

type proof struct {
	chain []*x509.Certificate
	last  time.Time
}

// NewMemory makes an empty memory.
func NewMemory(c clock.PassiveClock) *Memory { return &Memory{clock: c, proofs: map[key]proof{}} }

// Proven notes that a peer proved itself by a chain, leaf first, now.
func (m *Memory) Proven(peer Peer, chain []*x509.Certificate) {
	sum := sha256.New()
	for _, cert := range chain {
		sum.Write(cert.Raw)
	}
	k := key{peer: peer}
	sum.Sum(k.chain[:0])
	m.mu.Lock()
	defer m.mu.Unlock()
	m.proofs[k] = proof{chain: chain, last: m.clock.Now()}
}

// prune drops what was not proven for the quiet period and what does not count any more, and returns the rest.
func (m *Memory) prune(quiet time.Duration, counts func(Peer, *x509.Certificate) bool) map[Peer][]proof {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := m.clock.Now()
	rest := map[Peer][]proof{}
	for k, p := range m.proofs {
		if now.Sub(p.last) > quiet || !counts(k.peer, p.chain[0]) {
			delete(m.proofs, k)
			continue
		}
		rest[k.peer] = append(rest[k.peer], p)
	}
	return rest
}
