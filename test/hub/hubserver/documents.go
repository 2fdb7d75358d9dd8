package hubserver

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
)

// Answer is what a sender is told.
type Answer struct {
	// Digest is "sha256:" and the hex digest of the document, Bytes its size.
	Digest string   `json:"digest"`
	Bytes  int64    `json:"bytes"`
	To     []string `json:"to"`
	Pushes []Push   `json:"pushes"`
}

// Push is the outcome of one delivery.
type Push struct {
	To string `json:"to"`
	// Digest is the one that the receiving backend reported.
	Digest string `json:"digest,omitempty"`
	Status int    `json:"status,omitempty"`
	Error  string `json:"error,omitempty"`
}

// refusal is an error that the sender is told with its status.
type refusal struct {
	status int
	error
}

func (h *Hub) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprintln(w, "ok") })
	mux.HandleFunc("POST /v1/documents", func(w http.ResponseWriter, r *http.Request) {
		answer, err := h.accept(r)
		var no refusal
		switch {
		case errors.As(err, &no):
			http.Error(w, no.Error(), no.status)
		case err != nil:
			http.Error(w, err.Error(), http.StatusInternalServerError)
		default:
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusAccepted)
			_ = json.NewEncoder(w).Encode(answer)
		}
	})
	return mux
}

// accept takes a document to a temporary file while it reads its header, and delivers it.
func (h *Hub) accept(r *http.Request) (*Answer, error) {
	spool, err := os.CreateTemp("", "hub-document-")
	if err != nil {
		return nil, fmt.Errorf("the document cannot be spooled: %w", err)
	}
	defer func() {
		_ = spool.Close()
		_ = os.Remove(spool.Name())
	}()
	sum := sha256.New()
	whole := io.TeeReader(r.Body, io.MultiWriter(spool, sum))
	header, err := parseEnvelope(whole)
	if err != nil {
		return nil, refusal{http.StatusBadRequest, err}
	}
	if err := maySpeak(r, header.From); err != nil {
		return nil, refusal{http.StatusForbidden, err}
	}
	if _, err := io.Copy(io.Discard, whole); err != nil {
		return nil, refusal{http.StatusBadRequest, fmt.Errorf("the document broke off: %w", err)}
	}
	size, err := spool.Seek(0, io.SeekCurrent)
	if err != nil {
		return nil, fmt.Errorf("the spooled document cannot be measured: %w", err)
	}
	answer := &Answer{Digest: "sha256:" + hex.EncodeToString(sum.Sum(nil)), Bytes: size, To: header.To}
	answer.Pushes, err = h.deliver(r.Context(), header.To, spool.Name(), size)
	return answer, err
}

// maySpeak checks that the peer acts for the agency that the document is from.
func maySpeak(r *http.Request, from string) error {
	uris := r.TLS.PeerCertificates[0].URIs
	if len(uris) != 1 {
		return errors.New("the connector's certificate carries no single SPIFFE ID")
	}
	return sameAgency(uris[0], from)
}

func sameAgency(peer *url.URL, from string) error {
	agency := agencyOf(peer.Path)
	if agency == "" || agencyCode(from) != agencyCode(agency) {
		return fmt.Errorf("the document is from %s, but the connector acts for %q; send only in its own agency's name", from, agency)
	}
	return nil
}
