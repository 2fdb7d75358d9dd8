package serve

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-logr/logr"
	"golang.org/x/sync/errgroup"
	"k8s.io/utils/clock"

	"lienthong.gov.vn/connector-operator/gateway/mtls"
)

// Settings are those of the HTTP server itself.
type Settings struct {
	MaxHeaderBytes int
	HeaderTimeout  time.Duration
	IdleTimeout    time.Duration
	// MaxAge is how long after its beginning a connection is ended with an answer; 0 means never.
	MaxAge time.Duration
}

// Secure is how a connection is handshaken and its peer judged. A new value means that something changed.
type Secure struct {
	TLS    *tls.Config
	Policy *mtls.Policy
}

// Options of one listener.
type Options struct {
	Name     string
	Listener net.Listener
	Handler  http.Handler
	Clock    clock.PassiveClock
	Log      logr.Logger
	// Settings are asked for at start and on every Refresh.
	Settings func() Settings
	// Secure is asked for at every connection and on every Refresh; an error means that no peer can be served yet. It is
	// nil for a plain HTTP listener.
	Secure func() (*Secure, error)
	// Handshaken is told of every handshake: the chain that the peer showed if it succeeded, or why it did not.
	Handshaken func(chain []*x509.Certificate, err error)
}

// Server is one listener with its connections.
type Server struct {
	opts    Options
	conns   *connections
	leaving atomic.Bool

	// accepting is closed when no connection is accepted any more.
	accepting  chan struct{}
	handshakes sync.WaitGroup
	slots      chan struct{}
	// handshaking ends the handshakes that clients draw out while the gateway leaves.
	handshaking     context.Context //nolint:containedctx // it is that of all handshakes, and ends with the server
	abortHandshakes context.CancelFunc

	mu          sync.Mutex
	current     *generation
	generations map[*generation]struct{}
	closed      bool
}

const (
	// maxHandshakes bounds the memory that clients without any identity can hold.
	maxHandshakes = 1024
	// handshakeGrace is what a handshake may still take when the gateway leaves.
	handshakeGrace = 2 * time.Second
)

// New makes a server; Serve starts it.
func New(opts Options) *Server {
	s := &Server{
		opts:        opts,
		conns:       newConnections(),
		accepting:   make(chan struct{}),
		slots:       make(chan struct{}, maxHandshakes),
		generations: map[*generation]struct{}{},
	}
	s.handshaking, s.abortHandshakes = context.WithCancel(context.Background())
	s.current = s.startGeneration(opts.Settings())
	return s
}

// Serve accepts connections until Shutdown.
func (s *Server) Serve() error {
	defer close(s.accepting)
	for {
		conn, err := s.opts.Listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return nil
		}
		if err != nil {
			var temporary net.Error
			if errors.As(err, &temporary) && temporary.Timeout() {
				continue
			}
			return fmt.Errorf("the %s listener cannot accept connections; the gateway ends so that its pod is started anew: %w", s.opts.Name, err)
		}
		s.admit(conn)
	}
}

// admit takes a connection through its handshake, apart from the others.
func (s *Server) admit(conn net.Conn) {
	select {
	case s.slots <- struct{}{}:
	default:
		s.refused(conn, mtls.Refuse(mtls.Busy, errors.New("too many handshakes are under way at once")))
		return
	}
	s.handshakes.Go(func() {
		defer func() { <-s.slots }()
		if s.opts.Secure == nil {
			s.hand(conn)
			return
		}
		s.handshake(conn)
	})
}

// hand gives a connection to the current HTTP server.
func (s *Server) hand(conn net.Conn) {
	s.mu.Lock()
	g := s.current
	s.mu.Unlock()
	if !g.listener.hand(conn) {
		// Retired between the two lines above: ask for the next one, unless the gateway is leaving.
		s.mu.Lock()
		g = s.current
		s.mu.Unlock()
		if !g.listener.hand(conn) {
			s.forget(conn)
		}
	}
}

// Refresh takes up changed settings and judges the open connections by the policy of now.
func (s *Server) Refresh() {
	s.refreshGeneration(s.opts.Settings())
	if s.opts.Secure == nil {
		return
	}
	secure, err := s.opts.Secure()
	if err != nil {
		return
	}
	for _, c := range s.conns.untrusted(secure.Policy) {
		s.opts.Log.Info("A connection was closed because its peer no longer verifies.", "listener", s.opts.Name, "remote", c.conn.RemoteAddr().String(), "reason", mtls.ReasonOf(c.err))
		c.cut()
	}
}

// Peers are the chains that the peers of the open connections showed.
func (s *Server) Peers() [][]*x509.Certificate { return s.conns.chains() }

// Leave asks clients, with every answer from now on, not to reuse their connections. New ones are still accepted.
func (s *Server) Leave() { s.leaving.Store(true) }

// Shutdown stops accepting, lets requests under way finish until ctx ends, and closes what is left then. It is for a server
// whose Serve was called.
func (s *Server) Shutdown(ctx context.Context) error {
	s.Leave()
	_ = s.opts.Listener.Close()
	<-s.accepting
	timer := time.AfterFunc(handshakeGrace, s.abortHandshakes) //nolint:forbidigo // clients draw out handshakes in real time
	s.handshakes.Wait()
	timer.Stop()
	s.abortHandshakes()
	s.mu.Lock()
	s.closed = true
	var all errgroup.Group
	for g := range s.generations {
		all.Go(func() error { return g.shutdown(ctx) })
	}
	s.mu.Unlock()
	if err := all.Wait(); err != nil {
		return fmt.Errorf("requests on the %s listener were cut off at the end of the drain timeout: %w", s.opts.Name, err)
	}
	return nil
}
