package serve

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"

	"lienthong.gov.vn/connector-operator/gateway/mtls"
)

// handshake completes mTLS before the HTTP server sees the connection, so that a peer is refused by TLS itself and the
// reason is counted.
func (s *Server) handshake(raw net.Conn) {
	secure, err := s.opts.Secure()
	if err != nil {
		s.refused(raw, mtls.Refuse(mtls.NotReady, err))
		return
	}
	conn := tls.Server(raw, secure.TLS)
	ctx, cancel := context.WithTimeout(s.handshaking, s.opts.Settings().HeaderTimeout)
	err = conn.HandshakeContext(ctx)
	cancel()
	if err != nil {
		answerPlainHTTP(err)
		s.refused(raw, err)
		return
	}
	s.opts.Handshaken(nil)
	s.conns.add(conn, s.opts.Clock.Now())
	// Trust may have changed during the handshake, too early for Refresh to see this connection.
	if latest, err := s.opts.Secure(); err != nil || latest != secure && s.conns.verify(conn, latest.Policy) != nil {
		s.forget(conn)
		return
	}
	s.hand(conn)
}

func (s *Server) refused(conn net.Conn, err error) {
	_ = conn.Close()
	if s.opts.Secure != nil {
		s.opts.Handshaken(err)
	}
	s.opts.Log.V(1).Info("A connection was refused.", "listener", s.opts.Name, "remote", conn.RemoteAddr().String(), "reason", mtls.ReasonOf(err), "error", err.Error())
}

func (s *Server) forget(conn net.Conn) {
	s.conns.remove(conn)
	_ = conn.Close()
}

// answerPlainHTTP tells a client that spoke plain HTTP what to do. The answer is not encrypted, as the client's words were.
func answerPlainHTTP(err error) {
	var record tls.RecordHeaderError
	if !errors.As(err, &record) || record.Conn == nil || !looksLikeHTTP(record.RecordHeader) {
		return
	}
	const body = "This port speaks HTTPS with client certificates only; use https and show a certificate.\n"
	_, _ = fmt.Fprintf(record.Conn, "HTTP/1.0 400 Bad Request\r\nConnection: close\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
}

func looksLikeHTTP(header [5]byte) bool {
	switch string(header[:]) {
	case "GET /", "HEAD ", "POST ", "PUT /", "OPTIO", "DELET", "PATCH":
		return true
	}
	return false
}
