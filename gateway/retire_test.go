package gateway_test

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"lienthong.gov.vn/connector-operator/gateway/config"
	"lienthong.gov.vn/connector-operator/gateway/status"
)

// TestOldConnectionsToTheHubAreClosed after a rotation: those that are idle at once, one that carries a request after it.
func TestOldConnectionsToTheHubAreClosed(t *testing.T) {
	for _, busy := range []bool{false, true} {
		t.Run(fmt.Sprintf("busy=%t", busy), func(t *testing.T) {
			f := newFixture(t, "http://127.0.0.1:1", func(c *config.Config) {
				c.Outbound.HealthCheck.Interval, c.Outbound.Limits.IdleTimeout = duration(time.Hour), duration(time.Hour)
			})
			var open atomic.Int64
			entered, release := make(chan struct{}, 1), make(chan struct{})
			free := sync.OnceFunc(func() { close(release) })
			defer free()
			hub := httptest.NewUnstartedServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/hold" {
					entered <- struct{}{}
					<-release
				}
			}))
			hub.EnableHTTP2 = true
			hub.TLS = f.serverTLS(f.issue(hubID))
			hub.Config.ErrorLog = discardLog()
			hub.Config.ConnState = func(_ net.Conn, state http.ConnState) {
				switch state {
				case http.StateNew:
					open.Add(1)
				case http.StateClosed:
					open.Add(-1)
				case http.StateActive, http.StateIdle, http.StateHijacked:
				}
			}
			hub.StartTLS()
			t.Cleanup(hub.Close)
			f.cfg.Outbound.Endpoints[0].URL = hub.URL
			f.writeConfig()
			f.start()
			f.waitActive("first")

			path, done := "/", make(chan int, 1)
			if busy {
				path = "/hold"
			}
			go func() { code, _ := fetch(f.outboundURL(path)); done <- code }()
			if busy {
				<-entered
			} else if code := <-done; code != 200 {
				t.Fatalf("the request got %d", code)
			}
			pair := f.issue(gatewayID)
			f.writeIdentity(pair)
			latest := must(pair.TLS()).Leaf.SerialNumber.Text(16)
			f.waitReport(func(r status.Report) bool { return r.SerialNumber == latest })
			free()
			if busy {
				if code := <-done; code != 200 {
					t.Errorf("the request under way got %d", code)
				}
			}
			eventually(t, func() (bool, string) {
				return open.Load() == 0, fmt.Sprintf("%d old connections are open", open.Load())
			})
		})
	}
}
