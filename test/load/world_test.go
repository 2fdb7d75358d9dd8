package load_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/go-logr/logr"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"lienthong.gov.vn/connector-operator/gateway"
	"lienthong.gov.vn/connector-operator/gateway/config"
	"lienthong.gov.vn/connector-operator/test/agencysystem/agencyserver"
	"lienthong.gov.vn/connector-operator/test/hub/hubserver"
	"lienthong.gov.vn/connector-operator/test/load"
	"lienthong.gov.vn/connector-operator/test/pki"
)

const (
	gatewayID = "spiffe://example.gov.vn/agency/G12/connector/g12/main"
	hubID     = "spiffe://example.gov.vn/hub/national"
	patience  = 30 * time.Second
)

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

func eventually(t *testing.T, condition func() error) {
	t.Helper()
	deadline := time.After(patience)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		err := condition()
		if err == nil {
			return
		}
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("it did not come to be: %v", err)
		}
	}
}

// world is a gateway between a hub and an agency's own system, all in this process.
type world struct {
	t         *testing.T
	ca        *pki.CA
	dir       string
	addresses gateway.Addresses
	endGate   func()

	mu  sync.Mutex
	hub pki.Pair
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, ca: must(pki.NewCA("test CA")), dir: t.TempDir()}
	w.rotateHub()
	w.write("hub-trust/trust.pem", w.ca.PEM())
	hub := must(hubserver.Start(hubserver.Options{
		Listen: "127.0.0.1:0", IdentityDir: w.path("hub"), TrustFile: w.path("hub-trust", "trust.pem"),
		RoutesFile: w.path("routes", "routes.yaml"), ErrorLog: log.New(io.Discard, "", 0),
	}))
	t.Cleanup(hub.Close)
	system := httptest.NewServer(agencyserver.New(10).Handler())
	t.Cleanup(system.Close)
	w.startGateway(hub.Addr(), system.URL)
	w.write("routes/routes.yaml", fmt.Appendf(nil, "G12: {url: %q, spiffeID: %q}\n", "https://"+w.addresses.Inbound.String(), gatewayID))
	return w
}

func (w *world) path(elements ...string) string {
	return filepath.Join(append([]string{w.dir}, elements...)...)
}

func (w *world) write(name string, content []byte) {
	w.t.Helper()
	if err := os.MkdirAll(filepath.Dir(w.path(name)), 0o755); err != nil {
		w.t.Fatal(err)
	}
	if err := os.WriteFile(w.path(name), content, 0o600); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) identity(volume, id string) pki.Pair {
	w.t.Helper()
	pair := must(w.ca.Issue(pki.Request{SPIFFEID: id, DNSNames: []string{"localhost"}, IPs: []net.IP{net.IPv4(127, 0, 0, 1)}}))
	if err := pki.WriteVolume(w.path(volume), map[string][]byte{"tls.crt": pair.Certificate, "tls.key": pair.Key}); err != nil {
		w.t.Fatal(err)
	}
	return pair
}

func (w *world) rotateGateway() { w.identity("gateway", gatewayID) }

func (w *world) rotateHub() {
	pair := w.identity("hub", hubID)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.hub = pair
}

func (w *world) credentials() (load.Credentials, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return load.Credentials{Identity: w.hub, Anchors: w.ca.PEM()}, nil
}

func (w *world) startGateway(hub, system string) {
	w.t.Helper()
	cfg := config.Default()
	cfg.Agency, cfg.Connector, cfg.SPIFFEID = "G12", "g12/main", gatewayID
	for _, listen := range []*string{&cfg.Inbound.Listen, &cfg.Outbound.Listen, &cfg.Status.Listen, &cfg.Probes.Listen} {
		*listen = "127.0.0.1:0"
	}
	cfg.Inbound.AllowedPeers, cfg.Inbound.Backend.URL = []string{hubID}, system
	cfg.Status.AllowedPeers = []string{"spiffe://example.gov.vn/operator"}
	cfg.Outbound.Endpoints = []config.Endpoint{{Name: "first", URL: "https://" + hub, AllowedPeers: []string{hubID}}}
	cfg.Drain.Delay, cfg.Drain.Timeout = metav1.Duration{}, metav1.Duration{Duration: 100 * time.Millisecond}
	if err := pki.WriteVolume(w.path("config"), map[string][]byte{"gateway.yaml": must(config.Marshal(cfg)), "trust.pem": w.ca.PEM()}); err != nil {
		w.t.Fatal(err)
	}
	w.rotateGateway()
	ctx, cancel := context.WithCancel(context.Background())
	listening, ended := make(chan gateway.Addresses, 1), make(chan struct{})
	go func() {
		defer close(ended)
		_ = gateway.Run(ctx, gateway.Options{
			ConfigDir: w.path("config"), IdentityDir: w.path("gateway"), Version: "test", Log: logr.Discard(),
			RequestLog: io.Discard, PollInterval: 100 * time.Millisecond, OnListening: func(a gateway.Addresses) { listening <- a },
		})
	}()
	w.endGate = sync.OnceFunc(func() { cancel(); <-ended })
	w.t.Cleanup(w.endGate)
	select {
	case w.addresses = <-listening:
	case <-ended:
		w.t.Fatal("the gateway ended at its start")
	}
	eventually(w.t, func() error {
		response, err := http.Get("http://" + w.addresses.Probes.String() + "/readyz")
		if err != nil {
			return err
		}
		defer func() { _ = response.Body.Close() }()
		if response.StatusCode != http.StatusOK {
			return fmt.Errorf("the gateway is not ready: %d", response.StatusCode)
		}
		return nil
	})
}

// inbound is a flow of the hub to the gateway.
func (w *world) inbound(f load.Flow) load.Flow {
	address := w.addresses.Inbound.String()
	_, port, _ := net.SplitHostPort(address)
	f.Direction, f.Credentials = load.Inbound, w.credentials
	f.Targets = []load.Target{{Host: "localhost:" + port, Address: address, SPIFFEID: gatewayID}}
	return f
}

// outbound is a flow of the agency's own system to itself, by way of the hub.
func (w *world) outbound(f load.Flow) load.Flow {
	f.Direction = load.Outbound
	f.Targets = []load.Target{{Host: "gateway.test:8080", Address: w.addresses.Outbound.String(), From: "G12", To: "G12"}}
	return f
}

// every is all kinds of flows at once.
func (w *world) every() []load.Flow {
	small, mixed := []int64{1 << 10}, []int64{1 << 10, 1 << 10, 64 << 10, 1 << 20}
	const pause, long = 40 * time.Millisecond, 200 * time.Millisecond
	return []load.Flow{
		w.inbound(load.Flow{Name: "inbound HTTP/1.1 kept", Every: pause, Sizes: mixed}),
		w.inbound(load.Flow{Name: "inbound HTTP/1.1 new", NewConnections: true, Every: pause, Sizes: small}),
		w.inbound(load.Flow{Name: "inbound HTTP/2 kept", HTTP2: true, Every: pause, Sizes: mixed}),
		w.inbound(load.Flow{Name: "inbound HTTP/2 new", HTTP2: true, NewConnections: true, Every: pause, Sizes: small}),
		w.inbound(load.Flow{Name: "inbound HTTP/1.1 curl", Program: load.Curl, Every: long, Sizes: small}),
		w.inbound(load.Flow{Name: "inbound HTTP/2 curl", Program: load.Curl, HTTP2: true, Every: long, Sizes: mixed}),
		w.outbound(load.Flow{Name: "outbound kept", Every: pause, Sizes: mixed}),
		w.outbound(load.Flow{Name: "outbound new", NewConnections: true, Every: pause, Sizes: small}),
	}
}

// start runs flows until the test ends.
func start(t *testing.T, flows ...load.Flow) *load.Driver {
	t.Helper()
	d := must(load.Start("peace", flows...))
	t.Cleanup(d.Stop)
	return d
}

// sent waits until so many requests were sent in a period.
func sent(t *testing.T, d *load.Driver, period string, n int) {
	t.Helper()
	eventually(t, func() error {
		if totals := d.Totals(period); totals.Sent < n {
			return fmt.Errorf("in the period %q there are %+v, want %d", period, totals, n)
		}
		return nil
	})
}
