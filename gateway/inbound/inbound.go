// Package inbound is the way from the hub to the agency's own system: it tells the backend who the peer proved to be and
// forwards the request there.
//
// It runs for every request on the mTLS listener; the peer was verified during the handshake. It keeps only idle
// connections to the backend, which are made anew after a restart.
package inbound

import (
	"net/http"
	"net/http/httputil"
	"net/url"
	"time"

	"github.com/go-logr/logr"
	"k8s.io/utils/clock"

	"lienthong.gov.vn/connector-operator/gateway/config"
	"lienthong.gov.vn/connector-operator/gateway/forward"
	"lienthong.gov.vn/connector-operator/gateway/metrics"
	"lienthong.gov.vn/connector-operator/gateway/mtls"
	"lienthong.gov.vn/connector-operator/gateway/requestlog"
)

// Options of the inbound direction.
type Options struct {
	// Config is asked for at every request.
	Config  func() config.Inbound
	Metrics *metrics.Metrics
	// Record is told of every request at its end.
	Record func(requestlog.Entry)
	Clock  clock.WithTickerAndDelayedExecution
	Log    logr.Logger
}

// Handler forwards to the backend.
type Handler struct {
	*forward.Proxy
	transport *http.Transport
}

// New makes the handler.
func New(opts Options) *Handler {
	transport := &http.Transport{
		MaxIdleConnsPerHost:   64,
		IdleConnTimeout:       90 * time.Second,
		TLSHandshakeTimeout:   10 * time.Second,
		ExpectContinueTimeout: time.Second,
		ForceAttemptHTTP2:     true,
		DisableCompression:    true, // bodies pass as they are
	}
	proxy := forward.New(forward.Options{
		Direction: metrics.Inbound,
		Other:     "the agency's backend",
		Limits:    func() config.Limits { return opts.Config().Limits },
		Rewrite:   func(pr *httputil.ProxyRequest) { rewrite(pr, opts.Config().Backend.URL) },
		Transport: transport,
		Metrics:   opts.Metrics,
		Record:    opts.Record,
		Clock:     opts.Clock,
		Log:       opts.Log,
	})
	return &Handler{Proxy: proxy, transport: transport}
}

// Close ends the idle connections to the backend.
func (h *Handler) Close() { h.transport.CloseIdleConnections() }

// rewrite leads a request to the backend. The URL was validated with the configuration; if it could not be parsed all the
// same, the request has no host and fails.
func rewrite(pr *httputil.ProxyRequest, backend string) {
	if target, err := url.Parse(backend); err == nil {
		pr.SetURL(target)
	}
	pr.SetXForwarded()
	if id, err := mtls.PeerID(pr.In.TLS); err == nil {
		pr.Out.Header.Set(forward.PeerHeader, id.String())
	}
}
