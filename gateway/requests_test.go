package gateway_test

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"lienthong.gov.vn/connector-operator/gateway/config"
	"lienthong.gov.vn/connector-operator/gateway/forward"
	"lienthong.gov.vn/connector-operator/gateway/status"
)

// lines is a request log that a test reads while it grows.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// line is what a line of the request log has.
type line struct {
	Time, RequestID, Direction, Peer, SourceAddress, Method, Path string
	Status                                                        int
	RequestBytes, ResponseBytes                                   int64
	Duration                                                      float64
	Endpoint, TLSVersion, CipherSuite, KeyExchange                string
	PeerSerialNumber                                              string
}

// find waits for the one line whose path has a suffix.
func (l *lines) find(t testing.TB, suffix string) line {
	t.Helper()
	var found []line
	eventually(t, func() (bool, string) {
		found = nil
		for text := range strings.Lines(l.String()) {
			var one line
			check(t, json.Unmarshal([]byte(text), &one))
			if strings.HasSuffix(one.Path, suffix) {
				found = append(found, one)
			}
		}
		return len(found) > 0, "there is no line of " + suffix + ":\n" + l.String()
	})
	if len(found) != 1 {
		t.Fatalf("there are %d lines of %s", len(found), suffix)
	}
	return found[0]
}

// TestRequestLog: each request in either direction has its line, by which both sides find it again, and no line holds a secret.
func TestRequestLog(t *testing.T) {
	seen := make(chan string, 1)
	f := newFixture(t, backend(t, func(w http.ResponseWriter, r *http.Request) {
		seen <- r.Header.Get(forward.RequestIDHeader)
		_, _ = io.Copy(io.Discard, r.Body)
		w.WriteHeader(http.StatusCreated)
		_, _ = io.WriteString(w, "the answer is hunter2")
	}), func(c *config.Config) { c.TLS.KeyExchange = []string{"secp384r1"} })
	log := &lines{}
	f.requests = log
	server := f.peer(hubID, sink)
	f.cfg.Outbound.Endpoints[0].URL = server.URL
	f.writeConfig()
	f.start()
	f.waitActive("first")

	hub := f.issue(hubID)
	request := must(http.NewRequest(http.MethodPut, f.inboundURL("/in%0A%22forged/hunter?token=hunter2"), strings.NewReader("a body of hunter2")))
	request.Header.Set("Authorization", "Bearer hunter2")
	request.Header.Set(forward.RequestIDHeader, "hunter2")
	response := must(f.client(hub, true).Do(request))
	_, _ = io.Copy(io.Discard, response.Body)
	check(t, response.Body.Close())
	got := log.find(t, "/in%0A%22forged/hunter")
	want := line{
		Time: got.Time, RequestID: <-seen, Direction: "inbound", Peer: hubID, SourceAddress: got.SourceAddress, Method: "PUT",
		Path: "/in%0A%22forged/hunter", Status: 201, RequestBytes: 17, ResponseBytes: 21, Duration: got.Duration, TLSVersion: "TLS 1.3",
		CipherSuite: got.CipherSuite, KeyExchange: "secp384r1", PeerSerialNumber: must(hub.TLS()).Leaf.SerialNumber.Text(16),
	}
	if got != want || got.RequestID != response.Header.Get(forward.RequestIDHeader) || len(got.RequestID) != 32 {
		t.Errorf("the line is\n%+v\nand not\n%+v", got, want)
	}
	if !strings.HasPrefix(got.SourceAddress, "127.0.0.1:") || got.Duration <= 0 || !strings.HasPrefix(got.CipherSuite, "TLS_") {
		t.Errorf("the line is %+v", got)
	}

	check(t, post(http.DefaultClient, f.outboundURL("/out?token=hunter2"), []byte("hunter2")))
	got = log.find(t, "/out")
	serial := server.TLS.Certificates[0].Leaf.SerialNumber.Text(16)
	if got.Direction != "outbound" || got.Endpoint != "first" || got.Peer != hubID || got.PeerSerialNumber != serial || got.RequestBytes != 7 ||
		got.KeyExchange != "secp384r1" || got.Status != 200 {
		t.Errorf("the line is %+v", got)
	}
	check(t, get(f.client(hub, false), f.inboundURL("/refused/%2e%2e/"), http.StatusBadRequest))
	if got = log.find(t, "/refused/%2e%2e/"); got.Status != http.StatusBadRequest {
		t.Errorf("the line is %+v", got)
	}
	if strings.Contains(log.String(), "hunter2") {
		t.Errorf("a secret is in the log:\n%s", log)
	}

	f.cfg.Log.Fields = []string{"Path", "Direction"}
	f.writeConfig()
	eventually(t, func() (bool, string) {
		check(t, post(http.DefaultClient, f.outboundURL("/few"), nil))
		return strings.Contains(log.String(), `Z","Direction":"outbound","Path":"/few"}`+"\n"), log.String()
	})
}

// collector is a log collector that keeps what it gets. It answers nobody until it is awake.
func (f *fixture) collector(awake <-chan struct{}) (*config.LogCollector, *lines) {
	f.t.Helper()
	listener := must(tls.Listen("tcp", "127.0.0.1:0", f.serverTLS(f.issue("spiffe://example.gov.vn/log"))))
	got := &lines{}
	var tasks sync.WaitGroup
	tasks.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			<-awake
			tasks.Go(func() { _, _ = io.Copy(got, conn) })
		}
	})
	f.t.Cleanup(func() {
		_ = listener.Close()
		tasks.Wait()
	})
	return &config.LogCollector{Address: listener.Addr().String(), CAPEM: string(f.ca.PEM())}, got
}

// TestDrainBringsOutTheLog: after SIGTERM, every line is on standard output and with the collector before the process ends, even if the
// collector took none before.
func TestDrainBringsOutTheLog(t *testing.T) {
	f := newFixture(t, backend(t, sink), nil)
	var got *lines
	awake := make(chan struct{})
	wake := sync.OnceFunc(func() { close(awake) })
	f.cfg.Log.Collector, got = f.collector(awake)
	defer wake()
	f.cfg.Log.Fields = []string{"Direction"}
	f.writeConfig()
	f.writeIdentity(f.issue(gatewayID))
	p := f.startProcess()
	defer p.kill()
	client := f.client(f.issue(hubID), false) // HTTP/2 would keep the process for a second anyway
	const requests = 300
	for range requests {
		check(t, post(client, f.inboundURL("/"), []byte("x")))
	}
	p.signal()
	f.waitDraining()
	wake()
	if code := p.wait(); code != 0 {
		t.Errorf("the exit code is %d and not 0:\n%s", code, p.stderr)
	}
	if n := strings.Count(p.stdout.String(), `"Direction":"inbound"}`+"\n"); n != requests {
		t.Errorf("standard output has %d lines and not %d", n, requests)
	}
	eventually(t, func() (bool, string) {
		n := strings.Count(got.String(), `"Direction":"inbound"}`)
		return n == requests, fmt.Sprintf("the collector got %d lines and not %d", n, requests)
	})
}

// TestDeadCollectorLeavesTrafficUntouched, and so does one that is named while traffic flows.
func TestDeadCollectorLeavesTrafficUntouched(t *testing.T) {
	f := newFixture(t, backend(t, echo), func(c *config.Config) { c.Drain.Timeout = duration(200 * time.Millisecond) })
	server := f.peer(hubID, echo)
	f.cfg.Outbound.Endpoints[0].URL = server.URL
	f.writeConfig()
	f.start()
	f.waitActive("first")
	l := newLoad(t)
	f.mixed(l, f.issue(hubID))
	l.more(50)
	silent := must(net.Listen("tcp", "127.0.0.1:0")) // the backlog takes connections, and nobody answers
	defer func() { _ = silent.Close() }()
	f.cfg.Log.Collector = &config.LogCollector{Address: silent.Addr().String(), CAPEM: string(f.ca.PEM())}
	f.writeConfig()
	line := `lienthong_gateway_request_log_queue_lines{destination="collector"}`
	eventually(t, func() (bool, string) { return f.metric(line) != "0", "no line waits" })
	l.more(500)
	l.end()
}

// TestFIPS140IsDemanded: asked for, and without the mode, the gateway does not start, and says what to set; with it, it does.
func TestFIPS140IsDemanded(t *testing.T) {
	f := newFixture(t, backend(t, echo), func(c *config.Config) { c.Cryptography.FIPS140 = true })
	f.writeIdentity(f.issue(gatewayID))
	err := f.runOnce()
	if err == nil || !strings.Contains(err.Error(), "set GODEBUG=fips140=on in the gateway's environment, or run a binary that was built with GOFIPS140") {
		t.Errorf("the gateway ended with %v", err)
	}
	p := f.startProcess("GODEBUG=fips140=on")
	defer p.kill()
	check(t, get(f.client(f.issue(hubID), true), f.inboundURL("/"), 200))
	if report := must(f.report()); !report.FIPS140 || report.FIPS140Module == "" || len(report.Problems) > 0 || report.TLS == nil || report.TLS.MinVersion != "1.3" {
		t.Errorf("the status is %+v", report)
	}
	f.cfg.TLS.KeyExchange, f.cfg.Cryptography.FIPS140 = []string{"X25519"}, false
	f.writeConfig()
	report := f.waitReport(func(r status.Report) bool { return len(r.Problems) > 0 })
	if !strings.Contains(report.Problems[0], "in FIPS 140 mode: tls.keyExchange is X25519, of which nothing is left") || len(report.TLS.KeyExchange) > 0 {
		t.Errorf("the status is %+v", report)
	}
}

// TestFIPS140CannotBeTakenUpLater: a running gateway says that it must be started anew, and serves on.
func TestFIPS140CannotBeTakenUpLater(t *testing.T) {
	f := newFixture(t, backend(t, echo), nil).start()
	f.cfg.Cryptography.FIPS140 = true
	f.writeConfig()
	report := f.waitReport(func(r status.Report) bool { return len(r.Problems) > 0 })
	if report.FIPS140 || !strings.Contains(report.Problems[0], "goes on in the mode in which it was started: cryptography.fips140 is true, but") {
		t.Errorf("the status is %+v", report)
	}
	check(t, get(f.client(f.issue(hubID), true), f.inboundURL("/"), 200))
}

// TestFloorChangesWithTheFile: as the least version does, suites and groups take effect for new connections in both directions and for
// the status at once, and open connections stay.
func TestFloorChangesWithTheFile(t *testing.T) {
	f := newFixture(t, backend(t, echo), nil)
	offered := make(chan []tls.CurveID, 64)
	server := f.peerTLS(func(c *tls.Config) {
		inner := c.Clone()
		c.GetConfigForClient = func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
			select {
			case offered <- slices.Clone(hello.SupportedCurves):
			default:
			}
			return inner, nil
		}
	})
	f.cfg.Outbound.Endpoints[0].URL = server
	f.writeConfig()
	f.start()
	conn := f.rawHub()
	speak(t, conn)
	f.cfg.TLS = config.TLS{MinVersion: "1.2", CipherSuites: []string{"TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"}, KeyExchange: []string{"secp521r1"}}
	f.writeConfig()
	report := f.waitReport(func(r status.Report) bool { return r.TLS.MinVersion == "1.2" })
	if !slices.Equal(report.TLS.CipherSuites, f.cfg.TLS.CipherSuites) || !slices.Equal(report.TLS.KeyExchange, f.cfg.TLS.KeyExchange) {
		t.Errorf("the status tells of %+v", report.TLS)
	}
	for name, addr := range map[string]net.Addr{"inbound": f.addrs.Inbound, "status": f.addrs.Status} {
		state, err := f.shake(addr, &tls.Config{MaxVersion: tls.VersionTLS12})
		if err != nil || state.CurveID != tls.CurveP521 || state.CipherSuite != tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384 {
			t.Errorf("the %s listener negotiates %s and %s: %v", name, state.CurveID, tls.CipherSuiteName(state.CipherSuite), err)
		}
		if _, err := f.shake(addr, &tls.Config{CurvePreferences: []tls.CurveID{tls.CurveP256}}); err == nil {
			t.Errorf("the %s listener takes a group that is ruled out", name)
		}
		_, err = f.shake(addr, &tls.Config{MaxVersion: tls.VersionTLS12, CipherSuites: []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256}})
		if err == nil {
			t.Errorf("the %s listener takes a suite that is ruled out", name)
		}
	}
	eventually(t, func() (bool, string) {
		got := <-offered
		return slices.Equal(got, []tls.CurveID{tls.CurveP521}), fmt.Sprint("the hub is offered ", got)
	})
	speak(t, conn)
}

// peerTLS is a server of the hub whose TLS a test edits; it returns its URL.
func (f *fixture) peerTLS(edit func(*tls.Config)) string {
	f.t.Helper()
	cfg := f.serverTLS(f.issue(hubID))
	cfg.NextProtos = []string{"http/1.1"}
	edit(cfg)
	server := &http.Server{Handler: http.HandlerFunc(echo), ErrorLog: discardLog(), ReadHeaderTimeout: patience}
	listener := must(tls.Listen("tcp", "127.0.0.1:0", cfg))
	go func() { _ = server.Serve(listener) }()
	f.t.Cleanup(func() { _ = server.Close() })
	return "https://" + listener.Addr().String()
}

// shake makes a handshake with a listener as the hub, and reads once, because a refusal may come only then.
func (f *fixture) shake(addr net.Addr, cfg *tls.Config) (tls.ConnectionState, error) {
	cfg.Certificates, cfg.InsecureSkipVerify = []tls.Certificate{must(f.issue(f.allowedAt(addr)).TLS())}, true
	conn, err := tls.Dial("tcp", addr.String(), cfg)
	if err != nil {
		return tls.ConnectionState{}, err
	}
	defer func() { _ = conn.Close() }()
	check(f.t, conn.SetDeadline(time.Now().Add(patience)))
	_, _ = io.WriteString(conn, "GET /status HTTP/1.1\r\nHost: gateway\r\nConnection: close\r\n\r\n")
	_, err = http.ReadResponse(bufio.NewReader(conn), nil)
	return conn.ConnectionState(), err
}

func (f *fixture) allowedAt(addr net.Addr) string {
	if addr.String() == f.addrs.Status.String() {
		return operatorID
	}
	return hubID
}
