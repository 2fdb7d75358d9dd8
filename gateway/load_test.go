package gateway_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"

	"lienthong.gov.vn/connector-operator/test/pki"
)

// load is steady traffic in which every request counts.
type load struct {
	t      testing.TB
	stop   context.CancelFunc
	ctx    context.Context //nolint:containedctx // it is that of all its requests, and ends with it
	tasks  sync.WaitGroup
	served atomic.Int64

	mu     sync.Mutex
	failed []error
}

func newLoad(t testing.TB) *load {
	l := &load{t: t}
	l.ctx, l.stop = context.WithCancel(context.Background())
	return l
}

// ask sends bodies of a size to url, one after the other, and wants each back.
func (l *load) ask(name string, client *http.Client, url string, size int) {
	body := bytes.Repeat([]byte("x"), size)
	l.tasks.Go(func() {
		for l.ctx.Err() == nil {
			if err := exchange(client, url, body); err != nil {
				l.mu.Lock()
				l.failed = append(l.failed, fmt.Errorf("%s: %w", name, err))
				l.mu.Unlock()
				return
			}
			l.served.Add(1)
		}
	})
}

func exchange(client *http.Client, url string, body []byte) error {
	// A reader of no known type, so that the client cannot send it a second time.
	request, err := http.NewRequest(http.MethodPost, url, io.MultiReader(bytes.NewReader(body)))
	if err != nil {
		return err
	}
	request.ContentLength = int64(len(body))
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	got, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK || !bytes.Equal(got, body) {
		return fmt.Errorf("status %d and %d bytes instead of %d", response.StatusCode, len(got), len(body))
	}
	return nil
}

// more waits until so many further requests were served.
func (l *load) more(n int64) {
	l.t.Helper()
	want := l.served.Load() + n
	eventually(l.t, func() (bool, string) {
		l.mu.Lock()
		defer l.mu.Unlock()
		return l.served.Load() >= want || len(l.failed) > 0, fmt.Sprintf("%d of %d requests", l.served.Load(), want)
	})
}

// end stops the traffic; not one request may have failed.
func (l *load) end() {
	l.t.Helper()
	l.stop()
	l.tasks.Wait()
	if err := errors.Join(l.failed...); err != nil {
		l.t.Errorf("of %d requests, some failed: %v", l.served.Load(), err)
	}
	l.t.Logf("%d requests were served", l.served.Load())
}

// mixed asks inbound in all ways at once: both protocols, small and large, on kept and on new connections; and outbound.
func (f *fixture) mixed(l *load, hub pki.Pair) {
	for _, http2 := range []bool{false, true} {
		for _, size := range []int{10, 300 << 10} {
			name := fmt.Sprintf("inbound http2=%t %d bytes", http2, size)
			l.ask(name, f.client(hub, http2), f.inboundURL("/"), size)
		}
		fresh := f.client(hub, http2)
		fresh.Transport.(*http.Transport).DisableKeepAlives = true
		l.ask(fmt.Sprintf("inbound new connections http2=%t", http2), fresh, f.inboundURL("/"), 10)
	}
	transport := &http.Transport{TLSClientConfig: &tls.Config{}}
	f.t.Cleanup(transport.CloseIdleConnections)
	l.ask("outbound small", &http.Client{Transport: transport}, f.outboundURL("/"), 10)
	l.ask("outbound large", &http.Client{Transport: transport}, f.outboundURL("/"), 300<<10)
}
