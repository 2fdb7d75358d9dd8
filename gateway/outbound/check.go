package outbound

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"time"

	"k8s.io/utils/clock"
)

// alertWait is how long a server of HTTP/1.1 is given to refuse this side's certificate. In TLS 1.3 the client's handshake
// is over before the server has seen its certificate, and only the refusal tells.
const alertWait = 200 * time.Millisecond

// watchHealth checks one target at once, then on every interval and whenever asked, until ctx ends.
func (t *target) watchHealth(ctx context.Context, c clock.WithTicker, interval time.Duration, path string, report func(changed bool)) {
	ticker := c.NewTicker(interval)
	defer ticker.Stop()
	for {
		err := t.check(ctx, path)
		if ctx.Err() != nil {
			return
		}
		report(t.health.set(err))
		select {
		case <-ctx.Done():
			return
		case <-ticker.C():
		case <-t.health.kick:
		}
	}
}

// check asks the endpoint over a new connection, so that certificate and trust of now are what is tested.
func (t *target) check(ctx context.Context, path string) error {
	ctx, cancel := context.WithTimeout(ctx, t.timeout)
	defer cancel()
	conn, err := t.dial(ctx)
	if err != nil {
		return err
	}
	if path == "" {
		defer func() { _ = conn.Close() }()
		return accepted(ctx, conn)
	}
	return t.get(ctx, conn, path)
}

// accepted waits for the first sign that the server took this side's certificate. A server of HTTP/2 speaks first; one of
// HTTP/1.1 is silent unless it refuses.
func accepted(ctx context.Context, conn *tls.Conn) error {
	speaksFirst := conn.ConnectionState().NegotiatedProtocol == "h2"
	deadline, _ := ctx.Deadline()
	if !speaksFirst {
		soon := time.Now().Add(alertWait) //nolint:forbidigo // a socket's deadline is a time of the real clock
		if soon.Before(deadline) {
			deadline = soon
		}
	}
	_ = conn.SetReadDeadline(deadline)
	_, err := conn.Read(make([]byte, 1))
	switch {
	case err == nil, !speaksFirst && errors.Is(err, os.ErrDeadlineExceeded):
		return nil
	case errors.Is(err, os.ErrDeadlineExceeded):
		return errors.New("the endpoint completed the handshake and then said nothing")
	}
	return fmt.Errorf("the endpoint ended the connection after the handshake: %w", err)
}

// get fetches the path over the connection, which is closed afterwards.
func (t *target) get(ctx context.Context, conn *tls.Conn, path string) error {
	once := make(chan net.Conn, 1)
	once <- conn
	transport := &http.Transport{
		ForceAttemptHTTP2: true,
		DialTLSContext: func(context.Context, string, string) (net.Conn, error) {
			select {
			case c := <-once:
				return c, nil
			default:
				return nil, errors.New("the endpoint ended the connection before it answered")
			}
		},
	}
	defer func() {
		transport.CloseIdleConnections()
		_ = conn.Close()
	}()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, t.base.JoinPath(path).String(), http.NoBody)
	if err != nil {
		return fmt.Errorf("the path of the health check cannot be used; correct it in the configuration: %w", err)
	}
	response, err := transport.RoundTrip(request)
	if err != nil {
		return fmt.Errorf("the health check got no answer: %w", err)
	}
	defer func() { _ = response.Body.Close() }()
	const enough = 64 << 10
	_, _ = io.CopyN(io.Discard, response.Body, enough)
	if response.StatusCode < 200 || response.StatusCode > 299 {
		return fmt.Errorf("the health check was answered with status %d", response.StatusCode)
	}
	return nil
}
