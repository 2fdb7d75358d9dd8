package forward

import (
	"context"
	"errors"
	"io"
	"log"
	"net/http"
	"sync"
	"time"

	"lienthong.gov.vn/connector-operator/gateway/limit"
	"lienthong.gov.vn/connector-operator/gateway/metrics"
	"lienthong.gov.vn/connector-operator/gateway/requestlog"
)

const (
	// lingering bounds what a client that was answered early may still take to end its body, or to take the answer.
	lingering = 5 * time.Second
	// clientGone is what access logs and metrics call a request whose client left; it is never sent.
	clientGone = 499
	bufferSize = 32 << 10
)

// exchange is one request and its answer.
type exchange struct {
	proxy    *Proxy
	original http.ResponseWriter
	out      *recorder
	request  *http.Request
	body     *limit.Body  // nil if there is none
	watch    *limit.Watch // nil until the request is forwarded
	begin    time.Time
	id       string
	route    *route
	counted  func(code int, took time.Duration, requestBytes, responseBytes int64)
}

func newExchange(p *Proxy, w http.ResponseWriter, r *http.Request) *exchange {
	return &exchange{
		proxy: p, original: w, request: r,
		out:     &recorder{ResponseWriter: w},
		begin:   p.opts.Clock.Now(),
		id:      newID(),
		route:   &route{hub: r.TLS},
		counted: p.opts.Metrics.Begin(p.opts.Direction),
	}
}

// failed counts why the request was not forwarded, or its answer not brought back whole.
func (x *exchange) failed(why metrics.Failure) {
	x.proxy.opts.Metrics.Failed(x.proxy.opts.Direction, why)
}

// answer is the gateway's own answer. The rest of the body is not waited for, so the connection does not go on.
func (x *exchange) answer(status int, detail string) {
	if x.request.ProtoMajor == 1 && x.request.ContentLength != 0 {
		x.out.Header().Set("Connection", "close")
	}
	x.out.Header().Set(RequestIDHeader, x.id)
	WriteProblem(x.out, status, detail)
}

// fail answers a request that could not be forwarded, by its first cause.
func (x *exchange) fail(_ http.ResponseWriter, _ *http.Request, err error) {
	other := x.proxy.opts.Other
	var unavailable *Unavailable
	switch {
	case x.body != nil && x.body.Exceeded():
		x.failed(metrics.TooLarge)
		no := tooLarge(x.proxy.opts.Limits().MaxBodyBytes)
		x.answer(no.status, no.detail)
		return
	case x.watch.Cause() == limit.ClientSending:
		x.failed(metrics.ClientStalled)
		x.answer(http.StatusRequestTimeout, "The body stopped coming; send the request again.")
	case x.watch.Cause() != limit.Nothing:
		x.failed(metrics.UpstreamStalled)
		x.answer(http.StatusGatewayTimeout, "No answer came in time from "+other+"; whether the request was processed is not known.")
	case errors.As(err, &unavailable):
		x.failed(metrics.NoEndpoint)
		setRetryAfter(x.out, unavailable.RetryAfter)
		x.answer(http.StatusServiceUnavailable, unavailable.Sentence)
	case errors.Is(x.request.Context().Err(), context.Canceled):
		x.failed(metrics.ClientGone)
		x.out.status = clientGone
		return
	default:
		x.failed(metrics.UpstreamFailed)
		x.answer(http.StatusBadGateway, "The request could not be brought to "+other+", or its answer was not HTTP; whether it was processed is not known.")
	}
	x.proxy.failures.Do(func() {
		x.proxy.opts.Log.Info("A request could not be forwarded.", "direction", x.proxy.opts.Direction, "status", x.out.status, "error", err.Error())
	})
}

// answered is told of the answer's header.
func (x *exchange) answered(response *http.Response) error {
	x.watch.Answered()
	x.route.answered(response)
	response.Header.Set(RequestIDHeader, x.id)
	response.Body = &watchedReader{response.Body, x}
	return nil
}

// unblock frees whoever waits for a side that stands still.
func (x *exchange) unblock(cause limit.Cause) {
	controller := http.NewResponseController(x.original)
	past := x.begin.Add(-time.Hour)
	switch cause {
	case limit.ClientSending:
		_ = controller.SetReadDeadline(past)
	case limit.ClientReceiving:
		_ = controller.SetWriteDeadline(past)
	case limit.Nothing, limit.Upstream:
		// The request's context ends the wait for the other side.
	}
}

// end counts and logs the request, and keeps a client from drawing out what is left of it.
func (x *exchange) end() {
	if x.watch != nil {
		x.watch.Stop()
	}
	var read int64
	if x.body != nil {
		read = x.body.BytesRead()
	}
	if x.request.ContentLength != 0 && (x.body == nil || !x.body.Complete()) {
		// The HTTP server reads on to keep the connection.
		until := time.Now().Add(lingering) //nolint:forbidigo // a socket's deadline is a time of the real clock
		_ = http.NewResponseController(x.original).SetReadDeadline(until)
	}
	now := x.proxy.opts.Clock.Now()
	took := now.Sub(x.begin)
	x.counted(x.out.status, took, read, x.out.written)
	x.proxy.opts.Record(requestlog.Entry{
		At: now, RequestID: x.id, Direction: string(x.proxy.opts.Direction), SourceAddress: x.request.RemoteAddr,
		Method: x.request.Method, Path: x.request.URL.EscapedPath(), Status: x.out.status,
		RequestBytes: read, ResponseBytes: x.out.written, Duration: took,
		Endpoint: x.route.endpoint, TLS: x.route.hub,
	})
}

// recorder notes what is answered, and tells the watch of it.
type recorder struct {
	http.ResponseWriter
	watch   *limit.Watch
	status  int
	written int64
}

// Unwrap lets http.ResponseController reach the original.
func (w *recorder) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *recorder) WriteHeader(status int) {
	if w.status == 0 && status >= http.StatusOK {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *recorder) Write(p []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	if w.watch == nil {
		n, err := w.ResponseWriter.Write(p)
		w.written += int64(n)
		return n, err
	}
	w.watch.Writing(true)
	n, err := w.ResponseWriter.Write(p)
	w.watch.Writing(false)
	w.written += int64(n)
	return n, err
}

// FlushError is where a small answer really leaves, and so where a client that takes nothing holds it up.
func (w *recorder) FlushError() error {
	if w.watch != nil {
		w.watch.Writing(true)
		defer w.watch.Writing(false)
	}
	return http.NewResponseController(w.ResponseWriter).Flush()
}

// watchedReader tells the watch of every piece of an answer, and counts one that ends before its end.
type watchedReader struct {
	io.ReadCloser
	exchange *exchange
}

func (r *watchedReader) Read(p []byte) (int, error) {
	n, err := r.ReadCloser.Read(p)
	r.exchange.watch.Progress()
	if err != nil && !errors.Is(err, io.EOF) {
		r.exchange.cut()
	}
	return n, err
}

// cut counts why an answer that had begun could not be brought back whole.
func (x *exchange) cut() {
	switch cause := x.watch.Cause(); {
	case cause == limit.ClientSending || cause == limit.ClientReceiving:
		x.failed(metrics.ClientStalled)
	case cause == limit.Upstream:
		x.failed(metrics.UpstreamStalled)
	case x.request.Context().Err() != nil:
		x.failed(metrics.ClientGone)
	default:
		x.failed(metrics.AnswerCut)
	}
}

// bufferPool implements httputil.BufferPool.
type bufferPool struct{ pool sync.Pool }

func (b *bufferPool) Get() []byte {
	if buf, ok := b.pool.Get().(*[bufferSize]byte); ok {
		return buf[:]
	}
	return make([]byte, bufferSize)
}

func (b *bufferPool) Put(buf []byte) { b.pool.Put((*[bufferSize]byte)(buf)) }

// quiet drops what the reverse proxy would log; failures are told by fail, and a client that leaves is no event.
func quiet() *log.Logger { return log.New(io.Discard, "", 0) }
