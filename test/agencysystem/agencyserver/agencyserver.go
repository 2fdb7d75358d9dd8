// Package agencyserver is a stand-in for an agency's own document management system, the backend of a connector.
//
// It runs in tests and in a local cluster. It keeps the digests of the last documents in memory and forgets them at a
// restart.
package agencyserver

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"sync"
)

// Receipt is what is told of a received document.
type Receipt struct {
	// Digest is "sha256:" and the hex digest of the body, Bytes its size.
	Digest string `json:"digest"`
	Bytes  int64  `json:"bytes"`
	// Peer is the SPIFFE ID that the gateway vouches for.
	Peer string `json:"peer,omitempty"`
}

// Server receives documents.
type Server struct {
	keep int

	mu       sync.Mutex
	received []Receipt
}

// New makes a server that remembers the last keep documents.
func New(keep int) *Server { return &Server{keep: keep} }

// Handler serves POST /v1/inbox and GET /v1/received.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/inbox", s.inbox)
	mux.HandleFunc("GET /v1/received", func(w http.ResponseWriter, _ *http.Request) { writeJSON(w, s.Received()) })
	return mux
}

// Received are the receipts of the last documents, the oldest first.
func (s *Server) Received() []Receipt {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Receipt{}, s.received...)
}

func (s *Server) inbox(w http.ResponseWriter, r *http.Request) {
	sum := sha256.New()
	size, err := io.Copy(sum, r.Body)
	if err != nil {
		http.Error(w, "The document broke off; send it again.", http.StatusBadRequest)
		return
	}
	receipt := Receipt{Digest: "sha256:" + hex.EncodeToString(sum.Sum(nil)), Bytes: size, Peer: r.Header.Get("Lienthong-Peer")}
	s.mu.Lock()
	s.received = append(s.received, receipt)
	s.received = s.received[max(0, len(s.received)-s.keep):]
	s.mu.Unlock()
	writeJSON(w, receipt)
}

func writeJSON(w http.ResponseWriter, value any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(value)
}
