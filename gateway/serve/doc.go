// Package serve runs one listener of the gateway: it accepts connections, completes the mTLS handshake where there is one,
// and hands them to an HTTP server.
//
// It runs from start to drain. Settings of the HTTP server (header bound, timeouts) may change while it runs: a new server
// then takes the new connections, and the old one keeps its own until their clients have left, told to by the answer's
// "Connection: close" (GOAWAY in HTTP/2), so that no request is lost; a connection that reaches its age ends likewise. When trust or the revocations
// change, connections whose peer no longer verifies are closed at once; all others stay. Nothing is kept across a restart:
// clients connect again.
package serve
