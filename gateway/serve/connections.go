package serve

import (
	"crypto/tls"
	"crypto/x509"
	"net"
	"sync"
	"time"

	"lienthong.gov.vn/connector-operator/gateway/mtls"
)

// connections are the authenticated ones that are open.
type connections struct {
	mu   sync.Mutex
	open map[net.Conn]authenticated
}

// authenticated is a connection and when its peer was verified.
type authenticated struct {
	chain []*x509.Certificate
	at    time.Time
}

func newConnections() *connections {
	return &connections{open: map[net.Conn]authenticated{}}
}

func (c *connections) add(conn *tls.Conn, at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.open[conn] = authenticated{chain: conn.ConnectionState().PeerCertificates, at: at}
}

func (c *connections) remove(conn net.Conn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.open, conn)
}

func (c *connections) chains() [][]*x509.Certificate {
	c.mu.Lock()
	defer c.mu.Unlock()
	all := make([][]*x509.Certificate, 0, len(c.open))
	for _, peer := range c.open {
		all = append(all, peer.chain)
	}
	return all
}

// verify judges one open connection. The time is that of its handshake: a certificate that has run out since ends its
// connection gracefully with the next answer, and must not make a new anchor drop it.
func (c *connections) verify(conn net.Conn, policy *mtls.Policy) error {
	c.mu.Lock()
	peer, there := c.open[conn]
	c.mu.Unlock()
	if !there {
		return nil
	}
	return policy.Verify(peer.chain, x509.ExtKeyUsageClientAuth, peer.at)
}

// refusedConn is a connection to be cut, and why.
type refusedConn struct {
	conn net.Conn
	err  error
}

// cut closes the socket below TLS, which cannot block on a peer that takes nothing.
func (r refusedConn) cut() {
	if secure, ok := r.conn.(*tls.Conn); ok {
		_ = secure.NetConn().Close()
		return
	}
	_ = r.conn.Close()
}

// untrusted lists the open connections whose peer the policy does not accept.
func (c *connections) untrusted(policy *mtls.Policy) []refusedConn {
	c.mu.Lock()
	conns := make([]net.Conn, 0, len(c.open))
	for conn := range c.open {
		conns = append(conns, conn)
	}
	c.mu.Unlock()
	var refused []refusedConn
	for _, conn := range conns {
		if err := c.verify(conn, policy); err != nil {
			refused = append(refused, refusedConn{conn, err})
		}
	}
	return refused
}
