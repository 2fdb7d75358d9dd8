package gateway_test

import (
	"bufio"
	"io"
	"net/http"
	"os/exec"
	"strings"
	"testing"
	"time"

	"lienthong.gov.vn/connector-operator/gateway/config"
	"lienthong.gov.vn/connector-operator/gateway/revocation"
	"lienthong.gov.vn/connector-operator/gateway/status"
	"lienthong.gov.vn/connector-operator/test/pki"
)

func list(l revocation.List) []byte { return must(revocation.Marshal(l)) }

func serialOf(p pki.Pair) string { return must(p.TLS()).Leaf.SerialNumber.Text(16) }

// revoke writes a list and waits until it is in use.
func (f *fixture) revoke(l revocation.List) {
	f.t.Helper()
	f.revocations = list(l)
	f.writeConfig()
	f.waitReport(func(r status.Report) bool { return r.RevocationDigest == revocation.Digest(f.revocations) })
}

// refusedAs wants that a new connection with a certificate is refused, and counted by the reason.
func (f *fixture) refusedAs(reason string, p pki.Pair) {
	f.t.Helper()
	before := f.metric(failures(reason))
	if err := get(f.client(p, false), f.inboundURL("/"), 200); err == nil || !strings.Contains(err.Error(), "bad certificate") {
		f.t.Errorf("a new connection is not refused as %s: %v", reason, err)
	}
	f.waitCounted(failures(reason), before)
}

// ended wants that the other side ends a connection.
func ended(t testing.TB, conn io.Reader) {
	t.Helper()
	if n, err := conn.Read(make([]byte, 1)); err == nil || isTimeout(err) {
		t.Errorf("the connection stays: %d bytes, %v", n, err)
	}
}

// TestRevokedPeers: whichever way a peer is revoked, its open connections end at once, with a request under way or without,
// new ones are refused, nobody else is touched, and it is let in again when the revocation is lifted.
func TestRevokedPeers(t *testing.T) {
	now := time.Now().Truncate(time.Second)
	cases := []struct {
		name  string
		list  func(pki.Pair) revocation.List
		spare bool // a later certificate of the same identity
	}{
		{"serial", func(p pki.Pair) revocation.List { return revocation.List{SerialNumbers: []string{serialOf(p)}} }, true},
		{"agency", func(pki.Pair) revocation.List { return revocation.List{Agencies: []string{"G22"}} }, false},
		{"identity up to a time", func(pki.Pair) revocation.List {
			return revocation.List{Identities: []revocation.Identity{{SPIFFEID: otherID, ValidBefore: now.Add(-time.Minute)}}}
		}, true},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			entered := make(chan struct{}, 1)
			f := newFixture(t, backend(t, func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/hold" {
					entered <- struct{}{}
					<-r.Context().Done()
				}
				echo(w, r)
			}), func(c *config.Config) { c.Inbound.AllowedPeers = []string{hubID, otherID} }).start()
			victim := f.issue(otherID)
			later := must(f.ca.Issue(pki.Request{SPIFFEID: otherID, NotBefore: now.Add(-time.Second)}))
			bystander, kept := f.rawHub(), f.raw(f.addrs.Inbound, victim)
			speak(t, bystander)
			speak(t, kept)
			held, client := make(chan error, 1), f.client(victim, true)
			go func() { held <- get(client, f.inboundURL("/hold"), 200) }()
			<-entered

			f.revoke(c.list(victim))
			ended(t, kept)
			if err := <-held; err == nil {
				t.Error("a request under way over HTTP/2 was not cut off")
			}
			f.refusedAs("revoked", victim)
			speak(t, bystander)
			if c.spare {
				check(t, get(f.client(later, true), f.inboundURL("/"), 200))
			} else {
				f.refusedAs("revoked", later)
			}
			f.revoke(revocation.List{})
			check(t, get(f.client(victim, true), f.inboundURL("/"), 200))
			speak(t, bystander)
		})
	}
}

// TestRevokedOperator is cut off from the status as well.
func TestRevokedOperator(t *testing.T) {
	f := newFixture(t, backend(t, echo), nil).start()
	victim := f.issue(operatorID)
	conn := f.raw(f.addrs.Status, victim)
	must(io.WriteString(conn, "GET /status HTTP/1.1\r\nHost: x\r\n\r\n"))
	response := must(http.ReadResponse(bufio.NewReader(conn), nil))
	must(io.Copy(io.Discard, response.Body))
	check(t, response.Body.Close())
	f.revoke(revocation.List{SerialNumbers: []string{serialOf(victim)}})
	ended(t, conn)
}

// TestListIsNeverLost: a list that is broken, or not there any more, leaves the last good one in use, which is told.
func TestListIsNeverLost(t *testing.T) {
	f := newFixture(t, backend(t, echo), nil).start()
	if report := must(f.report()); report.RevocationDigest != "" {
		t.Errorf("without a list there is the digest %s", report.RevocationDigest)
	}
	victim := f.issue(hubID)
	f.revoke(revocation.List{SerialNumbers: []string{serialOf(victim)}})
	digest := revocation.Digest(f.revocations)
	cases := []struct {
		name, problem string
		content       []byte
	}{
		{"cut short", "revocations.json cannot be used", f.revocations[:len(f.revocations)/2]},
		{"empty", "revocations.json cannot be used", []byte{}},
		{"unknown field", `unknown field "x"`, []byte(`{"apiVersion": "gateway.lienthong.gov.vn/v1alpha1", "x": []}`)},
		{"gone", "no file revocations.json", nil},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			f.revocations = c.content
			f.writeConfig()
			report := f.waitReport(func(r status.Report) bool { return strings.Contains(strings.Join(r.Problems, " "), c.problem) })
			if report.RevocationDigest != digest || !strings.Contains(strings.Join(report.Problems, " "), "last good list of revocations stays") {
				t.Errorf("in use is %s and not the last good list %s: %q", report.RevocationDigest, digest, report.Problems)
			}
			f.refusedAs("revoked", victim)
			check(t, get(f.client(f.issue(hubID), true), f.inboundURL("/"), 200))
		})
	}
	f.revoke(revocation.List{})
	if report := must(f.report()); len(report.Problems) != 0 {
		t.Errorf("with a good list the problems are %q", report.Problems)
	}
	check(t, get(f.client(victim, true), f.inboundURL("/"), 200))
}

// TestBrokenListAtTheStart lets nobody in: who stands on it cannot be known.
func TestBrokenListAtTheStart(t *testing.T) {
	f := newFixture(t, backend(t, echo), nil)
	f.revocations = []byte("{")
	f.writeConfig()
	f.writeIdentity(f.issue(gatewayID))
	f.startWaiting()
	if code, body := f.probe("/readyz"); code != 503 || !strings.Contains(body, "no peer is verified until it can be read") {
		t.Errorf("/readyz with a broken list is %d: %s", code, body)
	}
	if err := get(f.client(f.issue(hubID), true), f.inboundURL("/"), 200); err == nil {
		t.Error("a peer was let in")
	}
	f.revocations = list(revocation.List{})
	f.writeConfig()
	f.waitReady()
	check(t, get(f.client(f.issue(hubID), true), f.inboundURL("/"), 200))
}

// TestRevocationEndsAForeignClient: openssl, which knows nothing of the gateway, loses its open connection too.
func TestRevocationEndsAForeignClient(t *testing.T) {
	f := newFixture(t, backend(t, echo), nil).start()
	victim := f.issue(hubID)
	cert, key, _ := f.files("victim", victim)
	command := exec.CommandContext(t.Context(), "openssl", "s_client", "-connect", f.addrs.Inbound.String(), "-quiet", "-cert", cert, "-key", key)
	stdin, stdout := must(command.StdinPipe()), must(command.StdoutPipe())
	check(t, command.Start())
	must(io.WriteString(stdin, "GET / HTTP/1.1\r\nHost: gateway\r\n\r\n"))
	answer := bufio.NewReader(stdout)
	response := must(http.ReadResponse(answer, nil))
	must(io.Copy(io.Discard, response.Body))
	check(t, response.Body.Close())
	if response.StatusCode != 200 || response.Close {
		t.Fatalf("before the revocation openssl got %d, close %t", response.StatusCode, response.Close)
	}
	f.revoke(revocation.List{SerialNumbers: []string{serialOf(victim)}})
	gone := make(chan error, 1)
	go func() {
		_, err := io.Copy(io.Discard, answer)
		gone <- err
	}()
	select {
	case err := <-gone:
		check(t, err)
	case <-time.After(patience):
		t.Error("the connection of openssl stays")
	}
	check(t, stdin.Close())
	_ = command.Wait() // its exit code is not the matter
}
