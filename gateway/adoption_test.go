package gateway_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net/url"
	"strings"
	"testing"
	"time"

	"lienthong.gov.vn/connector-operator/gateway/revocation"
	"lienthong.gov.vn/connector-operator/gateway/status"
	"lienthong.gov.vn/connector-operator/test/pki"
)

// selfSigned is what somebody can put into a Secret without any authority.
func selfSigned(id string) pki.Pair {
	key := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	template := &x509.Certificate{
		SerialNumber: big.NewInt(4711), URIs: []*url.URL{must(url.Parse(id))}, KeyUsage: x509.KeyUsageDigitalSignature,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageServerAuth},
	}
	der := must(x509.CreateCertificate(rand.Reader, template, template, key.Public(), key))
	return pki.Pair{
		Certificate: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}),
		Key:         pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: must(x509.MarshalPKCS8PrivateKey(key))}),
	}
}

func (f *fixture) waitProblem(text string) status.Report {
	f.t.Helper()
	return f.waitReport(func(r status.Report) bool { return strings.Contains(strings.Join(r.Problems, " "), text) })
}

// TestCertificatesThatPeersWouldRefuse are never served: the last good one serves on, not one request fails meanwhile, and the
// next good one is taken up.
func TestCertificatesThatPeersWouldRefuse(t *testing.T) {
	f := newFixture(t, backend(t, echo), nil)
	f.cfg.Outbound.Endpoints[0].URL = f.peer(hubID, echo).URL
	revoked := f.issue(gatewayID)
	f.revocations = list(revocation.List{SerialNumbers: []string{serialOf(revoked)}})
	f.writeConfig()
	f.start()
	f.waitActive("first")
	good := must(f.report())
	l := newLoad(t)
	f.mixed(l, f.issue(hubID))
	l.more(50)
	whole, other := f.issue(gatewayID), f.issue(gatewayID)
	future := must(f.ca.Issue(pki.Request{SPIFFEID: gatewayID, NotBefore: time.Now().Add(time.Hour)}))
	foreign := issueFrom(t, must(pki.NewCA("another CA")), gatewayID)
	clientOnly := must(f.ca.Issue(pki.Request{SPIFFEID: gatewayID, Usages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}))
	const keeps = "; the last good certificate stays in use."
	cases := []struct {
		name, problem string
		pair          pki.Pair
	}{
		{"half a certificate", "cut short", pki.Pair{Certificate: whole.Certificate[:len(whole.Certificate)/2], Key: whole.Key}},
		{"half a key", "cut short", pki.Pair{Certificate: whole.Certificate, Key: whole.Key[:len(whole.Key)/2]}},
		{"another's key", "belongs to another", pki.Pair{Certificate: whole.Certificate, Key: other.Key}},
		{"not valid yet", "serial " + serialOf(future) + " is valid only from", future},
		{"self-signed", "The certificate with serial 1267 is not signed by any of the trust anchors" + keeps, selfSigned(gatewayID)},
		{"another CA", "The certificate with serial " + serialOf(foreign) + " is not signed by any of the trust anchors" + keeps, foreign},
		{"for clients only", "serial " + serialOf(clientOnly) + " is not for both clients and servers", clientOnly},
		{"revoked", "The certificate with serial " + serialOf(revoked) + " is revoked" + keeps, revoked},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			f.writeIdentity(c.pair)
			if report := f.waitProblem(c.problem); report.SerialNumber != good.SerialNumber || len(report.Problems) != 1 {
				t.Errorf("the certificate %s is served and not the last good one, %s: %q", report.SerialNumber, good.SerialNumber, report.Problems)
			}
			l.more(20)
		})
	}
	f.writeIdentity(whole)
	f.waitReport(func(r status.Report) bool { return r.SerialNumber == serialOf(whole) && len(r.Problems) == 0 })
	l.more(20)
	l.end()
}

// TestCertificateBeforeItsAnchor: a certificate of a new authority waits for the anchor, which comes in another volume.
func TestCertificateBeforeItsAnchor(t *testing.T) {
	f := newFixture(t, backend(t, echo), nil).start()
	old := must(f.report()).SerialNumber
	l := newLoad(t)
	client := f.client(f.issue(hubID), true)
	l.ask("inbound", client, f.inboundURL("/"), 100)
	next := must(pki.NewCA("next CA"))
	pair := issueFrom(t, next, gatewayID)
	f.writeIdentity(pair)
	if report := f.waitProblem("is not signed by any of the trust anchors"); report.SerialNumber != old {
		t.Errorf("the certificate %s is served before its anchor came", report.SerialNumber)
	}
	l.more(20)
	// The old anchor stays: the operator, who asks, still has a certificate of it.
	f.trust = append(f.ca.PEM(), next.PEM()...)
	f.writeConfig()
	f.asked = f.trust
	f.waitReport(func(r status.Report) bool { return r.SerialNumber == serialOf(pair) && len(r.Problems) == 0 })
	l.more(20)

	// It is not dropped again with its anchor, which would leave nothing to serve; that is told.
	f.trust = f.ca.PEM()
	f.writeConfig()
	if report := f.waitProblem("stays in use for want of a better one"); report.SerialNumber != serialOf(pair) {
		t.Errorf("the certificate %s is served and not the last one", report.SerialNumber)
	}
	f.waitReady()
	l.more(20)
	l.end()
}

// TestWaitsForAnAnchoredCertificate: with none held, the gateway is not ready and says why.
func TestWaitsForAnAnchoredCertificate(t *testing.T) {
	f := newFixture(t, backend(t, echo), nil)
	f.writeIdentity(selfSigned(gatewayID))
	f.startWaiting()
	if code, body := f.probe("/readyz"); code != 503 || !strings.Contains(body, "not signed by any of the trust anchors; the gateway waits for one") {
		t.Errorf("/readyz with a self-signed certificate is %d: %s", code, body)
	}
	if err := get(f.client(f.issue(hubID), true), f.inboundURL("/"), 200); err == nil {
		t.Error("a self-signed certificate is served")
	}
	f.writeIdentity(f.issue(gatewayID))
	f.waitReady()
}

// TestOwnCertificateRevoked: there is nothing better to serve, so that it goes on and tells.
func TestOwnCertificateRevoked(t *testing.T) {
	f := newFixture(t, backend(t, echo), nil).start()
	serial := must(f.report()).SerialNumber
	f.revoke(revocation.List{SerialNumbers: []string{serial}})
	f.waitProblem("The gateway's own certificate with serial " + serial + " is revoked")
	check(t, get(f.client(f.issue(hubID), true), f.inboundURL("/"), 200))
	f.waitReady()
	f.writeIdentity(f.issue(gatewayID))
	f.waitReport(func(r status.Report) bool { return r.SerialNumber != serial && len(r.Problems) == 0 })
}
