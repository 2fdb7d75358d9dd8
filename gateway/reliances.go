package gateway

import (
	"crypto/x509"

	"github.com/spiffe/go-spiffe/v2/svid/x509svid"

	"lienthong.gov.vn/connector-operator/gateway/identity"
	"lienthong.gov.vn/connector-operator/gateway/metrics"
	"lienthong.gov.vn/connector-operator/gateway/reliance"
	"lienthong.gov.vn/connector-operator/gateway/status"
)

// reliances are on which trust anchors the gateway relies now. A connection is a proof as long as it is open.
func (g *gateway) reliances(s *identity.Snapshot) []status.Reliance {
	for _, server := range g.servers {
		for _, chain := range server.Peers() {
			g.connected(chain)
		}
	}
	g.router.Peers(func(endpoint string, chain []*x509.Certificate) { g.memory.Proven(reliance.Endpoint(endpoint), chain) })
	return g.memory.Report(s)
}

// connected notes that a peer proved itself to one of the listeners.
func (g *gateway) connected(chain []*x509.Certificate) {
	if id, err := x509svid.IDFromCert(chain[0]); err == nil {
		g.memory.Proven(reliance.Inbound(id), chain)
	}
}

// hubHandshake notes when the hub last proved itself to this gateway.
func (g *gateway) hubHandshake(chain []*x509.Certificate, err error) {
	g.metrics.Handshake(metrics.Inbound, err)
	if err != nil {
		return
	}
	g.connected(chain)
	g.mu.Lock()
	defer g.mu.Unlock()
	g.lastHandshake = g.opts.Clock.Now()
}

// statusHandshake counts those who ask for the status; they rely on an anchor like any other peer.
func (g *gateway) statusHandshake(chain []*x509.Certificate, err error) {
	g.metrics.Handshake(metrics.Status, err)
	if err == nil {
		g.connected(chain)
	}
}
