package limit

import (
	"errors"
	"io"
	"net/http"
	"sync/atomic"
)

// Body is a request body that is counted, bounded and watched. A body over the bound ends in an error and never in io.EOF,
// so that the other end cannot take the part it got for the whole.
type Body struct {
	rest     io.ReadCloser
	watch    *Watch
	read     atomic.Int64
	exceeded atomic.Bool
	complete atomic.Bool
}

// NewBody bounds the body of r, whose answer goes to w.
func NewBody(w http.ResponseWriter, r *http.Request, maximum int64, watch *Watch) *Body {
	return &Body{rest: http.MaxBytesReader(w, r.Body, maximum), watch: watch}
}

// Read implements io.Reader.
func (b *Body) Read(p []byte) (int, error) {
	b.watch.Reading(true)
	n, err := b.rest.Read(p)
	b.watch.Reading(false)
	b.read.Add(int64(n))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		b.exceeded.Store(true)
	case errors.Is(err, io.EOF):
		b.complete.Store(true)
		b.watch.Sent()
	}
	return n, err
}

// Close implements io.Closer.
func (b *Body) Close() error { return b.rest.Close() }

// BytesRead is how much was read so far.
func (b *Body) BytesRead() int64 { return b.read.Load() }

// Exceeded tells whether the body was larger than allowed.
func (b *Body) Exceeded() bool { return b.exceeded.Load() }

// Complete tells whether the body was read to its end.
func (b *Body) Complete() bool { return b.complete.Load() }
