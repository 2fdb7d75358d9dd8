package forward

import (
	"context"
	"net/http"
	"net/http/httputil"
	"sync"
	"time"

	"github.com/go-logr/logr"
	"golang.org/x/time/rate"
	"k8s.io/utils/clock"

	"lienthong.gov.vn/connector-operator/gateway/config"
	"lienthong.gov.vn/connector-operator/gateway/limit"
	"lienthong.gov.vn/connector-operator/gateway/metrics"
	"lienthong.gov.vn/connector-operator/gateway/requestlog"
)

// Options of one direction.
type Options struct {
	Direction metrics.Direction
	// Other names the other end in sentences, such as "the agency's backend".
	Other string
	// Limits are asked for at every request.
	Limits func() config.Limits
	// Rewrite sets where the request goes and its headers. Claimed identities are removed already.
	Rewrite   func(*httputil.ProxyRequest)
	Transport http.RoundTripper
	Metrics   *metrics.Metrics
	// Record is told of every request at its end.
	Record func(requestlog.Entry)
	Clock  clock.WithTickerAndDelayedExecution
	Log    logr.Logger
}

// Proxy forwards requests of one direction.
type Proxy struct {
	opts        Options
	concurrency limit.Concurrency
	buffers     bufferPool
	failures    rate.Sometimes // how often failures are logged, so that an outage does not flood the log
}

// New makes a proxy.
func New(opts Options) *Proxy {
	return &Proxy{
		opts:     opts,
		buffers:  bufferPool{sync.Pool{New: func() any { return new([bufferSize]byte) }}},
		failures: rate.Sometimes{First: 1, Interval: time.Second},
	}
}

// ServeHTTP implements http.Handler.
func (p *Proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	x := newExchange(p, w, r)
	defer x.end()
	limits := p.opts.Limits()
	if no := refuse(r, limits.MaxBodyBytes); no != nil {
		x.failed(no.failure())
		x.answer(no.status, no.detail)
		return
	}
	if !p.concurrency.Acquire(limits.MaxConcurrentRequests) {
		x.failed(metrics.Busy)
		setRetryAfter(x.out, time.Second)
		x.answer(http.StatusServiceUnavailable, "This gateway has as many requests under way as it may; send the request again a little later.")
		return
	}
	defer p.concurrency.Release()
	x.forward(limits)
}

// forward sends the request on, watched, and streams the answer back.
func (x *exchange) forward(limits config.Limits) {
	ctx, cancel := context.WithCancelCause(x.route.in(x.request.Context()))
	defer cancel(nil)
	x.watch = limit.NewWatch(x.proxy.opts.Clock, limits.StallTimeout.Duration, limits.HeaderTimeout.Duration, func(cause limit.Cause) {
		x.unblock(cause)
		cancel(ErrStalled)
	})
	defer x.watch.Stop()
	x.out.watch = x.watch

	// An answer may begin before the body has ended. Without this, the server of HTTP/1.1 would then swallow the rest of it.
	_ = http.NewResponseController(x.original).EnableFullDuplex()
	request := x.request.WithContext(ctx)
	if x.request.Body == nil || x.request.Body == http.NoBody || x.request.ContentLength == 0 {
		x.watch.Sent()
	} else {
		x.body = limit.NewBody(x.original, x.request, limits.MaxBodyBytes, x.watch)
		request.Body = x.body
	}
	proxy := httputil.ReverseProxy{
		Rewrite: func(pr *httputil.ProxyRequest) {
			StripIdentity(pr.Out.Header)
			pr.Out.Trailer = nil // a trailer could carry the headers that were just removed
			pr.Out.URL.RawQuery = pr.In.URL.RawQuery
			x.proxy.opts.Rewrite(pr)
			pr.Out.Header.Set(RequestIDHeader, x.id)
		},
		Transport:      x.proxy.opts.Transport,
		FlushInterval:  -1, // an answer that comes in pieces must not wait for its next piece
		BufferPool:     &x.proxy.buffers,
		ErrorLog:       quiet(),
		ErrorHandler:   x.fail,
		ModifyResponse: x.answered,
	}
	proxy.ServeHTTP(x.out, request)
}
