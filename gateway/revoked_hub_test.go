package gateway_test

import (
	"context"
	"crypto/tls"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"lienthong.gov.vn/connector-operator/gateway/config"
	"lienthong.gov.vn/connector-operator/gateway/revocation"
	"lienthong.gov.vn/connector-operator/gateway/status"
	"lienthong.gov.vn/connector-operator/gateway/trust"
	"lienthong.gov.vn/connector-operator/test/pki"
)

// holding is a server's handler that answers with its name, and that of /hold not before its client leaves or free is called.
type holding struct {
	name          string
	entered, left chan struct{}
	release       context.Context //nolint:containedctx // it ends the requests that are held
	free          context.CancelFunc
}

func newHolding(name string) *holding {
	h := &holding{name: name, entered: make(chan struct{}, 4), left: make(chan struct{}, 4)}
	h.release, h.free = context.WithCancel(context.Background())
	return h
}

func (h *holding) handle(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body) // a server of HTTP/1.1 does not see its client leave before
	if r.URL.Path == "/hold" {
		h.entered <- struct{}{}
		select {
		case <-r.Context().Done():
			h.left <- struct{}{}
			return
		case <-h.release.Done():
		}
	}
	_, _ = w.Write([]byte(h.name))
}

// answer is what a request through the gateway got.
type answer struct {
	code int
	body string
}

// hold sends a request to /hold and waits until a server has it.
func (f *fixture) hold(h *holding, method string) <-chan answer {
	f.t.Helper()
	result := make(chan answer, 1)
	go func() {
		if method == http.MethodGet {
			code, body := fetch(f.outboundURL("/hold"))
			result <- answer{code, body}
			return
		}
		response, err := http.Post(f.outboundURL("/hold"), "text/plain", strings.NewReader("document"))
		if err != nil {
			result <- answer{0, err.Error()}
			return
		}
		_ = response.Body.Close()
		result <- answer{response.StatusCode, ""}
	}()
	select {
	case <-h.entered:
	case <-time.After(patience):
		f.t.Fatalf("the request does not arrive at %s", h.name)
	}
	return result
}

// twoHubs is a gateway with two endpoints, the first with the given certificate, and checks so rare that none is due.
func (f *fixture) twoHubs(protocol string, first pki.Pair) (onFirst, onSecond *holding) {
	f.t.Helper()
	onFirst, onSecond = newHolding("first"), newHolding("second")
	side := f.serverTLS(first)
	side.NextProtos = []string{protocol}
	f.cfg.Outbound.HealthCheck.Interval = duration(time.Hour)
	f.cfg.Outbound.Endpoints = []config.Endpoint{
		{Name: "first", URL: f.peerWith(side, onFirst.handle).URL, Priority: 1, AllowedPeers: []string{hubID}},
		{Name: "second", URL: f.peer(hubID, onSecond.handle).URL, Priority: 2, AllowedPeers: []string{hubID}},
	}
	f.t.Cleanup(func() { onFirst.free(); onSecond.free() }) // before the servers are closed, which wait for their requests
	f.writeConfig()
	f.start()
	f.waitActive("first")
	return onFirst, onSecond
}

// cutOff wants that requests under way at the first endpoint end at once when change is made, that a safe one is asked again at
// the second, and that no request after it fails.
func (f *fixture) cutOff(onFirst, onSecond *holding, change func()) {
	t := f.t
	t.Helper()
	document, question := f.hold(onFirst, http.MethodPost), f.hold(onFirst, http.MethodGet)
	change()
	for range 2 {
		select {
		case <-onFirst.left:
		case <-time.After(patience):
			t.Fatal("the first endpoint keeps its connection")
		}
	}
	if got := <-document; got.code != http.StatusBadGateway {
		t.Errorf("a document under way got %+v, though nobody knows what became of it", got)
	}
	for range 20 {
		if code, body := fetch(f.outboundURL("/")); code != 200 || body != "second" {
			t.Fatalf("after the cut a request got %d %s", code, body)
		}
	}
	f.waitActive("second")
	onSecond.free()
	if got := <-question; got != (answer{200, "second"}) {
		t.Errorf("a question under way got %+v and not the answer of the second endpoint", got)
	}
}

// TestRevokedEndpointIsCutOff, whatever is under way on it, and comes back when the revocation is lifted.
func TestRevokedEndpointIsCutOff(t *testing.T) {
	for _, protocol := range []string{"h2", "http/1.1"} {
		t.Run(protocol, func(t *testing.T) {
			f := newFixture(t, "http://127.0.0.1:1", nil)
			pair := f.issue(hubID)
			onFirst, onSecond := f.twoHubs(protocol, pair)
			f.cutOff(onFirst, onSecond, func() { f.revoke(revocation.List{SerialNumbers: []string{serialOf(pair)}}) })
			report := f.waitReport(func(r status.Report) bool { return strings.Contains(r.Endpoints[0].Error, "is revoked") })
			if report.ActiveEndpoint != "second" || report.Endpoints[0].Healthy || !report.Endpoints[1].Healthy {
				t.Errorf("the status does not tell of the revoked endpoint: %+v", report.Endpoints)
			}
			if counted := f.metric(strings.Replace(failures("revoked"), "inbound", "outbound", 1)); counted == "0" || counted == "" {
				t.Errorf("%q refusals of the revoked endpoint were counted", counted)
			}
			f.revoke(revocation.List{})
			f.waitActive("first")
			if code, body := fetch(f.outboundURL("/")); code != 200 || body != "first" {
				t.Errorf("with the revocation lifted a request got %d %s", code, body)
			}
		})
	}
}

// TestEndpointOnALostAnchorIsCutOff: the same holds when an anchor is taken away.
func TestEndpointOnALostAnchorIsCutOff(t *testing.T) {
	f := newFixture(t, "http://127.0.0.1:1", nil)
	second := must(pki.NewCA("second CA"))
	f.trust = append(f.ca.PEM(), second.PEM()...)
	onFirst, onSecond := f.twoHubs("h2", issueFrom(t, second, hubID))
	f.cutOff(onFirst, onSecond, func() {
		f.trust = f.ca.PEM()
		f.writeConfig()
	})
	f.waitReport(func(r status.Report) bool { return strings.Contains(r.Endpoints[0].Error, "does not verify") })
}

// TestRevocationOfOthersTouchesNoRequest: a request under way at a healthy endpoint outlives changes of the list and of the
// anchors that do not concern it.
func TestRevocationOfOthersTouchesNoRequest(t *testing.T) {
	f := newFixture(t, "http://127.0.0.1:1", nil)
	onFirst, _ := f.twoHubs("h2", f.issue(hubID))
	document := f.hold(onFirst, http.MethodPost)
	f.revoke(revocation.List{SerialNumbers: []string{serialOf(f.issue(hubID))}, Agencies: []string{"G22"}})
	f.trust = append(f.ca.PEM(), must(pki.NewCA("second CA")).PEM()...)
	f.writeConfig()
	f.waitReport(func(r status.Report) bool { return r.TrustDigest == must(trust.Parse(f.trust)).Digest })
	f.revoke(revocation.List{})
	onFirst.free()
	if got := <-document; got.code != 200 {
		t.Errorf("the request under way got %+v", got)
	}
}

// TestRevocationOfOthersConnectsNobodyAnew: a change of the list reaches all gateways of a country at once, and must not make all of
// them connect to the hub at once.
func TestRevocationOfOthersConnectsNobodyAnew(t *testing.T) {
	f := newFixture(t, "http://127.0.0.1:1", nil)
	var handshakes atomic.Int64
	side := f.serverTLS(f.issue(hubID))
	side.GetConfigForClient = func(*tls.ClientHelloInfo) (*tls.Config, error) {
		handshakes.Add(1)
		return nil, nil
	}
	f.cfg.Outbound.HealthCheck.Interval = duration(time.Hour)
	f.cfg.Outbound.Endpoints = []config.Endpoint{
		{Name: "first", URL: f.peerWith(side, newHolding("first").handle).URL, Priority: 1, AllowedPeers: []string{hubID}},
	}
	f.writeConfig()
	f.start()
	f.waitActive("first")
	if code, body := fetch(f.outboundURL("/")); code != 200 {
		t.Fatalf("the first request got %d, %s", code, body)
	}
	before := handshakes.Load()
	f.revoke(revocation.List{SerialNumbers: []string{serialOf(f.issue(hubID))}})
	f.revoke(revocation.List{Agencies: []string{"G22"}})
	if code, body := fetch(f.outboundURL("/")); code != 200 {
		t.Errorf("the next request got %d, %s", code, body)
	}
	if after := handshakes.Load(); after != before {
		t.Errorf("the gateway connected to the hub %d times more", after-before)
	}
}

// TestHandshakeUnderWayIsJudgedByTheNewList: a request that was connecting by the list of before does not reach an endpoint that
// was revoked meanwhile.
func TestHandshakeUnderWayIsJudgedByTheNewList(t *testing.T) {
	f := newFixture(t, "http://127.0.0.1:1", func(c *config.Config) { c.Outbound.HealthCheck.Timeout = duration(patience) })
	pair := f.issue(hubID)
	var slow atomic.Bool
	greeted, goOn := make(chan struct{}, 4), make(chan struct{})
	side := f.serverTLS(pair)
	side.GetConfigForClient = func(*tls.ClientHelloInfo) (*tls.Config, error) {
		if slow.Load() {
			greeted <- struct{}{}
			<-goOn
		}
		return nil, nil
	}
	f.cfg.Outbound.HealthCheck.Interval = duration(time.Hour)
	f.cfg.Outbound.Endpoints = []config.Endpoint{
		{Name: "first", URL: f.peerWith(side, newHolding("first").handle).URL, Priority: 1, AllowedPeers: []string{hubID}},
		{Name: "second", URL: f.peer(hubID, newHolding("second").handle).URL, Priority: 2, AllowedPeers: []string{hubID}},
	}
	f.writeConfig()
	f.start()
	f.waitActive("first")
	slow.Store(true)
	result := make(chan answer, 1)
	go func() {
		code, body := fetch(f.outboundURL("/"))
		result <- answer{code, body}
	}()
	<-greeted
	f.revoke(revocation.List{SerialNumbers: []string{serialOf(pair)}})
	// Changes are taken up one after the other: once a later one is told of, the list is in use everywhere.
	f.trust = append(f.ca.PEM(), must(pki.NewCA("second CA")).PEM()...)
	f.writeConfig()
	f.waitReport(func(r status.Report) bool { return r.TrustDigest == must(trust.Parse(f.trust)).Digest })
	close(goOn)
	if got := <-result; got != (answer{200, "second"}) {
		t.Errorf("the request got %+v", got)
	}
}
