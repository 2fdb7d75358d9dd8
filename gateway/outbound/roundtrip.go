package outbound

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httputil"
	"sync/atomic"

	"lienthong.gov.vn/connector-operator/gateway/forward"
	"lienthong.gov.vn/connector-operator/gateway/mtls"
)

// RoundTrip sends a request to the best endpoint, and to the next one if it is certain that it was not processed.
func (r *Router) RoundTrip(request *http.Request) (*http.Response, error) {
	g, err := r.acquire()
	if err != nil {
		return nil, err
	}
	body := guard(request.Body)
	err = noEndpoint(g)
	for _, i := range candidates(g.states()) {
		t := g.targets[i]
		forward.Via(request.Context(), t.endpoint.Name)
		var response *http.Response
		response, err = t.transport.RoundTrip(addressed(request, t, body))
		if err == nil {
			response.Body = &releasingBody{ReadCloser: response.Body, release: g.release}
			return response, nil
		}
		r.failed(request, t, err)
		if request.Context().Err() != nil || !mayTryNext(request, body, err) {
			break
		}
		err = noEndpoint(g)
	}
	g.release()
	return nil, err
}

// noEndpoint is told when all endpoints are down. Checks go on at their interval, and that is when to ask again.
func noEndpoint(g *generation) error {
	return &forward.Unavailable{
		Sentence:   "None of the hub's endpoints can be reached now; nothing was sent, so send the request again later.",
		RetryAfter: g.interval,
	}
}

// addressed is the request as one endpoint gets it.
func addressed(request *http.Request, t *target, body *guardedBody) *http.Request {
	out := request.Clone(request.Context())
	pr := httputil.ProxyRequest{In: request, Out: out}
	pr.SetURL(t.base)
	if body != nil {
		out.Body = body
	}
	return out
}

// failed draws the conclusions about the endpoint.
func (r *Router) failed(request *http.Request, t *target, err error) {
	if cause := context.Cause(request.Context()); cause != nil && !errors.Is(cause, forward.ErrStalled) {
		return // the client left, which says nothing about the endpoint
	}
	var dial *DialError
	// The hub ends a connection with an alert when it does not accept this side's certificate.
	if (errors.As(err, &dial) || mtls.IsRemoteAlert(err)) && t.health.set(err) {
		r.changed(t)
	}
	t.health.recheck()
}

// mayTryNext holds the rule that no request is ever processed twice. Without a connection nothing was sent, and the body
// is whole as long as nobody read of it. Once anything may have been sent, only a safe request without a body is repeated.
func mayTryNext(request *http.Request, body *guardedBody, err error) bool {
	var dial *DialError
	if errors.As(err, &dial) {
		return body == nil || !body.touched.Load()
	}
	switch request.Method {
	case http.MethodGet, http.MethodHead, http.MethodOptions:
		return body == nil
	}
	return false
}

// guardedBody outlives a failed attempt: a transport closes the body it was given, and the next attempt still needs it.
// The server closes the original when the request ends.
type guardedBody struct {
	rest    io.Reader
	touched atomic.Bool
}

func guard(body io.ReadCloser) *guardedBody {
	if body == nil || body == http.NoBody {
		return nil
	}
	return &guardedBody{rest: body}
}

func (b *guardedBody) Read(p []byte) (int, error) {
	b.touched.Store(true)
	return b.rest.Read(p)
}

// Close does nothing on purpose.
func (b *guardedBody) Close() error { return nil }
