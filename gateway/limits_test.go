package gateway_test

import (
	"bufio"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"lienthong.gov.vn/connector-operator/gateway/config"
	"lienthong.gov.vn/connector-operator/test/pki"
)

// TestBodyBound: a body over the bound is answered with 413 whether or not its length is told, and the backend never takes a
// part of it for the whole.
func TestBodyBound(t *testing.T) {
	const bound = 1 << 20
	var whole atomic.Int64
	f := newFixture(t, backend(t, func(w http.ResponseWriter, r *http.Request) {
		if n, err := io.Copy(io.Discard, r.Body); err == nil {
			whole.Store(n)
			_, _ = fmt.Fprint(w, n)
		}
	}), func(c *config.Config) { c.Inbound.Limits.MaxBodyBytes, c.Outbound.Limits.MaxBodyBytes = bound, bound }).start()
	for _, http2 := range []bool{false, true} {
		for _, told := range []bool{false, true} {
			for _, size := range []int64{bound, bound + 1, 3 * bound} {
				t.Run(fmt.Sprintf("http2=%t/told=%t/%d", http2, told, size), func(t *testing.T) {
					whole.Store(-1)
					request := must(http.NewRequest(http.MethodPost, f.inboundURL("/"), io.LimitReader(zeros{}, size)))
					if told {
						request.ContentLength = size
					}
					response, err := f.client(f.issue(hubID), http2).Do(request)
					check(t, err)
					defer func() { _ = response.Body.Close() }()
					body, _ := io.ReadAll(response.Body)
					if size <= bound && (response.StatusCode != 200 || whole.Load() != size) {
						t.Errorf("a body within the bound got %d: %s", response.StatusCode, body)
					}
					if size > bound && (response.StatusCode != 413 || whole.Load() != -1 || !strings.Contains(string(body), "1048576 bytes")) {
						t.Errorf("a body over the bound got %d, and the backend took %d bytes for the whole: %s", response.StatusCode, whole.Load(), body)
					}
				})
			}
		}
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// TestRefusedRequests are answered by the gateway itself, with a sentence.
func TestRefusedRequests(t *testing.T) {
	f := newFixture(t, backend(t, func(http.ResponseWriter, *http.Request) { t.Error("the backend was asked") }),
		func(c *config.Config) { c.Inbound.Limits.MaxHeaderBytes = 4096 }).start()
	cases := []struct {
		name, request string
		status        int
		sentence      string
	}{
		{"websocket", "GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n", 501, "does not switch protocols"},
		{"connect", "CONNECT hub:443 HTTP/1.1\r\nHost: hub:443\r\n\r\n", 405, "opens no tunnels"},
		{"dots", "GET /a/../b HTTP/1.1\r\nHost: x\r\n\r\n", 400, "segment of dots"},
		{"encoded dots", "GET /a/%2e%2e%2fb HTTP/1.1\r\nHost: x\r\n\r\n", 400, "segment of dots"},
		{"header", "GET / HTTP/1.1\r\nHost: x\r\nLong: " + strings.Repeat("x", 64<<10) + "\r\n\r\n", 431, ""},
		{"smuggling", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabc", 400, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			conn := f.rawHub()
			go func() { _, _ = io.WriteString(conn, c.request) }() // the server may answer and close before it read it all
			response, err := http.ReadResponse(bufio.NewReader(conn), nil)
			check(t, err)
			body, _ := io.ReadAll(response.Body)
			if response.StatusCode != c.status || !strings.Contains(string(body), c.sentence) {
				t.Errorf("it was answered with %d: %s", response.StatusCode, body)
			}
		})
	}
}

// rawHub is an mTLS connection of the hub to the inbound listener, over HTTP/1.1.
func (f *fixture) rawHub() *tls.Conn { return f.rawHubFrom(f.ca) }

// rawHubFrom is the same with a certificate from another CA.
func (f *fixture) rawHubFrom(ca *pki.CA) *tls.Conn {
	f.t.Helper()
	return f.raw(f.addrs.Inbound, issueFrom(f.t, ca, hubID))
}

// raw is an mTLS connection with a certificate, over HTTP/1.1.
func (f *fixture) raw(addr net.Addr, p pki.Pair) *tls.Conn {
	f.t.Helper()
	conn, err := tls.Dial("tcp", addr.String(), &tls.Config{
		Certificates: []tls.Certificate{must(p.TLS())}, InsecureSkipVerify: true, NextProtos: []string{"http/1.1"},
	})
	check(f.t, err)
	check(f.t, conn.SetDeadline(time.Now().Add(patience)))
	f.t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// speak exchanges one request on an open connection.
func speak(t testing.TB, conn *tls.Conn) {
	t.Helper()
	_, err := io.WriteString(conn, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi")
	check(t, err)
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	check(t, err)
	body, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != 200 || string(body) != "hi" || response.Close {
		t.Fatalf("the connection answers %d %q, close %t: %v", response.StatusCode, body, response.Close, err)
	}
}

// TestConcurrencyBound answers what is too much with 503 and Retry-After, and takes requests again afterwards.
func TestConcurrencyBound(t *testing.T) {
	entered, release := make(chan struct{}), make(chan struct{})
	free := sync.OnceFunc(func() { close(release) })
	defer free()
	f := newFixture(t, backend(t, func(_ http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/hold" {
			entered <- struct{}{}
			<-release
		}
	}), func(c *config.Config) { c.Inbound.Limits.MaxConcurrentRequests = 2 }).start()
	client := f.client(f.issue(hubID), true)
	held := make(chan error, 2)
	for range 2 {
		go func() { held <- get(client, f.inboundURL("/hold"), 200) }()
		<-entered
	}
	response := must(client.Get(f.inboundURL("/")))
	_ = response.Body.Close()
	if response.StatusCode != 503 || response.Header.Get("Retry-After") == "" {
		t.Errorf("the third request got %d, Retry-After %q", response.StatusCode, response.Header.Get("Retry-After"))
	}
	free()
	check(t, errors.Join(<-held, <-held))
	check(t, get(client, f.inboundURL("/"), 200))
}

// get asks and says what is wrong with the answer.
func get(client *http.Client, url string, status int) error {
	response, err := client.Get(url)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != status {
		err = fmt.Errorf("status %d and not %d: %s", response.StatusCode, status, body)
	}
	return err
}

// TestSlowClientsAreCutOff: whoever stands still in the handshake, the header or the body loses the connection.
func TestSlowClientsAreCutOff(t *testing.T) {
	f := newFixture(t, backend(t, echo), func(c *config.Config) {
		c.Inbound.Limits.HeaderTimeout = duration(time.Second)
		c.Inbound.Limits.StallTimeout = duration(time.Second)
	}).start()
	t.Run("handshake", func(t *testing.T) {
		conn := must(net.Dial("tcp", f.addrs.Inbound.String()))
		defer func() { _ = conn.Close() }()
		check(t, conn.SetDeadline(time.Now().Add(patience)))
		must(conn.Write([]byte{0x16, 0x03, 0x01}))
		if _, err := conn.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
			t.Errorf("a handshake that stands still ended with %v", err)
		}
		f.waitCounted(failures("timeout"), "0")
	})
	t.Run("header", func(t *testing.T) {
		conn := f.rawHub()
		must(io.WriteString(conn, "GET / HTTP/1.1\r\nHost: x\r\nDrip: "))
		stop := drip(conn)
		defer stop()
		if _, err := io.ReadAll(conn); err != nil && isTimeout(err) {
			t.Errorf("a header that drips was waited for: %v", err)
		}
	})
	t.Run("body", func(t *testing.T) {
		conn := f.rawHub()
		must(io.WriteString(conn, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nbegun"))
		response := must(http.ReadResponse(bufio.NewReader(conn), nil))
		_ = response.Body.Close()
		if response.StatusCode != http.StatusRequestTimeout {
			t.Errorf("a body that stands still was answered with %d and not 408", response.StatusCode)
		}
	})
}

// drip writes a byte at a time until it fails or is stopped.
func drip(w io.Writer) (stop func()) {
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-done:
				return
			case <-tick.C:
				if _, err := io.WriteString(w, "x"); err != nil {
					return
				}
			}
		}
	}()
	return func() { close(done); <-ended }
}

func isTimeout(err error) bool {
	var timeout net.Error
	return errors.As(err, &timeout) && timeout.Timeout()
}

// TestSlowButMovingBodyPasses: a body may take many times the stall and header timeouts as long as it moves.
func TestSlowButMovingBodyPasses(t *testing.T) {
	const stall, pieces = time.Second, 16
	f := newFixture(t, backend(t, echo), func(c *config.Config) {
		c.Inbound.Limits.HeaderTimeout, c.Inbound.Limits.StallTimeout = duration(stall), duration(stall)
	}).start()
	for _, http2 := range []bool{false, true} {
		t.Run(fmt.Sprintf("http2=%t", http2), func(t *testing.T) {
			request := must(http.NewRequest(http.MethodPost, f.inboundURL("/"), &paced{left: pieces, tick: time.NewTicker(stall / 8)}))
			response, err := f.client(f.issue(hubID), http2).Do(request)
			check(t, err)
			defer func() { _ = response.Body.Close() }()
			if body, err := io.ReadAll(response.Body); err != nil || len(body) != pieces {
				t.Errorf("%d of %d pieces passed: %v", len(body), pieces, err)
			}
		})
	}
}

// paced is a body that comes one byte per tick.
type paced struct {
	left int
	tick *time.Ticker
}

func (p *paced) Read(b []byte) (int, error) {
	if p.left == 0 {
		p.tick.Stop()
		return 0, io.EOF
	}
	<-p.tick.C
	p.left--
	b[0] = 'x'
	return 1, nil
}

// TestBackendThatNeverAnswers is answered for with 504.
func TestBackendThatNeverAnswers(t *testing.T) {
	f := newFixture(t, backend(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }), func(c *config.Config) {
		c.Inbound.Limits.HeaderTimeout = duration(time.Second)
	}).start()
	check(t, get(f.client(f.issue(hubID), true), f.inboundURL("/"), http.StatusGatewayTimeout))
}
