package serve

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"time"

	"lienthong.gov.vn/connector-operator/gateway/mtls"
)

// What a refused client may still send while its alert is on the way.
const (
	alertLinger  = 500 * time.Millisecond
	alertDiscard = 64 << 10
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
		letAlertArrive(raw)
		s.refused(raw, err)
		return
	}
	s.opts.Handshaken(conn.ConnectionState().PeerCertificates, nil)
	s.conns.add(conn, s.opts.Clock.Now())
	// Trust may have changed during the handshake, too early for Refresh to see this connection.
	if latest, err := s.opts.Secure(); err != nil || latest != secure && s.conns.verify(conn, latest.Policy) != nil {
		s.forget(conn)
		return
	}
	s.hand(conn)
}

// letAlertArrive reads what the client has sent already. Closing a socket with unread data resets the connection, and the
// client would lose the alert that tells it why it was refused.
func letAlertArrive(conn net.Conn) {
	half, ok := conn.(*net.TCPConn)
	if !ok || half.CloseWrite() != nil {
		return
	}
	until := time.Now().Add(alertLinger) //nolint:forbidigo // a socket's deadline is a time of the real clock
	_ = half.SetReadDeadline(until)
	_, _ = io.CopyN(io.Discard, half, alertDiscard)
}

func (s *Server) refused(conn net.Conn, err error) {
	_ = conn.Close()
	if s.opts.Secure != nil {
		s.opts.Handshaken(nil, err)
	}
	s.opts.Log.V(1).Info("A connection was refused.",
		"listener", s.opts.Name, "remote", conn.RemoteAddr().String(), "reason", mtls.ReasonOf(err), "error", err.Error())
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
