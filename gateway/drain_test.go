package gateway_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"lienthong.gov.vn/connector-operator/gateway/config"
)

// TestDrainServesDuringItsDelay: after SIGTERM, as long as the address is not withdrawn everywhere, requests are served on
// kept and on new connections, and kept ones are given back.
func TestDrainServesDuringItsDelay(t *testing.T) {
	f := newFixture(t, backend(t, echo), func(c *config.Config) { c.Drain.Delay = duration(time.Hour) })
	server := f.peer(hubID, echo)
	f.cfg.Outbound.Endpoints[0].URL = server.URL
	f.writeConfig()
	f.writeIdentity(f.issue(gatewayID))
	p := f.startProcess()
	defer p.kill()
	f.waitActive("first")
	l := newLoad(t)
	hub := f.issue(hubID)
	f.mixed(l, hub)
	l.more(100)
	p.signal()
	f.waitDraining()
	l.more(100)
	l.end()
	response := must(f.client(hub, false).Get(f.inboundURL("/")))
	_ = response.Body.Close()
	if !response.Close {
		t.Error("a client of HTTP/1.1 was not told that its connection ends")
	}
}

func (f *fixture) waitDraining() {
	f.t.Helper()
	eventually(f.t, func() (bool, string) {
		code, body := f.probe("/readyz")
		return code == 503 && strings.Contains(body, "shutting down"), fmt.Sprint(code, body)
	})
}

// TestDrainFinishesWhatIsUnderWay after the listeners closed, and then ends with code 0.
func TestDrainFinishesWhatIsUnderWay(t *testing.T) {
	entered, release := make(chan struct{}, 2), make(chan struct{})
	free := sync.OnceFunc(func() { close(release) })
	defer free()
	f := newFixture(t, backend(t, func(w http.ResponseWriter, r *http.Request) {
		entered <- struct{}{}
		<-release
		echo(w, r)
	}), func(c *config.Config) { c.Drain.Timeout = duration(time.Hour) })
	f.writeIdentity(f.issue(gatewayID))
	p := f.startProcess()
	defer p.kill()
	held := make(chan error, 2)
	for _, http2 := range []bool{false, true} {
		client := f.client(f.issue(hubID), http2)
		go func() { held <- exchange(client, f.inboundURL("/"), []byte("held")) }()
		<-entered
	}
	p.signal()
	eventually(t, func() (bool, string) {
		conn, err := net.Dial("tcp", f.addrs.Inbound.String())
		if err == nil {
			_ = conn.Close()
		}
		return err != nil, "the inbound listener is still open"
	})
	free()
	for range 2 {
		if err := <-held; err != nil {
			t.Errorf("a request under way was lost: %v", err)
		}
	}
	if code := p.wait(); code != 0 {
		t.Errorf("the exit code is %d and not 0:\n%s", code, p.stderr)
	}
}

// TestDrainTimeout cuts off what does not end, and the process still ends well.
func TestDrainTimeout(t *testing.T) {
	entered := make(chan struct{}, 1)
	f := newFixture(t, backend(t, func(_ http.ResponseWriter, r *http.Request) {
		entered <- struct{}{}
		_, _ = io.Copy(io.Discard, r.Body)
		<-r.Context().Done()
	}), func(c *config.Config) { c.Drain.Timeout = duration(200 * time.Millisecond) }).start()
	failed := make(chan error, 1)
	client := f.client(f.issue(hubID), false)
	go func() { failed <- get(client, f.inboundURL("/"), 200) }()
	<-entered
	f.close()
	if err := <-failed; err == nil {
		t.Error("a request without an end was not cut off")
	}
}
