package requestlog

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-logr/logr/funcr"
	"k8s.io/utils/clock"

	"lienthong.gov.vn/connector-operator/gateway/config"
	"lienthong.gov.vn/connector-operator/gateway/metrics"
	"lienthong.gov.vn/connector-operator/test/pki"
)

const patience = 30 * time.Second

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

// eventually waits until a condition holds.
func eventually(t *testing.T, what string, condition func() bool) {
	t.Helper()
	deadline := time.After(patience)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !condition() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("it did not come to be: %s", what)
		}
	}
}

// text is a buffer that several goroutines may use.
type text struct {
	mu   sync.Mutex
	data bytes.Buffer
}

func (b *text) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.data.Write(p)
}

func (b *text) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.data.String()
}

// bench is a log with all that it needs.
type bench struct {
	t       *testing.T
	ca      *pki.CA
	log     *Log
	metrics *metrics.Metrics
	output  *text
	said    *text // what the gateway's own log says
	leaf    tls.Certificate
	address string
}

func newBench(t *testing.T, output io.Writer) *bench {
	b := &bench{t: t, ca: must(pki.NewCA("log CA")), metrics: metrics.New("test"), output: &text{}, said: &text{}}
	if output == nil {
		output = b.output
	}
	b.leaf = b.issue()
	b.log = New(Options{
		Output: output, Host: "main-0", Version: "v1", Metrics: b.metrics, Clock: clock.RealClock{},
		Log: funcr.New(func(_, args string) { _, _ = fmt.Fprintln(b.said, args) }, funcr.Options{}),
	})
	t.Cleanup(func() { b.close(time.Second) })
	return b
}

func (b *bench) issue() tls.Certificate {
	return must(must(b.ca.Issue(pki.Request{SPIFFEID: "spiffe://example.gov.vn/agency/G12/connector/g12/main", IPs: []net.IP{net.IPv4(127, 0, 0, 1)}})).TLS())
}

func (b *bench) close(timeout time.Duration) {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	b.log.Close(ctx)
}

// to names the collector; edit changes the settings.
func (b *bench) to(address string, edit func(*Settings)) {
	b.t.Helper()
	b.address = address
	leaf := b.leaf
	s := Settings{Connector: "g12/main", Floor: config.TLS{MinVersion: "1.3"}, Certificate: &leaf}
	s.Log = config.Log{Fields: []string{"RequestID"}, Collector: &config.LogCollector{Address: address, CAPEM: string(b.ca.PEM())}}
	if edit != nil {
		edit(&s)
	}
	if err := b.log.Update(s); err != nil {
		b.t.Fatal(err)
	}
}

// write writes entries with the given numbers as their identifiers.
func (b *bench) write(from, to int) {
	for n := from; n < to; n++ {
		b.log.Write(Entry{At: moment(), RequestID: strconv.Itoa(n)})
	}
}

// metric is the value of a metric for a destination.
func (b *bench) metric(name, destination string) float64 {
	for _, family := range must(b.metrics.Registry.Gather()) {
		if family.GetName() != "lienthong_gateway_request_log_"+name {
			continue
		}
		for _, m := range family.GetMetric() {
			if m.GetLabel()[0].GetValue() == destination {
				return m.GetCounter().GetValue() + m.GetGauge().GetValue()
			}
		}
	}
	b.t.Fatalf("there is no metric %s of %s", name, destination)
	return 0
}

// server is a collector.
type server struct {
	listener net.Listener
	tasks    sync.WaitGroup

	mu       sync.Mutex
	messages []string
	serials  []string
	conns    []net.Conn
}

// collect starts a collector at an address; edit changes its TLS.
func (b *bench) collect(address string, edit func(*tls.Config)) *server {
	b.t.Helper()
	pool := x509.NewCertPool()
	pool.AddCert(b.ca.Certificate)
	cfg := &tls.Config{Certificates: []tls.Certificate{b.issue()}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: pool}
	if edit != nil {
		edit(cfg)
	}
	s := &server{listener: must(net.Listen("tcp", address))}
	s.tasks.Go(func() {
		for {
			raw, err := s.listener.Accept()
			if err != nil {
				return
			}
			s.mu.Lock()
			s.conns = append(s.conns, raw)
			s.mu.Unlock()
			s.tasks.Go(func() { s.serve(tls.Server(raw, cfg)) })
		}
	})
	b.t.Cleanup(s.stop)
	return s
}

func (s *server) addr() string { return s.listener.Addr().String() }

func (s *server) serve(conn *tls.Conn) {
	defer func() { _ = conn.Close() }()
	if conn.Handshake() != nil {
		return
	}
	s.mu.Lock()
	s.serials = append(s.serials, conn.ConnectionState().PeerCertificates[0].SerialNumber.Text(16))
	s.mu.Unlock()
	in := bufio.NewReader(conn)
	for {
		count, err := in.ReadString(' ')
		if err != nil {
			return
		}
		message := make([]byte, must(strconv.Atoi(strings.TrimSpace(count))))
		if _, err := io.ReadFull(in, message); err != nil {
			return
		}
		s.mu.Lock()
		s.messages = append(s.messages, string(message))
		s.mu.Unlock()
	}
}

// cut ends all connections at once.
func (s *server) cut() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, conn := range s.conns {
		_ = conn.Close()
	}
	s.conns = nil
}

func (s *server) stop() {
	_ = s.listener.Close()
	s.cut()
	s.tasks.Wait()
}

func (s *server) got() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.messages...)
}

func (s *server) shown() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.serials...)
}

// free is an address at which nobody listens.
func free() string {
	listener := must(net.Listen("tcp", "127.0.0.1:0"))
	defer func() { _ = listener.Close() }()
	return listener.Addr().String()
}
