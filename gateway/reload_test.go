package gateway_test

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"lienthong.gov.vn/connector-operator/gateway/config"
	"lienthong.gov.vn/connector-operator/gateway/status"
	"lienthong.gov.vn/connector-operator/gateway/trust"
	"lienthong.gov.vn/connector-operator/test/pki"
)

// TestRotationUnderLoadLosesNoRequest changes certificate, trust anchors and configuration again and again under traffic in
// both directions.
func TestRotationUnderLoadLosesNoRequest(t *testing.T) {
	f := newFixture(t, backend(t, echo), nil)
	server := f.peer(hubID, echo)
	f.cfg.Outbound.Endpoints[0].URL = server.URL
	f.writeConfig()
	f.start()
	f.waitActive("first")
	l := newLoad(t)
	f.mixed(l, f.issue(hubID))
	l.more(100)
	for round := range 6 {
		pair := f.issue(gatewayID)
		f.writeIdentity(pair)
		if round%2 == 1 {
			f.trust = append(f.trust, must(pki.NewCA("one more CA")).PEM()...)
		}
		f.cfg.Inbound.Limits.IdleTimeout = duration(time.Duration(60+round) * time.Second)
		f.writeConfig()
		wantTrust := must(trust.Parse(f.trust)).Digest
		wantSerial := must(pair.TLS()).Leaf.SerialNumber.Text(16)
		f.waitReport(func(r status.Report) bool { return r.SerialNumber == wantSerial && r.TrustDigest == wantTrust })
		l.more(50)
	}
	l.end()
	if got := f.metric(failures("untrusted")); got != "0" {
		t.Errorf("%s handshakes failed", got)
	}
}

// TestLostTrustEndsOpenConnections: an added anchor drops no connection; a removed one ends those that hang on it, and only
// those.
func TestLostTrustEndsOpenConnections(t *testing.T) {
	f := newFixture(t, backend(t, echo), nil)
	second := must(pki.NewCA("second CA"))
	f.trust = append(f.ca.PEM(), second.PEM()...)
	f.writeConfig()
	f.start()
	onFirst, onSecond := f.rawHub(), f.rawHubFrom(second)
	speak(t, onFirst)
	speak(t, onSecond)

	f.trust = append(f.trust, must(pki.NewCA("third CA")).PEM()...)
	f.writeConfig()
	added := must(trust.Parse(f.trust)).Digest
	f.waitReport(func(r status.Report) bool { return r.TrustDigest == added })
	speak(t, onFirst)
	speak(t, onSecond)

	f.trust = f.ca.PEM()
	f.writeConfig()
	if n, err := onSecond.Read(make([]byte, 1)); err == nil || isTimeout(err) {
		t.Errorf("the connection on a removed anchor stays: %d bytes, %v", n, err)
	}
	speak(t, onFirst)
}

// TestPeerNoLongerAllowedIsCut: the same holds for a peer that the configuration no longer names.
func TestPeerNoLongerAllowedIsCut(t *testing.T) {
	f := newFixture(t, backend(t, echo), nil).start()
	conn := f.rawHub()
	speak(t, conn)
	f.cfg.Inbound.AllowedPeers = []string{otherID}
	f.writeConfig()
	if _, err := conn.Read(make([]byte, 1)); err == nil || isTimeout(err) {
		t.Errorf("the connection of a peer that is not allowed stays: %v", err)
	}
}

// TestBrokenFilesKeepTheLastGoodOnes and are told as problems, while traffic goes on.
func TestBrokenFilesKeepTheLastGoodOnes(t *testing.T) {
	f := newFixture(t, backend(t, echo), nil).start()
	good := must(f.report())
	client := f.client(f.issue(hubID), true)
	pair, other := f.issue(gatewayID), f.issue(gatewayID)
	future := must(f.ca.Issue(pki.Request{SPIFFEID: gatewayID, NotBefore: time.Now().Add(time.Hour)}))
	expired := must(f.ca.Issue(pki.Request{SPIFFEID: gatewayID, NotBefore: time.Now().Add(-2 * time.Hour), NotAfter: time.Now().Add(-time.Hour)}))
	cases := []struct {
		name, problem string
		pair          pki.Pair
	}{
		{"half a certificate", "cut short", pki.Pair{Certificate: pair.Certificate[:len(pair.Certificate)/2], Key: pair.Key}},
		{"another's key", "belongs to another", pki.Pair{Certificate: pair.Certificate, Key: other.Key}},
		{"not valid yet", "valid only from", future},
		{"expired", "expired at", expired},
		{"another identity", otherID, f.issue(otherID)},
		{"empty", "cut short", pki.Pair{Certificate: []byte{}, Key: []byte{}}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			f.writeIdentity(c.pair)
			report := f.waitReport(func(r status.Report) bool { return strings.Contains(strings.Join(r.Problems, " "), c.problem) })
			if report.SerialNumber != good.SerialNumber {
				t.Errorf("the certificate %s is served and not the last good one, %s", report.SerialNumber, good.SerialNumber)
			}
			check(t, get(client, f.inboundURL("/"), 200))
			f.waitReady()
		})
	}
	t.Run("configuration and trust", func(t *testing.T) {
		check(t, pki.WriteVolume(f.configDir, map[string][]byte{"gateway.yaml": []byte("agency: ["), "trust.pem": []byte("nothing")}))
		report := f.waitReport(func(r status.Report) bool { return strings.Contains(strings.Join(r.Problems, " "), "YAML") })
		if report.TrustDigest != good.TrustDigest || report.ConfigDigest != good.ConfigDigest {
			t.Errorf("broken files are in use: %+v", report)
		}
		check(t, get(client, f.inboundURL("/"), 200))
	})
	t.Run("good again", func(t *testing.T) {
		f.writeConfig()
		f.writeIdentity(pair)
		report := f.waitReport(func(r status.Report) bool { return len(r.Problems) == 0 })
		if want := must(pair.TLS()).Leaf.SerialNumber.Text(16); report.SerialNumber != want {
			t.Errorf("the certificate %s is served and not the new one, %s", report.SerialNumber, want)
		}
	})
}

// TestLiveConfiguration: a new backend and new limits hold for the next request; a new address needs a restart and says so.
func TestLiveConfiguration(t *testing.T) {
	f := newFixture(t, backend(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "old") }), nil).start()
	client := f.client(f.issue(hubID), true)
	ask := func() string {
		response := must(client.Post(f.inboundURL("/"), "text/plain", bytes.NewReader(make([]byte, 100))))
		defer func() { _ = response.Body.Close() }()
		return response.Status[:3] + string(must(io.ReadAll(response.Body)))
	}
	if got := ask(); got != "200old" {
		t.Fatalf("before the change the answer is %q", got)
	}
	f.change(func(c *config.Config) {
		c.Inbound.Backend.URL = backend(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "new") })
	})
	if got := ask(); got != "200new" {
		t.Errorf("after a change of the backend the answer is %q", got)
	}
	f.change(func(c *config.Config) { c.Inbound.Limits.MaxBodyBytes = 10 })
	if got := ask(); !strings.HasPrefix(got, "413") {
		t.Errorf("after a change of the bound the answer is %q", got)
	}
	report := f.change(func(c *config.Config) { c.Inbound.Listen = "127.0.0.1:1" })
	if !strings.Contains(strings.Join(report.Problems, " "), `inbound.listen from "127.0.0.1:0" to "127.0.0.1:1"; restart`) {
		t.Errorf("a changed address is no problem: %q", report.Problems)
	}
}

// change writes a configuration and waits until it is in use.
func (f *fixture) change(edit func(*config.Config)) status.Report {
	f.t.Helper()
	edit(&f.cfg)
	f.writeConfig()
	want := config.Digest(must(config.Marshal(f.cfg)))
	return f.waitReport(func(r status.Report) bool { return r.ConfigDigest == want })
}

// TestWaitsForItsIdentity: without the Secret the gateway lives, is not ready, says so, and serves once it comes.
func TestWaitsForItsIdentity(t *testing.T) {
	f := newFixture(t, backend(t, echo), nil)
	check(t, os.Remove(f.identityDir)) // not even mounted
	f.startWaiting()
	if code, body := f.probe("/readyz"); code != 503 || !strings.Contains(body, "tls.crt and tls.key") {
		t.Errorf("/readyz without a certificate is %d: %s", code, body)
	}
	if code, body := f.probe("/livez"); code != 200 {
		t.Errorf("/livez without a certificate is %d: %s", code, body)
	}
	if code, body := fetch(f.outboundURL("/")); code != 503 || !strings.Contains(body, "no certificate") {
		t.Errorf("an outbound request without a certificate got %d: %s", code, body)
	}
	f.writeIdentity(f.issue(gatewayID))
	f.waitReady()
	check(t, get(f.client(f.issue(hubID), true), f.inboundURL("/"), 200))
}

// TestUnusableConfigurationAtStart ends the process with the reason.
func TestUnusableConfigurationAtStart(t *testing.T) {
	f := newFixture(t, "http://127.0.0.1:1", func(c *config.Config) { c.Agency = "nobody" })
	p := filepath.Join(f.configDir, "gateway.yaml")
	err := f.runOnce()
	if err == nil || !strings.Contains(err.Error(), `agency is "nobody"; write`) {
		t.Errorf("the configuration %s was answered with %v", p, err)
	}
}

// TestChangedServerSettings: the HTTP server's own settings change without dropping a connection. A kept one is served once
// more and given back; a new one has the new bound.
func TestChangedServerSettings(t *testing.T) {
	f := newFixture(t, backend(t, echo), nil).start()
	kept := f.rawHub()
	speak(t, kept)
	f.change(func(c *config.Config) { c.Inbound.Limits.MaxHeaderBytes = 2048 })
	if got := ask(t, kept, ""); got.StatusCode != 200 || !got.Close {
		t.Errorf("on the kept connection the answer is %d, and the connection ends: %t", got.StatusCode, got.Close)
	}
	if got := ask(t, f.rawHub(), strings.Repeat("x", 16<<10)); got.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
		t.Errorf("on a new connection a long header is answered with %d", got.StatusCode)
	}
	speak(t, f.rawHub())
}

// ask sends a request with a header of the given value.
func ask(t *testing.T, conn io.ReadWriter, value string) *http.Response {
	t.Helper()
	go func() { _, _ = io.WriteString(conn, "GET / HTTP/1.1\r\nHost: x\r\nValue: "+value+"\r\n\r\n") }()
	response := must(http.ReadResponse(bufio.NewReader(conn), nil))
	check(t, response.Body.Close())
	return response
}
