package outbound

import (
	"crypto/tls"
	"crypto/x509"
	"net"
	"sync"
	"time"

	"lienthong.gov.vn/connector-operator/gateway/config"
	"lienthong.gov.vn/connector-operator/gateway/identity"
	"lienthong.gov.vn/connector-operator/gateway/mtls"
)

// connections are the open ones to the hub, of all generations, and what they are judged by now. A request under way keeps
// its generation, but not the trust that this one was made with: whoever is not trusted any more is cut off at once.
type connections struct {
	mu      sync.Mutex
	current *identity.Snapshot
	open    map[*trackedConn]established
}

// established is a connection whose peer was verified.
type established struct {
	endpoint config.Endpoint
	chain    []*x509.Certificate
	at       time.Time
}

// trackedConn is the socket below TLS. It leaves the list when it is closed, by whomever.
type trackedConn struct {
	net.Conn
	all *connections
}

func newConnections() *connections { return &connections{open: map[*trackedConn]established{}} }

func (c *connections) track(raw net.Conn) *trackedConn { return &trackedConn{Conn: raw, all: c} }

func (t *trackedConn) Close() error {
	t.all.mu.Lock()
	delete(t.all.open, t)
	t.all.mu.Unlock()
	return t.Conn.Close()
}

// add takes a connection that was handshaken, and judges the peer by the snapshot of now: another one may have come into use
// meanwhile, or long ago.
func (c *connections) add(raw *trackedConn, conn *tls.Conn, e config.Endpoint, at time.Time) error {
	peer := established{endpoint: e, chain: conn.ConnectionState().PeerCertificates, at: at}
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := peer.judge(c.current); err != nil {
		return err
	}
	c.open[raw] = peer
	return nil
}

// peers gives every open connection's endpoint and chain.
func (c *connections) peers(yield func(endpoint string, chain []*x509.Certificate)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, peer := range c.open {
		yield(peer.endpoint.Name, peer.chain)
	}
}

// refusedConn is a connection to be cut, and why.
type refusedConn struct {
	conn     *trackedConn
	endpoint string
	err      error
}

// take judges by a snapshot from now on, and returns the open connections that it refuses.
func (c *connections) take(s *identity.Snapshot) []refusedConn {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.current = s
	var refused []refusedConn
	for conn, peer := range c.open {
		if err := peer.judge(s); err != nil {
			refused = append(refused, refusedConn{conn, peer.endpoint.Name, err})
		}
	}
	return refused
}

// judge asks by the time of the handshake: that a certificate ran out since ends no request under way. An endpoint that left
// the configuration finishes what it was sent, by the peers allowed it then.
func (p established) judge(s *identity.Snapshot) error {
	allowed := p.endpoint.AllowedPeers
	for _, e := range s.Config.Outbound.Endpoints {
		if e.Name == p.endpoint.Name {
			allowed = e.AllowedPeers
		}
	}
	policy, err := mtls.NewPolicy(s.Trust.Pool, allowed, s.Revocations)
	if err != nil {
		return err
	}
	return policy.Verify(p.chain, x509.ExtKeyUsageServerAuth, p.at)
}
