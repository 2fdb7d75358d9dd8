package requestlog

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"time"
)

const (
	// dialTimeout bounds connecting and the handshake together.
	dialTimeout = 10 * time.Second
	// settle is how long the collector is given to refuse this side's certificate. In TLS 1.3 the client's handshake is over before the
	// server has seen it, and lines that were sent by then would be lost.
	settle = 200 * time.Millisecond
	// writeTimeout bounds one write to a collector that takes nothing more.
	writeTimeout = 10 * time.Second
	// frameBatch is how much is sent at once.
	frameBatch = 64 << 10
)

// connection is one that the collector has accepted.
type connection struct {
	*tls.Conn
	// ended is closed when the collector ended it, or when it was closed on this side.
	ended chan struct{}
	why   error // set before ended is closed
}

// deliver connects and sends lines until the target is another one, the gateway leaves and nothing waits, or the connection breaks,
// which is the error. A batch during which it breaks is sent once more over the next connection.
func (c *collector) deliver(ctx context.Context, t *target) (delivered bool, err error) {
	conn, err := c.connect(ctx, t)
	if err != nil {
		return false, fmt.Errorf("no connection to the log collector %s: %w", t.address, err)
	}
	defer conn.end()
	// A write to a collector that takes nothing more must not outlast the drain.
	stop := context.AfterFunc(ctx, func() { _ = conn.NetConn().Close() })
	defer stop()
	for {
		if current, _, _ := c.now(); current != t {
			return delivered, nil
		}
		batch := c.queue.head(frameBatch)
		if len(batch) > 0 {
			if err := conn.send(batch, t.header); err != nil {
				return delivered, fmt.Errorf("the connection to the log collector %s broke: %w", t.address, err)
			}
			c.queue.take(len(batch))
			c.sent(len(batch))
			delivered = true
			continue
		}
		if _, _, closing := c.now(); closing {
			return delivered, nil
		}
		if !c.gather(ctx, conn) {
			return delivered, nil // nothing is lost; the next line makes a new connection
		}
	}
}

// gather waits until there is something to do on a connection, and lets lines gather for one write. It tells whether the connection stays.
func (c *collector) gather(ctx context.Context, conn *connection) bool {
	select {
	case <-ctx.Done():
		return false
	case <-conn.ended:
		return false
	case <-c.nudge:
		return true
	case <-c.queue.ready:
	}
	select {
	case <-ctx.Done():
		return false
	case <-c.nudge:
	case <-c.opts.Clock.After(gathering):
	}
	return true
}

// connect completes the handshake, and waits for the refusal that may follow it.
func (c *collector) connect(ctx context.Context, t *target) (*connection, error) {
	timeout, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	socket, err := new(net.Dialer).DialContext(timeout, "tcp", t.address)
	if err != nil {
		return nil, err
	}
	conn := &connection{Conn: tls.Client(socket, t.tls), ended: make(chan struct{})}
	if err := conn.HandshakeContext(timeout); err != nil {
		_ = socket.Close()
		return nil, err
	}
	go conn.watch()
	select {
	case <-conn.ended:
		err = conn.why
	case <-ctx.Done():
		err = ctx.Err()
	case <-c.opts.Clock.After(settle):
		return conn, nil
	}
	conn.end()
	return nil, err
}

// watch reads what a collector never sends, because that is how the end of the connection shows.
func (conn *connection) watch() {
	defer close(conn.ended)
	if _, conn.why = io.Copy(io.Discard, conn.Conn); conn.why == nil {
		conn.why = errors.New("the collector ended it")
	}
}

func (conn *connection) send(batch []item, header string) error {
	select {
	case <-conn.ended:
		return conn.why
	default:
	}
	var frames []byte
	for _, it := range batch {
		frames = appendFrame(frames, it, header)
	}
	until := time.Now().Add(writeTimeout) //nolint:forbidigo // a socket's deadline is a time of the real clock
	_ = conn.SetWriteDeadline(until)
	_, err := conn.Write(frames)
	return err
}

// end tells the collector that nothing more comes, and waits for the watch.
func (conn *connection) end() {
	_ = conn.Close()
	<-conn.ended
}
