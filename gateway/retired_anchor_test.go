package gateway_test

import (
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"net/http"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"lienthong.gov.vn/connector-operator/gateway/config"
	"lienthong.gov.vn/connector-operator/gateway/status"
	"lienthong.gov.vn/connector-operator/test/pki"
)

// TestAnchorGoesUnderKeptConnections changes the authority of the hub, which keeps its connections busy and so would never show its new
// certificate: connections are renewed within the quiet period, and when nobody relies on the old anchor, no request is lost with it.
func TestAnchorGoesUnderKeptConnections(t *testing.T) {
	old := must(pki.NewCA("old CA"))
	var hub atomic.Pointer[tls.Certificate]
	show := func(ca *pki.CA) { pair := must(issueFrom(t, ca, hubID).TLS()); hub.Store(&pair) }
	show(old)
	f := newFixture(t, backend(t, echo), func(c *config.Config) { c.Trust.QuietPeriod = duration(time.Second) })
	server := f.serverTLS(f.issue(hubID))
	server.GetConfigForClient = func(*tls.ClientHelloInfo) (*tls.Config, error) {
		now := server.Clone()
		now.Certificates = []tls.Certificate{*hub.Load()}
		return now, nil
	}
	f.trust = slices.Concat(f.ca.PEM(), old.PEM())
	f.cfg.Outbound.Endpoints[0].URL = f.peerWith(server, echo).URL
	f.writeConfig()
	f.start()
	l := newLoad(t)
	for name, http2 := range map[string]bool{"inbound HTTP/1.1": false, "inbound HTTP/2": true} {
		client := f.client(f.issue(hubID), http2)
		own := client.Transport.(*http.Transport).TLSClientConfig
		own.Certificates = nil
		own.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return hub.Load(), nil }
		l.ask(name, client, f.inboundURL("/"), 10)
	}
	l.ask("outbound", &http.Client{Transport: &http.Transport{}}, f.outboundURL("/"), 10)
	l.more(50)

	show(f.ca)
	sum := sha256.Sum256(old.Certificate.Raw)
	report := f.waitReport(func(r status.Report) bool {
		return !slices.ContainsFunc(r.Reliances, func(one status.Reliance) bool {
			return slices.Contains(one.Anchors, hex.EncodeToString(sum[:]))
		})
	})
	f.trust = f.ca.PEM()
	f.writeConfig()
	f.waitReport(func(r status.Report) bool { return r.TrustDigest != report.TrustDigest })
	l.more(100)
	l.end()
}
