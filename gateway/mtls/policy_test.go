package mtls_test

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"testing"
	"time"

	"lienthong.gov.vn/connector-operator/gateway/config"
	"lienthong.gov.vn/connector-operator/gateway/mtls"
	"lienthong.gov.vn/connector-operator/gateway/revocation"
	"lienthong.gov.vn/connector-operator/test/pki"
)

const hub = "spiffe://example.gov.vn/hub/national"

func TestVerify(t *testing.T) {
	now := time.Now()
	ca, other := newCA(t), newCA(t)
	pool := x509.NewCertPool()
	pool.AddCert(ca.Certificate)
	stolen := issue(t, ca, pki.Request{SPIFFEID: hub})
	nameless := issue(t, ca, pki.Request{DNSNames: []string{"hub"}})
	revoked := &revocation.List{
		SerialNumbers: []string{stolen[0].SerialNumber.Text(16), nameless[0].SerialNumber.Text(16)},
		Agencies:      []string{"G12"},
		Identities:    []revocation.Identity{{SPIFFEID: hub, ValidBefore: now.Add(-90 * time.Minute)}},
	}
	policy, err := mtls.NewPolicy(pool, []string{hub}, revoked)
	if err != nil {
		t.Fatal(err)
	}
	client := []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
	server := []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	cases := []struct {
		name   string
		chain  []*x509.Certificate
		reason mtls.Reason // "" if accepted
	}{
		{"the hub", issue(t, ca, pki.Request{SPIFFEID: hub}), ""},
		{"the hub as client only", issue(t, ca, pki.Request{SPIFFEID: hub, Usages: client}), ""},
		{"nothing", nil, mtls.NoCertificate},
		{"another CA", issue(t, other, pki.Request{SPIFFEID: hub}), mtls.Untrusted},
		{"a server's certificate", issue(t, ca, pki.Request{SPIFFEID: hub, Usages: server}), mtls.Untrusted},
		{"expired", issue(t, ca, pki.Request{SPIFFEID: hub, NotBefore: now.Add(-2 * time.Hour), NotAfter: now.Add(-time.Hour)}), mtls.Expired},
		{"not valid yet", issue(t, ca, pki.Request{SPIFFEID: hub, NotBefore: now.Add(time.Hour)}), mtls.Expired},
		{"a longer path", issue(t, ca, pki.Request{SPIFFEID: hub + "/x"}), mtls.WrongIdentity},
		{"another trust domain", issue(t, ca, pki.Request{SPIFFEID: "spiffe://example.com/hub/national"}), mtls.WrongIdentity},
		{"no SPIFFE ID", issue(t, ca, pki.Request{SPIFFEID: "https://example.gov.vn/hub/national"}), mtls.WrongIdentity},
		{"no URI", issue(t, ca, pki.Request{DNSNames: []string{"hub"}}), mtls.WrongIdentity},
		{"a revoked serial", stolen, mtls.Revoked},
		{"a revoked serial without an identity", nameless, mtls.Revoked},
		{"a revoked agency, which is not allowed either", issue(t, ca, pki.Request{SPIFFEID: "spiffe://example.gov.vn/agency/G12/connector/g12/main"}), mtls.Revoked},
		{"a revoked agency of another CA", issue(t, other, pki.Request{SPIFFEID: "spiffe://example.gov.vn/agency/G12/connector/g12/main"}), mtls.Untrusted},
		{"an identity up to a time", issue(t, ca, pki.Request{SPIFFEID: hub, NotBefore: now.Add(-2 * time.Hour)}), mtls.Revoked},
		{"the CA itself", []*x509.Certificate{ca.Certificate}, mtls.WrongIdentity},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			err := policy.Verify(c.chain, x509.ExtKeyUsageClientAuth, now)
			var refusal *mtls.Refusal
			switch {
			case c.reason == "" && err != nil:
				t.Errorf("it was refused: %v", err)
			case c.reason != "" && (!errors.As(err, &refusal) || refusal.Reason != c.reason || mtls.ReasonOf(err) != c.reason):
				t.Errorf("the reason is %v and not %s", err, c.reason)
			}
		})
	}
}

// TestTwelveAllowsOnlyAEAD: whatever suites a floor of 1.2 offers, each has forward secrecy and authenticated encryption.
func TestTwelveAllowsOnlyAEAD(t *testing.T) {
	ca := newCA(t)
	pool := x509.NewCertPool()
	pool.AddCert(ca.Certificate)
	policy, err := mtls.NewPolicy(pool, []string{hub}, nil)
	if err != nil {
		t.Fatal(err)
	}
	cfg := mtls.Server(mtls.Own{Certificate: &tls.Certificate{}, Floor: config.TLS{MinVersion: "1.2"}, Now: time.Now}, policy)
	secure := map[uint16]bool{}
	for _, suite := range tls.CipherSuites() {
		secure[suite.ID] = true
	}
	if len(cfg.CipherSuites) == 0 || cfg.MinVersion != tls.VersionTLS12 || !cfg.SessionTicketsDisabled || cfg.ClientAuth != tls.RequireAndVerifyClientCert {
		t.Fatalf("the floor is %x with %d suites", cfg.MinVersion, len(cfg.CipherSuites))
	}
	for _, suite := range cfg.CipherSuites {
		if name := tls.CipherSuiteName(suite); !secure[suite] || name[len(name)-4:] == "_SHA" {
			t.Errorf("%s is offered", name)
		}
	}
}

func newCA(t *testing.T) *pki.CA {
	t.Helper()
	ca, err := pki.NewCA("test")
	if err != nil {
		t.Fatal(err)
	}
	return ca
}

func issue(t *testing.T, ca *pki.CA, r pki.Request) []*x509.Certificate {
	t.Helper()
	pair, err := ca.Issue(r)
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := pair.TLS()
	if err != nil {
		t.Fatal(err)
	}
	return []*x509.Certificate{certificate.Leaf}
}
