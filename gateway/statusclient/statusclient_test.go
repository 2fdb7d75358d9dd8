package statusclient_test

import (
	"context"
	"crypto/tls"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"lienthong.gov.vn/connector-operator/gateway/statusclient"
	"lienthong.gov.vn/connector-operator/gateway/trust"
	"lienthong.gov.vn/connector-operator/test/pki"
)

const pod = "spiffe://example.gov.vn/agency/G12/connector/g12/main"

func TestFetch(t *testing.T) {
	cases := []struct {
		name, expected, want string // want is part of the error, or "" for success
		handler              http.HandlerFunc
	}{
		{"a report", pod, "", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `{"serialNumber":"ab"}`) }},
		{"another pod", pod + "x", "not among the allowed peers", func(http.ResponseWriter, *http.Request) {}},
		{"another status", pod, "status 404", http.NotFound},
		{"no JSON", pod, "not the expected JSON", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "hello") }},
		{"endless", pod, "more than 1048576 bytes", func(w http.ResponseWriter, _ *http.Request) {
			for {
				if _, err := w.Write(make([]byte, 1<<16)); err != nil {
					return
				}
			}
		}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			addr, config := gateway(t, c.expected, c.handler)
			report, err := statusclient.Fetch(context.Background(), addr, config)
			switch {
			case c.want == "" && (err != nil || report.SerialNumber != "ab"):
				t.Errorf("the report is %+v (%v)", report, err)
			case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), addr)):
				t.Errorf("the error is %v and does not say where and %q", err, c.want)
			}
		})
	}
}

// TestFetchKeepsToItsContext where a pod accepts and says nothing.
func TestFetchKeepsToItsContext(t *testing.T) {
	addr, config := gateway(t, pod, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer cancel()
	if _, err := statusclient.Fetch(ctx, addr, config); err == nil || ctx.Err() == nil {
		t.Errorf("a silent pod was answered for: %v", err)
	}
}

func gateway(t *testing.T, expected string, handler http.HandlerFunc) (string, *tls.Config) {
	t.Helper()
	ca := must(pki.NewCA("test"))
	own := must(must(ca.Issue(pki.Request{SPIFFEID: "spiffe://example.gov.vn/operator"})).TLS())
	server := httptest.NewUnstartedServer(handler)
	server.TLS = &tls.Config{Certificates: []tls.Certificate{must(must(ca.Issue(pki.Request{SPIFFEID: pod})).TLS())}, ClientAuth: tls.RequireAnyClientCert}
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	return server.Listener.Addr().String(), must(statusclient.TLSConfig(&own, must(trust.Parse(ca.PEM())), expected, time.Now))
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}
