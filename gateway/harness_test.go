package gateway_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-logr/logr"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"lienthong.gov.vn/connector-operator/gateway"
	"lienthong.gov.vn/connector-operator/gateway/config"
	"lienthong.gov.vn/connector-operator/gateway/status"
	"lienthong.gov.vn/connector-operator/gateway/statusclient"
	"lienthong.gov.vn/connector-operator/gateway/trust"
	"lienthong.gov.vn/connector-operator/test/pki"
)

const (
	gatewayID  = "spiffe://example.gov.vn/agency/G12/connector/g12/main"
	otherID    = "spiffe://example.gov.vn/agency/G22/connector/g22/main"
	hubID      = "spiffe://example.gov.vn/hub/national"
	operatorID = "spiffe://example.gov.vn/operator"
	patience   = 30 * time.Second
)

// must is for what a test cannot go on without.
func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// eventually waits until a condition holds, and fails the test with the condition's last explanation if it never does.
func eventually(t testing.TB, condition func() (bool, string)) {
	t.Helper()
	deadline := time.After(patience)
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		ok, why := condition()
		if ok {
			return
		}
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("it did not come to be: %s", why)
		}
	}
}

// fixture is a gateway with its volumes.
type fixture struct {
	t                      testing.TB
	ca                     *pki.CA
	dir                    string
	configDir, identityDir string
	cfg                    config.Config
	trust                  []byte
	revocations            []byte    // nil for no file
	requests               io.Writer // gets the request log; nil for nobody
	asked                  []byte    // the anchors by which the operator accepts the gateway; nil for those of ca

	addrs  gateway.Addresses
	stop   context.CancelFunc
	exited chan error
}

// newFixture makes volumes for a gateway before a backend; edit changes the configuration.
func newFixture(t testing.TB, backend string, edit func(*config.Config)) *fixture {
	t.Helper()
	f := &fixture{t: t, ca: must(pki.NewCA("test CA")), dir: t.TempDir()}
	f.configDir, f.identityDir = filepath.Join(f.dir, "config"), filepath.Join(f.dir, "identity")
	check(t, os.MkdirAll(f.identityDir, 0o755))
	f.trust = f.ca.PEM()
	f.cfg = config.Default()
	f.cfg.Agency, f.cfg.Connector, f.cfg.SPIFFEID = "G12", "g12/main", gatewayID
	f.cfg.Inbound.Listen, f.cfg.Outbound.Listen = "127.0.0.1:0", "127.0.0.1:0"
	f.cfg.Status.Listen, f.cfg.Probes.Listen = "127.0.0.1:0", "127.0.0.1:0"
	f.cfg.Inbound.AllowedPeers = []string{hubID}
	f.cfg.Inbound.Backend.URL = backend
	f.cfg.Status.AllowedPeers = []string{operatorID}
	f.cfg.Outbound.Endpoints = []config.Endpoint{{Name: "first", URL: "https://127.0.0.1:1", AllowedPeers: []string{hubID}}}
	f.cfg.Outbound.HealthCheck.Interval = duration(100 * time.Millisecond)
	f.cfg.Drain.Delay, f.cfg.Drain.Timeout = duration(0), duration(10*time.Second)
	if edit != nil {
		edit(&f.cfg)
	}
	f.writeConfig()
	return f
}

func duration(d time.Duration) metav1.Duration { return metav1.Duration{Duration: d} }

func (f *fixture) writeConfig() {
	f.t.Helper()
	data := must(config.Marshal(f.cfg))
	files := map[string][]byte{"gateway.yaml": data, "trust.pem": f.trust}
	if f.revocations != nil {
		files["revocations.json"] = f.revocations
	}
	check(f.t, pki.WriteVolume(f.configDir, files))
}

func (f *fixture) writeIdentity(p pki.Pair) {
	f.t.Helper()
	check(f.t, pki.WriteVolume(f.identityDir, map[string][]byte{"tls.crt": p.Certificate, "tls.key": p.Key}))
}

// issue makes a certificate for 127.0.0.1 from the fixture's CA.
func (f *fixture) issue(id string) pki.Pair { return issueFrom(f.t, f.ca, id) }

func issueFrom(t testing.TB, ca *pki.CA, id string) pki.Pair {
	t.Helper()
	return must(ca.Issue(pki.Request{SPIFFEID: id, DNSNames: []string{"localhost"}, IPs: []net.IP{net.IPv4(127, 0, 0, 1)}}))
}

// start runs the gateway with a certificate, until it is ready.
func (f *fixture) start() *fixture {
	f.t.Helper()
	f.writeIdentity(f.issue(gatewayID))
	f.startWaiting()
	f.waitReady()
	return f
}

// startWaiting runs the gateway with what is in its volumes, until it listens.
func (f *fixture) startWaiting() {
	f.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	f.stop, f.exited = cancel, make(chan error, 1)
	listening := make(chan gateway.Addresses, 1)
	requests := f.requests
	if requests == nil {
		requests = io.Discard
	}
	go func() {
		f.exited <- gateway.Run(ctx, gateway.Options{
			ConfigDir: f.configDir, IdentityDir: f.identityDir, Version: "test", Log: logr.Discard(),
			RequestLog: requests, PollInterval: 200 * time.Millisecond, OnListening: func(a gateway.Addresses) { listening <- a },
		})
	}()
	select {
	case f.addrs = <-listening:
	case err := <-f.exited:
		f.t.Fatalf("the gateway ended at its start: %v", err)
	case <-time.After(patience):
		f.t.Fatal("the gateway does not listen")
	}
	f.t.Cleanup(f.close)
}

func (f *fixture) close() {
	f.stop()
	select {
	case err := <-f.exited:
		f.exited <- err // for whoever closes again
		if err != nil {
			f.t.Errorf("the gateway ended with an error: %v", err)
		}
	case <-time.After(patience):
		f.t.Error("the gateway does not end")
	}
}

// runOnce runs a gateway that is to fail at its start.
func (f *fixture) runOnce() error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	return gateway.Run(ctx, gateway.Options{ConfigDir: f.configDir, IdentityDir: f.identityDir, Log: logr.Discard()})
}

func (f *fixture) probe(path string) (int, string) {
	return fetch("http://" + f.addrs.Probes.String() + path)
}

// fetch gets a URL; the status is 0 if there was no answer.
func fetch(url string) (int, string) {
	response, err := http.Get(url)
	if err != nil {
		return 0, err.Error()
	}
	defer func() { _ = response.Body.Close() }()
	body, _ := io.ReadAll(response.Body)
	return response.StatusCode, string(body)
}

func (f *fixture) waitReady() {
	f.t.Helper()
	eventually(f.t, func() (bool, string) {
		code, body := f.probe("/readyz")
		return code == http.StatusOK, body
	})
}

// metric is the value of one line of /metrics, or "" if there is none.
func (f *fixture) metric(line string) string {
	_, body := f.probe("/metrics")
	for text := range strings.Lines(body) {
		if value, ok := strings.CutPrefix(text, line+" "); ok {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// report asks for /status as the operator does.
func (f *fixture) report() (status.Report, error) {
	own := must(f.issue(operatorID).TLS())
	anchors := f.asked
	if anchors == nil {
		anchors = f.ca.PEM()
	}
	bundle := must(trust.Parse(anchors))
	cfg := must(statusclient.TLSConfig(&own, bundle, gatewayID, time.Now))
	return statusclient.Fetch(context.Background(), f.addrs.Status.String(), cfg)
}

// waitReport waits for a status that meets a condition.
func (f *fixture) waitReport(condition func(status.Report) bool) status.Report {
	f.t.Helper()
	var last status.Report
	eventually(f.t, func() (bool, string) {
		report, err := f.report()
		if err != nil {
			return false, err.Error()
		}
		last = report
		return condition(report), fmt.Sprintf("%+v", report)
	})
	return last
}

// client makes an HTTPS client with a certificate, and closes its connections at the end of the test.
func (f *fixture) client(p pki.Pair, http2 bool) *http.Client {
	f.t.Helper()
	own := must(p.TLS())
	transport := &http.Transport{
		ForceAttemptHTTP2:   http2,
		MaxIdleConnsPerHost: 32,
		TLSClientConfig:     &tls.Config{Certificates: []tls.Certificate{own}, InsecureSkipVerify: true},
	}
	f.t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

func (f *fixture) inboundURL(path string) string { return "https://" + f.addrs.Inbound.String() + path }
func (f *fixture) outboundURL(path string) string {
	return "http://" + f.addrs.Outbound.String() + path
}

// serverTLS is the TLS side of a test's own server, which takes clients of the fixture's CA.
func (f *fixture) serverTLS(p pki.Pair) *tls.Config {
	pool := x509.NewCertPool()
	pool.AddCert(f.ca.Certificate)
	return &tls.Config{Certificates: []tls.Certificate{must(p.TLS())}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: pool}
}

func discardLog() *log.Logger { return log.New(io.Discard, "", 0) }

// backend is a plain HTTP server of the test.
func backend(t testing.TB, handler http.HandlerFunc) string {
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server.URL
}

// echo answers with the body while it still comes.
func echo(w http.ResponseWriter, r *http.Request) {
	_ = http.NewResponseController(w).EnableFullDuplex()
	_, _ = io.Copy(w, r.Body)
}
