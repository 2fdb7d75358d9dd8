package gateway_test

import (
	"crypto/x509"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"lienthong.gov.vn/connector-operator/gateway/config"
	"lienthong.gov.vn/connector-operator/gateway/revocation"
	"lienthong.gov.vn/connector-operator/test/pki"
)

// files writes a pair and a CA where curl and openssl find them.
func (f *fixture) files(name string, p pki.Pair) (cert, key, ca string) {
	f.t.Helper()
	dir := filepath.Join(f.dir, "client-"+name)
	check(f.t, os.MkdirAll(dir, 0o755))
	cert, key, ca = filepath.Join(dir, "crt"), filepath.Join(dir, "key"), filepath.Join(dir, "ca")
	check(f.t, os.WriteFile(cert, p.Certificate, 0o600))
	check(f.t, os.WriteFile(key, p.Key, 0o600))
	check(f.t, os.WriteFile(ca, f.ca.PEM(), 0o600))
	return cert, key, ca
}

func curl(args ...string) (string, error) {
	out, err := exec.Command("curl", append([]string{"-sS", "--noproxy", "*", "--max-time", "20"}, args...)...).CombinedOutput()
	return string(out), err
}

// TestRefusalsSeenByRealClients asks a gateway process with curl and openssl.
func TestRefusalsSeenByRealClients(t *testing.T) {
	f := newFixture(t, backend(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write([]byte("backend saw " + r.Header.Get("Lienthong-Peer")))
	}), func(c *config.Config) { c.TLS.MinVersion = "1.2" })
	revoked := f.issue(hubID)
	f.revocations = list(revocation.List{SerialNumbers: []string{serialOf(revoked)}})
	f.writeConfig()
	f.writeIdentity(f.issue(gatewayID))
	process := f.startProcess()
	defer process.kill()
	strangers := must(pki.NewCA("another CA"))
	expired := must(f.ca.Issue(pki.Request{SPIFFEID: hubID, NotBefore: time.Now().Add(-2 * time.Hour), NotAfter: time.Now().Add(-time.Hour)}))
	serverOnly := must(f.ca.Issue(pki.Request{SPIFFEID: hubID, Usages: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}))

	cases := []struct {
		name   string
		pair   pki.Pair
		alert  string // what curl tells of TLS
		reason string // what the gateway counts
	}{
		{"wrong-ca", issueFrom(t, strangers, hubID), "unknown ca", "untrusted"},
		{"another-agency", f.issue(otherID), "bad certificate", "wrong_identity"},
		{"no-identity", f.issue(""), "bad certificate", "wrong_identity"},
		{"revoked", revoked, "bad certificate", "revoked"},
		{"expired", expired, "certificate expired", "expired"},
		{"server-only", serverOnly, "bad certificate", "untrusted"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			before := f.metric(failures(c.reason))
			cert, key, ca := f.files(c.name, c.pair)
			out, err := curl("--cert", cert, "--key", key, "--cacert", ca, f.inboundURL("/"))
			if err == nil || !strings.Contains(out, c.alert) {
				t.Errorf("curl was not refused with %q: %v\n%s", c.alert, err, out)
			}
			f.waitCounted(failures(c.reason), before)
		})
	}

	cert, key, ca := f.files("hub", f.issue(hubID))
	t.Run("no-certificate", func(t *testing.T) {
		before := f.metric(failures("no_certificate"))
		out, err := curl("--cacert", ca, f.inboundURL("/"))
		if err == nil || !strings.Contains(out, "certificate required") {
			t.Errorf("curl was not asked for a certificate: %v\n%s", err, out)
		}
		f.waitCounted(failures("no_certificate"), before)
	})
	t.Run("plain-http", func(t *testing.T) {
		before := f.metric(failures("not_tls"))
		out, err := curl("-w", "%{http_code}", "http://"+f.addrs.Inbound.String()+"/")
		if err != nil || !strings.Contains(out, "speaks HTTPS") || !strings.HasSuffix(out, "400") {
			t.Errorf("plain HTTP was not answered with the way out: %v\n%s", err, out)
		}
		f.waitCounted(failures("not_tls"), before)
	})
	t.Run("tls-1.1", func(t *testing.T) {
		before := f.metric(failures("version"))
		out := f.openssl("-tls1_1", "-cipher", "ALL:@SECLEVEL=0", "-cert", cert, "-key", key)
		if !strings.Contains(out, "alert protocol version") {
			t.Errorf("TLS 1.1 was not refused:\n%s", out)
		}
		f.waitCounted(failures("version"), before)
	})
	t.Run("tls-1.2-without-aead", func(t *testing.T) {
		before := f.metric(failures("parameters"))
		out := f.openssl("-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-SHA", "-cert", cert, "-key", key)
		if !strings.Contains(out, "alert handshake failure") {
			t.Errorf("a suite of CBC was not refused:\n%s", out)
		}
		f.waitCounted(failures("parameters"), before)
	})
	t.Run("tls-1.3-without-a-common-group", func(t *testing.T) {
		before := f.metric(failures("parameters"))
		out := f.openssl("-tls1_3", "-groups", "X448", "-cert", cert, "-key", key)
		if !strings.Contains(out, "alert handshake failure") {
			t.Errorf("a group that Go does not know was not refused:\n%s", out)
		}
		f.waitCounted(failures("parameters"), before)
	})
	for _, version := range []string{"-tls1_2", "-tls1_3"} {
		t.Run("hub"+version, func(t *testing.T) {
			out := f.openssl(version, "-cert", cert, "-key", key, "-CAfile", ca, "-verify_return_error")
			if !strings.Contains(out, "HTTP/1.1 200 OK") || !strings.Contains(out, "backend saw "+hubID) {
				t.Errorf("the hub was not served:\n%s", out)
			}
		})
	}
	for _, version := range []string{"--http1.1", "--http2"} {
		t.Run("hub"+version, func(t *testing.T) {
			out, err := curl(version, "--cert", cert, "--key", key, "--cacert", ca, "-w", " over %{http_version}", f.inboundURL("/"))
			want := "backend saw " + hubID + " over " + map[string]string{"--http1.1": "1.1", "--http2": "2"}[version]
			if err != nil || out != want {
				t.Errorf("the hub got %q (%v) and not %q", out, err, want)
			}
		})
	}
}

func failures(reason string) string {
	return `lienthong_gateway_handshake_failures_total{direction="inbound",reason="` + reason + `"}`
}

// waitCounted waits until a counter differs from its value before.
func (f *fixture) waitCounted(line, before string) {
	f.t.Helper()
	eventually(f.t, func() (bool, string) {
		now := f.metric(line)
		return now != "" && now != before, line + " stays " + now
	})
}

// openssl connects to the inbound listener, sends a request, and returns all that it prints.
func (f *fixture) openssl(args ...string) string {
	command := exec.Command("timeout", append([]string{"20", "openssl", "s_client", "-connect", f.addrs.Inbound.String(), "-ign_eof"}, args...)...)
	command.Stdin = strings.NewReader("GET / HTTP/1.1\r\nHost: gateway\r\nConnection: close\r\n\r\n")
	out, _ := command.CombinedOutput() // its exit code is not the matter; what it prints is
	return string(out)
}

// TestMinVersion13 refuses a TLS 1.2 client that a floor of 1.2 would take.
func TestMinVersion13(t *testing.T) {
	f := newFixture(t, backend(t, echo), nil).start()
	cert, key, _ := f.files("hub", f.issue(hubID))
	if out := f.openssl("-tls1_2", "-cert", cert, "-key", key); !strings.Contains(out, "alert protocol version") {
		t.Errorf("TLS 1.2 was not refused under a floor of 1.3:\n%s", out)
	}
}
