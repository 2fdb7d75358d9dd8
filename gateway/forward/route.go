package forward

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"encoding/hex"
	"net/http"
)

// route is which way a request took, for the request log. It belongs to the goroutine of the request.
type route struct {
	endpoint string
	// hub is the connection with the hub: the one that brought the request, or the one that it went out on.
	hub *tls.ConnectionState
}

type routeKey struct{}

func (r *route) in(ctx context.Context) context.Context { return context.WithValue(ctx, routeKey{}, r) }

// Via notes, in the context of a request that goes out, to which of the hub's endpoints it is sent.
func Via(ctx context.Context, endpoint string) {
	if r, ok := ctx.Value(routeKey{}).(*route); ok {
		r.endpoint = endpoint
	}
}

// answered notes the connection of an answer, where it came from the hub: the backend's is of no interest.
func (r *route) answered(response *http.Response) {
	if r.endpoint != "" {
		r.hub = response.TLS
	}
}

// newID names a request in the logs of all who have a part in it. It cannot be guessed, so that nobody can prepare a line for it.
func newID() string {
	var id [16]byte
	_, _ = rand.Read(id[:]) // never fails
	return hex.EncodeToString(id[:])
}
