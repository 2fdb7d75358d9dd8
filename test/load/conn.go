package load

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"syscall"
)

// watchedConn tells of a reset, also of one while no request is under way, which a client would not notice.
type watchedConn struct {
	net.Conn
	reset func()
	once  sync.Once
	ended atomic.Bool
}

// dial connects to where an address is really to be found.
func dial(ctx context.Context, address string, reset func()) (net.Conn, error) {
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("connecting: %w", err)
	}
	return &watchedConn{Conn: conn, reset: reset}, nil
}

func (c *watchedConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if errors.Is(err, io.EOF) {
		c.ended.Store(true)
	}
	c.see(err)
	return n, err
}

func (c *watchedConn) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	c.see(err)
	return n, err
}

// see leaves out what comes after the peer's orderly end: a farewell that crosses it is answered with a reset.
func (c *watchedConn) see(err error) {
	if c.ended.Load() || !errors.Is(err, syscall.ECONNRESET) && !errors.Is(err, syscall.EPIPE) {
		return
	}
	c.once.Do(c.reset)
}
