// Package hubserver is a stand-in for the national document exchange hub. It takes edXML documents from connectors over
// mTLS, refuses whom the operator's list of revocations names, checks that each sends only in its own name, and pushes the documents to
// the addressees' connectors.
//
// It runs in tests and in a local cluster, never in production. Documents are spooled to temporary files while they are
// delivered; nothing survives a restart.
package hubserver

import (
	"fmt"
	"log"
	"net/http"
	"sync"
)

// Options of a hub.
type Options struct {
	// Listen is the address of the mTLS listener.
	Listen string
	// IdentityDir holds tls.crt and tls.key, TrustFile the anchors of connectors, and RevocationsFile whom nobody may accept any more, as
	// the operator publishes it; without it nothing is revoked. All are read anew at every handshake.
	IdentityDir, TrustFile, RevocationsFile string
	// RoutesFile maps agency codes to connectors.
	RoutesFile string
	// ErrorLog takes what net/http reports; nil means standard error.
	ErrorLog *log.Logger
}

// Hub is a running hub.
type Hub struct {
	opts        Options
	credentials *credentials

	mu          sync.Mutex
	mode        Mode
	modeChanged chan struct{}
	address     string
	refused     int
	server      *http.Server
	serving     sync.WaitGroup
}

// Start opens the listener. Close ends the hub.
func Start(opts Options) (*Hub, error) {
	h := &Hub{
		opts:        opts,
		credentials: &credentials{identityDir: opts.IdentityDir, trustFile: opts.TrustFile, revocationsFile: opts.RevocationsFile},
		mode:        Normal, modeChanged: make(chan struct{}), address: opts.Listen,
	}
	if _, err := h.credentials.load(); err != nil {
		return nil, fmt.Errorf("the hub has no identity or trust to start with: %w", err)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := h.listenLocked(); err != nil {
		return nil, err
	}
	return h, nil
}

// Addr is where the hub listens.
func (h *Hub) Addr() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.address
}

// Close ends the hub and all its connections.
func (h *Hub) Close() {
	h.mu.Lock()
	h.changeMode(Vanish)
	h.closeLocked()
	h.mu.Unlock()
	h.serving.Wait()
}

// Refused is how often somebody who is revoked was refused.
func (h *Hub) Refused() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.refused
}

// refuse records that somebody who is revoked was refused.
func (h *Hub) refuse(why error) {
	h.mu.Lock()
	h.refused++
	h.mu.Unlock()
	if h.opts.ErrorLog != nil {
		h.opts.ErrorLog.Printf("The hub refused a connector: %v.", why)
	}
}

// unrevoked answers nobody who is revoked, also on a connection that was open before.
func (h *Hub) unrevoked(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		now, err := h.credentials.load()
		if err == nil {
			err = now.check(r.TLS.PeerCertificates[0])
		}
		if err != nil {
			h.refuse(err)
			w.Header().Set("Connection", "close")
			http.Error(w, err.Error(), http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// Admin serves POST /mode/{refuse|stall|vanish|normal}, GET /mode and GET /refused, on a port that only the tester reaches.
func (h *Hub) Admin() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /mode", func(w http.ResponseWriter, _ *http.Request) {
		h.mu.Lock()
		defer h.mu.Unlock()
		_, _ = fmt.Fprintln(w, h.mode)
	})
	mux.HandleFunc("GET /refused", func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprintln(w, h.Refused()) })
	mux.HandleFunc("POST /mode/{mode}", func(w http.ResponseWriter, r *http.Request) {
		if err := h.SetMode(Mode(r.PathValue("mode"))); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	})
	return mux
}
