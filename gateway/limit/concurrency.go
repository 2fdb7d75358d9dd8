package limit

import "sync/atomic"

// Concurrency counts requests under way. The limit is given at every call, since it may change while the gateway runs.
type Concurrency struct {
	active atomic.Int64
}

// Acquire takes a place if fewer than limit are taken. Whoever got one calls Release.
func (c *Concurrency) Acquire(limit int) bool {
	if c.active.Add(1) > int64(limit) {
		c.active.Add(-1)
		return false
	}
	return true
}

// Release gives a place back.
func (c *Concurrency) Release() { c.active.Add(-1) }
