package hubserver

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
)

// Mode is how the hub behaves.
type Mode string

// The modes. Refuse answers 503, Stall accepts connections and never answers, Vanish closes the listener and all
// connections.
const (
	Normal Mode = "normal"
	Refuse Mode = "refuse"
	Stall  Mode = "stall"
	Vanish Mode = "vanish"
)

// SetMode changes the behaviour at once, for requests under way too where the mode is Vanish.
func (h *Hub) SetMode(mode Mode) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch mode {
	case Normal, Refuse, Stall:
		h.changeMode(mode)
		return h.listenLocked()
	case Vanish:
		h.changeMode(mode)
		h.closeLocked()
		return nil
	}
	return fmt.Errorf("the mode %q is unknown; say %s, %s, %s or %s", mode, Normal, Refuse, Stall, Vanish)
}

// changeMode also lets go the requests that stalled in the mode before.
func (h *Hub) changeMode(mode Mode) {
	close(h.modeChanged)
	h.modeChanged = make(chan struct{})
	h.mode = mode
}

// listenLocked opens the listener if it is closed, at the address of before.
func (h *Hub) listenLocked() error {
	if h.server != nil {
		return nil
	}
	listener, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", h.address)
	if err != nil {
		return fmt.Errorf("the hub cannot listen on %s: %w", h.address, err)
	}
	h.address = listener.Addr().String()
	server := &http.Server{Handler: h.modal(h.unrevoked(h.handler())), TLSConfig: h.credentials.serverTLS(h.refuse), ErrorLog: h.opts.ErrorLog}
	server.TLSConfig.NextProtos = []string{"h2", "http/1.1"}
	h.server = server
	h.serving.Go(func() {
		if err := server.ServeTLS(listener, "", ""); !errors.Is(err, http.ErrServerClosed) && h.opts.ErrorLog != nil {
			h.opts.ErrorLog.Printf("The hub's listener broke: %v", err)
		}
	})
	return nil
}

func (h *Hub) closeLocked() {
	if h.server != nil {
		_ = h.server.Close()
		h.server = nil
	}
}

// modal puts the mode before every request.
func (h *Hub) modal(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.mu.Lock()
		mode, changed := h.mode, h.modeChanged
		h.mu.Unlock()
		switch mode {
		case Refuse:
			http.Error(w, "The hub refuses on purpose.", http.StatusServiceUnavailable)
		case Stall:
			stall(r, changed)
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// stall answers nothing until the mode changes or the client leaves, and then breaks off.
func stall(r *http.Request, changed <-chan struct{}) {
	select {
	case <-changed:
	case <-r.Context().Done():
	}
	panic(http.ErrAbortHandler) //nolint:forbidigo // this is how net/http breaks off an answer
}
