package gateway_test

import (
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"lienthong.gov.vn/connector-operator/gateway/config"
	"lienthong.gov.vn/connector-operator/gateway/status"
	"lienthong.gov.vn/connector-operator/test/agencysystem/agencyserver"
	"lienthong.gov.vn/connector-operator/test/hub/hubserver"
	"lienthong.gov.vn/connector-operator/test/pki"
)

// TestFailoverAndFailback: whatever way the first endpoint fails, traffic moves to the second, and back when it is well.
func TestFailoverAndFailback(t *testing.T) {
	f := newFixture(t, "http://127.0.0.1:1", func(c *config.Config) {
		c.Outbound.HealthCheck = config.HealthCheck{Interval: duration(50 * time.Millisecond), Timeout: duration(2 * time.Second), Path: "/healthz"}
	})
	first, a := f.hub("first", 10, "")
	_, b := f.hub("second", 20, "")
	f.cfg.Outbound.Endpoints = []config.Endpoint{b, a} // the order of the list must not matter
	f.writeConfig()
	f.start()
	document := agencyserver.Document{From: "G12", To: []string{"G22"}, Bytes: 1000}
	for _, mode := range []hubserver.Mode{hubserver.Refuse, hubserver.Stall, hubserver.Vanish} {
		t.Run(string(mode), func(t *testing.T) {
			f.waitActive("first")
			f.send(document)
			check(t, first.SetMode(mode))
			f.waitActive("second")
			f.send(document)
			report := must(f.report())
			if report.ActiveEndpoint != "second" || report.Endpoints[0].Healthy || report.Endpoints[0].Error == "" || report.LastHandshake == nil {
				t.Errorf("the status does not tell of the failover: %+v", report)
			}
			check(t, first.SetMode(hubserver.Normal))
			f.waitActive("first")
			f.send(document)
		})
	}
}

// twoPeers is a gateway whose checks are so rare that only requests find out what fails.
func twoPeers(t *testing.T, first http.HandlerFunc) (f *fixture, onSecond *atomic.Int64) {
	f = newFixture(t, "http://127.0.0.1:1", func(c *config.Config) { c.Outbound.HealthCheck.Interval = duration(time.Hour) })
	onSecond = &atomic.Int64{}
	second := f.peer(hubID, func(w http.ResponseWriter, r *http.Request) {
		onSecond.Add(1)
		echo(w, r)
	})
	f.cfg.Outbound.Endpoints = []config.Endpoint{
		{Name: "first", URL: f.peer(hubID, first).URL, Priority: 1, AllowedPeers: []string{hubID}},
		{Name: "second", URL: second.URL, Priority: 2, AllowedPeers: []string{hubID}},
	}
	f.writeConfig()
	f.start()
	f.waitActive("first")
	eventually(t, func() (bool, string) {
		line := `lienthong_gateway_endpoint_healthy{endpoint="second"}`
		return f.metric(line) == "1", "the second endpoint is not healthy"
	})
	return f, onSecond
}

// TestUnsentRequestGoesToTheNextEndpoint: a body that nobody read yet is not lost when no connection comes about.
func TestUnsentRequestGoesToTheNextEndpoint(t *testing.T) {
	f := newFixture(t, "http://127.0.0.1:1", func(c *config.Config) { c.Outbound.HealthCheck.Interval = duration(time.Hour) })
	first, a := f.hub("first", 1, "")
	_, b := f.hub("second", 2, "")
	f.cfg.Outbound.Endpoints = []config.Endpoint{a, b}
	f.writeConfig()
	f.start()
	f.waitActive("first")
	check(t, first.SetMode(hubserver.Vanish))
	f.send(agencyserver.Document{From: "G12", To: []string{"G22"}, Bytes: 100 << 10})
	f.waitActive("second") // found out by the request, for no check is due
}

// TestSentRequestIsNeverRepeated: once a body was sent, nobody knows what became of it, and a second copy could be a second
// document. A safe request without a body may be asked again.
func TestSentRequestIsNeverRepeated(t *testing.T) {
	f, onSecond := twoPeers(t, func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		panic(http.ErrAbortHandler)
	})
	response := must(http.Post(f.outboundURL("/"), "text/plain", strings.NewReader("document")))
	_ = response.Body.Close()
	if response.StatusCode != http.StatusBadGateway || onSecond.Load() != 0 {
		t.Errorf("a request that broke off was answered with %d, and the second endpoint got %d", response.StatusCode, onSecond.Load())
	}
	response = must(http.Get(f.outboundURL("/")))
	_ = response.Body.Close()
	if response.StatusCode != http.StatusOK || onSecond.Load() != 1 {
		t.Errorf("a GET that broke off was answered with %d, and the second endpoint got %d", response.StatusCode, onSecond.Load())
	}
}

// TestNoEndpoint is told as a problem document, with a time to ask again.
func TestNoEndpoint(t *testing.T) {
	f := newFixture(t, "http://127.0.0.1:1", nil)
	stranger := f.peer(otherID, echo) // answers, but is not the hub
	second := config.Endpoint{Name: "stranger", URL: stranger.URL, Priority: 9, AllowedPeers: []string{hubID}}
	f.cfg.Outbound.Endpoints = append(f.cfg.Outbound.Endpoints, second)
	f.writeConfig()
	f.start()
	f.waitReport(func(r status.Report) bool {
		return len(r.Endpoints) == 2 && strings.Contains(r.Endpoints[0].Error, "refused") &&
			strings.Contains(r.Endpoints[1].Error, "not among the allowed peers")
	})
	response := must(http.Post(f.outboundURL("/"), "text/plain", strings.NewReader("document")))
	defer func() { _ = response.Body.Close() }()
	var problem struct {
		Status int
		Detail string
	}
	check(t, json.NewDecoder(response.Body).Decode(&problem))
	if response.StatusCode != 503 || problem.Status != 503 || !strings.Contains(problem.Detail, "None of the hub's endpoints") ||
		response.Header.Get("Content-Type") != "application/problem+json" || response.Header.Get("Retry-After") == "" {
		t.Errorf("it was answered with %d %v %+v", response.StatusCode, response.Header, problem)
	}
	if code, body := f.probe("/readyz"); code != 200 {
		t.Errorf("without the hub the gateway is not ready (%d): %s", code, body)
	}
}

// TestSlowChecksRefuseNothing: where the checks of every endpoint take too long, as on a machine that has too much to do, requests are
// tried all the same.
func TestSlowChecksRefuseNothing(t *testing.T) {
	stuck := func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/healthz" {
			<-r.Context().Done()
			return
		}
		echo(w, r)
	}
	f := newFixture(t, "http://127.0.0.1:1", func(c *config.Config) {
		c.Outbound.HealthCheck = config.HealthCheck{Interval: duration(50 * time.Millisecond), Timeout: duration(time.Second), Path: "/healthz"}
	})
	f.cfg.Outbound.Endpoints[0].URL = f.peer(hubID, stuck).URL
	f.writeConfig()
	f.start()
	f.waitReport(func(r status.Report) bool { return r.ActiveEndpoint == "" && r.Endpoints[0].Error != "" })
	check(t, exchange(http.DefaultClient, f.outboundURL("/"), []byte("document")))
}

// TestHubThatRefusesThisCertificate is not healthy, though in TLS 1.3 the client's handshake succeeds.
func TestHubThatRefusesThisCertificate(t *testing.T) {
	for _, protocol := range []string{"h2", "http/1.1"} {
		t.Run(protocol, func(t *testing.T) {
			f := newFixture(t, "http://127.0.0.1:1", nil)
			side := f.serverTLS(f.issue(hubID))
			side.NextProtos = []string{protocol}
			side.ClientCAs = x509.NewCertPool()
			side.ClientCAs.AddCert(must(pki.NewCA("another CA")).Certificate)
			f.cfg.Outbound.Endpoints[0].URL = f.peerWith(side, echo).URL
			f.writeConfig()
			f.start()
			f.waitReport(func(r status.Report) bool {
				return strings.Contains(r.Endpoints[0].Error, "unknown certificate authority")
			})
		})
	}
}

// TestRequestUnderWayFinishesOnTheOldCertificate while new ones take the new.
func TestRequestUnderWayFinishesOnTheOldCertificate(t *testing.T) {
	entered, release := make(chan string, 2), make(chan struct{})
	free := sync.OnceFunc(func() { close(release) })
	defer free()
	f := newFixture(t, "http://127.0.0.1:1", nil)
	hub := f.peer(hubID, func(w http.ResponseWriter, r *http.Request) {
		serial := r.TLS.PeerCertificates[0].SerialNumber.Text(16)
		if r.URL.Path == "/hold" {
			entered <- serial
			<-release
		}
		_, _ = fmt.Fprint(w, serial)
	})
	f.cfg.Outbound.Endpoints[0].URL = hub.URL
	f.writeConfig()
	f.start()
	f.waitActive("first")
	held := make(chan string, 1)
	go func() { _, body := fetch(f.outboundURL("/hold")); held <- body }()
	old := <-entered
	pair := f.issue(gatewayID)
	f.writeIdentity(pair)
	latest := must(pair.TLS()).Leaf.SerialNumber.Text(16)
	f.waitReport(func(r status.Report) bool { return r.SerialNumber == latest })
	if _, serial := fetch(f.outboundURL("/")); serial != latest {
		t.Errorf("a new request showed the certificate %s and not %s", serial, latest)
	}
	free()
	if got := <-held; got != old || old == latest {
		t.Errorf("the request under way ended with %q and not %q", got, old)
	}
}

func TestStatusIsForTheOperatorOnly(t *testing.T) {
	f := newFixture(t, backend(t, echo), nil).start()
	report, err := f.report()
	if err != nil || report.SPIFFEID != gatewayID || report.Version != "test" {
		t.Errorf("the operator is told %+v (%v)", report, err)
	}
	url := "https://" + f.addrs.Status.String() + status.Path
	if err := get(f.client(f.issue(hubID), false), url, 200); err == nil || !strings.Contains(err.Error(), "bad certificate") {
		t.Errorf("the hub got the status: %v", err)
	}
}
