package serve

import (
	"context"
	"errors"
	"log"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-logr/logr"
)

// generation is one HTTP server with the settings it was made with.
type generation struct {
	settings Settings
	server   *http.Server
	listener *handedListener
	retired  atomic.Bool
	open     atomic.Int64
	done     chan struct{}
}

func (s *Server) startGeneration(settings Settings) *generation {
	g := &generation{settings: settings, listener: newHandedListener(s.opts.Listener.Addr()), done: make(chan struct{})}
	g.server = &http.Server{
		Handler:           s.leaveGracefully(g),
		ReadHeaderTimeout: settings.HeaderTimeout,
		IdleTimeout:       settings.IdleTimeout,
		MaxHeaderBytes:    settings.MaxHeaderBytes,
		ConnContext: func(ctx context.Context, _ net.Conn) context.Context {
			return context.WithValue(ctx, begunKey{}, s.opts.Clock.Now())
		},
		ConnState: func(conn net.Conn, state http.ConnState) { s.track(g, conn, state) },
		ErrorLog:  log.New(lineLog{s.opts.Log}, "", 0),
	}
	s.generations[g] = struct{}{}
	go func() {
		defer close(g.done)
		_ = g.server.Serve(g.listener) // ends only when the generation is shut down
	}()
	return g
}

// refreshGeneration starts a new server if the settings changed. The old one keeps its connections.
func (s *Server) refreshGeneration(settings Settings) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || s.current.settings == settings {
		return
	}
	old := s.current
	s.current = s.startGeneration(settings)
	old.retired.Store(true)
	if old.open.Load() == 0 {
		s.discard(old)
	}
}

// track follows a connection from the HTTP server's first sight of it to its end.
func (s *Server) track(g *generation, conn net.Conn, state http.ConnState) {
	switch state {
	case http.StateNew:
		g.open.Add(1)
	case http.StateActive, http.StateIdle:
	case http.StateClosed, http.StateHijacked:
		s.conns.remove(conn)
		if g.open.Add(-1) == 0 && g.retired.Load() {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.discard(g)
		}
	}
}

// discard ends a retired generation without connections. A connection that was handed over at this very moment is
// served to its end by Shutdown. The caller holds the lock.
func (s *Server) discard(g *generation) {
	if _, there := s.generations[g]; !there || s.closed {
		return
	}
	delete(s.generations, g)
	go func() { _ = g.server.Shutdown(context.Background()) }()
}

func (g *generation) shutdown(ctx context.Context) error {
	err := g.server.Shutdown(ctx)
	if err != nil {
		err = errors.Join(err, g.server.Close())
	}
	<-g.done
	return err
}

// begunKey is where a request's context has the time at which its connection began.
type begunKey struct{}

// leaveGracefully ends a connection with its next answer when this generation is retired, when the gateway leaves, when the
// peer's certificate has run out since the handshake, or when the handshake lies so long ago that the peer is to prove itself anew.
func (s *Server) leaveGracefully(g *generation) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ranOut := r.TLS != nil && len(r.TLS.PeerCertificates) > 0 && s.opts.Clock.Now().After(r.TLS.PeerCertificates[0].NotAfter)
		begun, _ := r.Context().Value(begunKey{}).(time.Time)
		tooOld := g.settings.MaxAge > 0 && s.opts.Clock.Since(begun) > g.settings.MaxAge
		if s.leaving.Load() || g.retired.Load() || ranOut || tooOld {
			w.Header().Set("Connection", "close") // the HTTP/2 server makes a GOAWAY of it
		}
		s.opts.Handler.ServeHTTP(w, r)
	})
}

// handedListener is a net.Listener whose connections come from hand.
type handedListener struct {
	addr   net.Addr
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func newHandedListener(addr net.Addr) *handedListener {
	return &handedListener{addr: addr, conns: make(chan net.Conn), closed: make(chan struct{})}
}

// hand returns false if the listener is closed; the connection is then still the caller's.
func (l *handedListener) hand(conn net.Conn) bool {
	select {
	case <-l.closed:
		return false
	default:
	}
	select {
	case l.conns <- conn:
		return true
	case <-l.closed:
		return false
	}
}

func (l *handedListener) Accept() (net.Conn, error) {
	select {
	case conn := <-l.conns:
		return conn, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *handedListener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

func (l *handedListener) Addr() net.Addr { return l.addr }

// lineLog takes what net/http would print, which is about single connections and thus of interest only when asked for.
type lineLog struct{ log logr.Logger }

func (l lineLog) Write(line []byte) (int, error) {
	const maxLine = 300
	text := strings.TrimSpace(string(line[:min(len(line), maxLine)]))
	l.log.V(1).Info("The HTTP server reports a connection's error.", "error", text)
	return len(line), nil
}
