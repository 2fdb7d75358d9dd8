package requestlog

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"slices"
	"sync"
	"time"

	"lienthong.gov.vn/connector-operator/gateway/config"
	"lienthong.gov.vn/connector-operator/gateway/mtls"
	"lienthong.gov.vn/connector-operator/gateway/trust"
)

// collector brings lines to the log collector over one connection, which it makes when there are lines.
type collector struct {
	destination
	done chan struct{}
	// nudge has something in it when the target changed, or when the gateway leaves.
	nudge chan struct{}

	mu      sync.Mutex
	target  *target // nil if there is none, or nothing to show it yet
	wanted  bool    // a collector is configured
	closing bool
}

// target is where lines go, and how. It is never changed.
type target struct {
	address string
	tls     *tls.Config
	header  string
	from    Settings
}

func newCollector(opts Options) *collector {
	return &collector{
		destination: newDestination("collector", "the log collector", opts),
		done:        make(chan struct{}), nudge: make(chan struct{}, 1),
	}
}

// update takes lines to another target, or shows the same one another certificate, from the next message on. What waits for a
// collector that nobody wants any more is given up.
func (c *collector) update(s Settings) error {
	next, err := c.newTarget(s)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.wanted = s.Log.Collector != nil; !c.wanted || !next.same(c.target) {
		c.target = next
		c.wake()
	}
	return err
}

func (c *collector) newTarget(s Settings) (*target, error) {
	if s.Log.Collector == nil || s.Certificate == nil {
		return nil, nil //nolint:nilnil // no collector is an answer, too
	}
	host, _, err := net.SplitHostPort(s.Log.Collector.Address)
	if err != nil {
		return nil, fmt.Errorf("the address of the log collector cannot be used; correct log.collector.address in the configuration: %w", err)
	}
	authorities, err := trust.Parse([]byte(s.Log.Collector.CAPEM))
	if err != nil {
		return nil, fmt.Errorf("the authorities of the log collector cannot be used; correct log.collector.caPEM in the configuration: %w", err)
	}
	own := mtls.Own{Certificate: s.Certificate, Floor: s.Floor, Now: c.opts.Clock.Now}
	return &target{
		address: s.Log.Collector.Address, tls: mtls.NamedClient(own, authorities.Pool, host),
		header: header(c.opts.Host, s.Connector, c.opts.Version), from: s,
	}, nil
}

// same tells whether an open connection may stay.
func (t *target) same(other *target) bool {
	if t == nil || other == nil {
		return t == other
	}
	a, b := t.from, other.from
	return *a.Log.Collector == *b.Log.Collector && a.Connector == b.Connector && sameFloor(a.Floor, b.Floor) &&
		slices.EqualFunc(a.Certificate.Certificate, b.Certificate.Certificate, bytes.Equal)
}

func sameFloor(a, b config.TLS) bool {
	return a.MinVersion == b.MinVersion && slices.Equal(a.CipherSuites, b.CipherSuites) && slices.Equal(a.KeyExchange, b.KeyExchange)
}

func (c *collector) wake() {
	select {
	case c.nudge <- struct{}{}:
	default:
	}
}

// close lets run end when the queue is empty, or when there is nowhere to bring it.
func (c *collector) close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closing = true
	c.wake()
}

func (c *collector) now() (t *target, wanted, closing bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.target, c.wanted, c.closing
}

// run brings out lines until the collector is closed and they are all out, or until ctx ends.
func (c *collector) run(ctx context.Context) {
	defer close(c.done)
	defer c.giveUp()
	failures := 0
	for ctx.Err() == nil {
		t, wanted, closing := c.now()
		waiting := c.queue.length()
		switch {
		case closing && (waiting == 0 || t == nil):
			return
		case !wanted && waiting > 0:
			c.dropped(c.queue.clear())
		case waiting == 0 || t == nil:
			c.rest(ctx, nil)
		default:
			if closing {
				failures = min(failures, 1) // there is no time left for long pauses
			}
			delivered, err := c.deliver(ctx, t)
			failures = c.tell(err, delivered, failures)
			if failures > 0 {
				c.rest(ctx, c.opts.Clock.After(pause(failures)))
			}
		}
	}
}

// rest waits until something may be different: the time is over, or, where there is none, another line came.
func (c *collector) rest(ctx context.Context, over <-chan time.Time) {
	ready := c.queue.ready
	if over != nil {
		ready = nil
	}
	select {
	case <-ctx.Done():
	case <-c.nudge:
	case <-over:
	case <-ready:
	}
}

// tell logs the begin and the end of an outage, and counts the attempts that failed one after the other.
func (c *collector) tell(err error, delivered bool, failures int) int {
	if delivered && failures > 0 {
		c.opts.Log.Info("The log collector takes lines again.")
		failures = 0
	}
	if err == nil {
		return failures
	}
	if failures == 0 {
		c.opts.Log.Info("The log collector takes no lines; they wait, and attempts go on.", "error", err.Error(), "waiting", c.queue.length())
	}
	return failures + 1
}

// giveUp counts what nobody will get any more.
func (c *collector) giveUp() {
	if lost := c.queue.clear(); lost > 0 {
		c.dropped(lost)
		c.opts.Log.Info("The gateway ends before the log collector took all lines; the rest is lost.", "lines", lost)
	}
}
