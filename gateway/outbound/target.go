package outbound

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"lienthong.gov.vn/connector-operator/gateway/config"
	"lienthong.gov.vn/connector-operator/gateway/identity"
	"lienthong.gov.vn/connector-operator/gateway/mtls"
)

// DialError is the error of a request that was not sent, because no connection came about.
type DialError struct {
	Endpoint string
	Err      error
}

func (e *DialError) Error() string {
	return fmt.Sprintf("no connection to the hub's endpoint %s: %v", e.Endpoint, e.Err)
}
func (e *DialError) Unwrap() error { return e.Err }

// target is one endpoint with the certificate and trust of one generation.
type target struct {
	endpoint  config.Endpoint
	base      *url.URL
	tls       *tls.Config
	timeout   time.Duration // of connecting and of the handshake together
	health    *health
	transport *http.Transport
	router    *Router
}

// healthKey names what makes an endpoint the same in two configurations.
func healthKey(e config.Endpoint) string {
	return e.Name + "\n" + e.URL + "\n" + strings.Join(e.AllowedPeers, "\n")
}

// byPriority sorts a copy of the endpoints; equal priorities keep the order of the list.
func byPriority(endpoints []config.Endpoint) []config.Endpoint {
	sorted := slices.Clone(endpoints)
	slices.SortStableFunc(sorted, func(a, b config.Endpoint) int { return int(a.Priority) - int(b.Priority) })
	return sorted
}

func newTarget(s *identity.Snapshot, e config.Endpoint, h *health, r *Router) (*target, error) {
	base, err := url.Parse(e.URL)
	if err != nil {
		return nil, fmt.Errorf("the URL of the endpoint %s cannot be used; correct it in the configuration: %w", e.Name, err)
	}
	// Revocations are judged by the list of the moment, when the connection is added to the open ones.
	policy, err := mtls.NewPolicy(s.Trust.Pool, e.AllowedPeers, nil)
	if err != nil {
		return nil, err
	}
	own := mtls.Own{Certificate: &s.Leaf.Certificate, Floor: s.Config.TLS, Now: r.opts.Clock.Now}
	t := &target{
		endpoint: e, base: base, health: h, router: r,
		tls:     mtls.Client(own, policy, base.Hostname()),
		timeout: s.Config.Outbound.HealthCheck.Timeout.Duration,
	}
	t.transport = &http.Transport{
		DialTLSContext:        func(ctx context.Context, _, _ string) (net.Conn, error) { return t.dial(ctx) },
		ForceAttemptHTTP2:     true,
		MaxIdleConnsPerHost:   64,
		IdleConnTimeout:       s.Config.Outbound.Limits.IdleTimeout.Duration,
		ExpectContinueTimeout: time.Second,
		DisableCompression:    true, // bodies pass as they are
		// A connection that silently died is found by a ping, not by the next request.
		HTTP2: &http.HTTP2Config{SendPingTimeout: 15 * time.Second, PingTimeout: 10 * time.Second},
	}
	return t, nil
}

// address is host:port to connect to.
func (t *target) address() string {
	port := t.base.Port()
	if port == "" {
		port = "443"
	}
	return net.JoinHostPort(t.base.Hostname(), port)
}

// dial connects and completes the handshake.
func (t *target) dial(ctx context.Context) (*tls.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, t.timeout)
	defer cancel()
	var dialer net.Dialer
	socket, err := dialer.DialContext(ctx, "tcp", t.address())
	if err != nil {
		return nil, &DialError{t.endpoint.Name, err}
	}
	raw := t.router.conns.track(socket)
	conn := tls.Client(raw, t.tls)
	if err = conn.HandshakeContext(ctx); err == nil {
		err = t.router.conns.add(raw, conn, t.endpoint, t.router.opts.Clock.Now())
	}
	t.router.observe(t, conn, err)
	if err != nil {
		_ = raw.Close()
		return nil, &DialError{t.endpoint.Name, err}
	}
	return conn, nil
}
