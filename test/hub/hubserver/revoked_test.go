package hubserver

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"lienthong.gov.vn/connector-operator/gateway/revocation"
	"lienthong.gov.vn/connector-operator/test/agencysystem/agencyserver"
	"lienthong.gov.vn/connector-operator/test/pki"
)

const (
	ministry = "spiffe://vn/agency/G12/connector/g12/main"
	province = "spiffe://vn/agency/H29/connector/h29/main"
)

// world is a hub that knows a ministry, which sends, and a province, which receives.
type world struct {
	hub         *Hub
	revocations string
	ministry    pki.Pair
	province    pki.Pair
	sender      *http.Client
}

func newWorld(t *testing.T) *world {
	t.Helper()
	ca, err := pki.NewCA("authority")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	issue := func(id string) pki.Pair {
		pair, err := ca.Issue(pki.Request{SPIFFEID: id, IPs: []net.IP{net.IPv4(127, 0, 0, 1)}})
		if err != nil {
			t.Fatal(err)
		}
		return pair
	}
	w := &world{revocations: filepath.Join(dir, "revocations.json"), ministry: issue(ministry), province: issue(province)}
	if err := pki.WriteVolume(filepath.Join(dir, "identity"), files(issue("spiffe://vn/hub"))); err != nil {
		t.Fatal(err)
	}
	receiver := httptest.NewUnstartedServer(agencyserver.New(1).Handler())
	receiver.TLS = &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{pair(t, w.province)}}
	receiver.StartTLS()
	t.Cleanup(receiver.Close)
	write(t, filepath.Join(dir, "trust.pem"), ca.PEM())
	write(t, filepath.Join(dir, "routes.yaml"), fmt.Appendf(nil, "H29: {url: %q, spiffeID: %q}\n", receiver.URL, province))
	w.revoke(t, revocation.List{})
	w.hub, err = Start(Options{
		Listen: "127.0.0.1:0", IdentityDir: filepath.Join(dir, "identity"), TrustFile: filepath.Join(dir, "trust.pem"),
		RevocationsFile: w.revocations, RoutesFile: filepath.Join(dir, "routes.yaml"), ErrorLog: log.New(io.Discard, "", 0),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.hub.Close)
	w.sender = client(t, w.ministry)
	return w
}

func files(p pki.Pair) map[string][]byte {
	return map[string][]byte{"tls.crt": p.Certificate, "tls.key": p.Key}
}

func pair(t *testing.T, p pki.Pair) tls.Certificate {
	t.Helper()
	certificate, err := p.TLS()
	if err != nil {
		t.Fatal(err)
	}
	return certificate
}

func client(t *testing.T, p pki.Pair) *http.Client {
	t.Helper()
	transport := &http.Transport{TLSClientConfig: &tls.Config{
		MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{pair(t, p)},
		InsecureSkipVerify: true, // the hub is what is tested, not who it is
	}}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

func write(t *testing.T, path string, content []byte) {
	t.Helper()
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
}

func (w *world) revoke(t *testing.T, list revocation.List) {
	t.Helper()
	rendered, err := revocation.Marshal(list)
	if err != nil {
		t.Fatal(err)
	}
	write(t, w.revocations, rendered)
}

// send gives the status and the body of the answer to a document from the ministry to the province.
func (w *world) send(t *testing.T, c *http.Client) (status int, body string, err error) {
	t.Helper()
	document := agencyserver.Document{From: "G12", To: []string{"H29"}, Bytes: 1000}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://"+w.hub.Addr()+"/v1/documents", document.Reader())
	if err != nil {
		t.Fatal(err)
	}
	response, err := c.Do(request)
	if err != nil {
		return 0, "", err
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	return response.StatusCode, string(text), err
}

func (w *world) sends(t *testing.T) {
	t.Helper()
	if status, body, err := w.send(t, w.sender); status != http.StatusAccepted || !strings.Contains(body, `"status":200`) {
		t.Fatalf("who is not revoked was answered %d %s (%v)", status, body, err)
	}
}

// TestWhoIsRevokedIsRefused replays an identity that was lost in each of the ways in which one is revoked: on the connection that is open,
// and on a new one.
func TestWhoIsRevokedIsRefused(t *testing.T) {
	leaf := func(w *world) *x509.Certificate { return pairLeaf(t, w.ministry) }
	for name, list := range map[string]func(*world) revocation.List{
		"by its serial number": func(w *world) revocation.List {
			return revocation.List{SerialNumbers: []string{leaf(w).SerialNumber.Text(16)}}
		},
		"with its agency": func(*world) revocation.List { return revocation.List{Agencies: []string{"G12"}} },
		"with its identity": func(w *world) revocation.List {
			return revocation.List{Identities: []revocation.Identity{{SPIFFEID: ministry, ValidBefore: leaf(w).NotBefore}}}
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.sends(t)
			w.revoke(t, list(w))
			if status, body, err := w.send(t, w.sender); status != http.StatusForbidden || !strings.Contains(body, "revoked") {
				t.Errorf("the open connection was answered %d %s (%v)", status, body, err)
			}
			if status, body, err := w.send(t, client(t, w.ministry)); err == nil {
				t.Errorf("a new connection was answered %d %s", status, body)
			}
			if got := w.hub.Refused(); got != 2 {
				t.Errorf("%d refusals were counted, want 2", got)
			}
			w.revoke(t, revocation.List{})
			w.sends(t)
		})
	}
}

func pairLeaf(t *testing.T, p pki.Pair) *x509.Certificate {
	t.Helper()
	leaf, err := x509.ParseCertificate(pair(t, p).Certificate[0])
	if err != nil {
		t.Fatal(err)
	}
	return leaf
}

func TestNothingIsDeliveredToWhoIsRevoked(t *testing.T) {
	w := newWorld(t)
	w.revoke(t, revocation.List{Agencies: []string{"H29"}})
	status, body, err := w.send(t, w.sender)
	if status != http.StatusAccepted || !strings.Contains(body, "every certificate of agency H29 is revoked") {
		t.Errorf("the answer is %d %s (%v)", status, body, err)
	}
}

// A list that cannot be read must let nobody in again.
func TestSpoiltListLeavesTheLastOneInUse(t *testing.T) {
	w := newWorld(t)
	w.revoke(t, revocation.List{Agencies: []string{"G12"}})
	if _, _, err := w.send(t, client(t, w.ministry)); err == nil {
		t.Error("who is revoked was let in")
	}
	write(t, w.revocations, []byte("{"))
	if _, _, err := w.send(t, client(t, w.ministry)); err == nil {
		t.Error("who is revoked was let in when the list was spoilt")
	}
	if _, err := Start(Options{
		Listen: "127.0.0.1:0", IdentityDir: w.hub.opts.IdentityDir, TrustFile: w.hub.opts.TrustFile, RevocationsFile: w.revocations,
	}); err == nil || !strings.Contains(err.Error(), "revocations") {
		t.Errorf("a hub began with a spoilt list: %v", err)
	}
}

// Who is not revoked is served, whoever else is.
func TestOthersAreServed(t *testing.T) {
	w := newWorld(t)
	before := pairLeaf(t, w.ministry).NotBefore.Add(-time.Second)
	w.revoke(t, revocation.List{
		SerialNumbers: []string{new(big.Int).SetUint64(1).Text(16)}, Agencies: []string{"G1", "G12.18"},
		Identities: []revocation.Identity{{SPIFFEID: ministry, ValidBefore: before}},
	})
	w.sends(t)
	if got := w.hub.Refused(); got != 0 {
		t.Errorf("%d refusals were counted", got)
	}
}
