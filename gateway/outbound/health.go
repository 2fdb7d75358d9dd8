package outbound

import (
	"errors"
	"net"
	"sync"
	"time"
)

// condition is what is known of an endpoint.
type condition int

const (
	unknown condition = iota // not checked yet: worth a try
	up
	down
)

// health of one endpoint. It outlives changes of certificate and trust.
type health struct {
	mu            sync.Mutex
	condition     condition
	err           string
	late          bool // what failed took too long, and was not refused
	lastHandshake time.Time
	kick          chan struct{} // asks for a check at once
}

func newHealth() *health { return &health{kick: make(chan struct{}, 1)} }

// healthState is a copy of what is known at one moment.
type healthState struct {
	condition     condition
	err           string
	late          bool
	lastHandshake time.Time
}

func (h *health) state() healthState {
	h.mu.Lock()
	defer h.mu.Unlock()
	return healthState{h.condition, h.err, h.late, h.lastHandshake}
}

func (h *health) handshaken(at time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.lastHandshake = at
}

// set tells whether the condition changed.
func (h *health) set(err error) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	before := h.condition
	h.condition, h.err, h.late = up, "", false
	if err != nil {
		h.condition, h.err, h.late = down, err.Error(), isLate(err)
	}
	return h.condition != before
}

func isLate(err error) bool {
	var timeout net.Error
	return errors.As(err, &timeout) && timeout.Timeout()
}

func (h *health) recheck() {
	select {
	case h.kick <- struct{}{}:
	default: // one is asked for already
	}
}

// candidates are the indexes to try, best first, of endpoints that stand in order of priority. One that is down is left
// out: waiting for it would cost the client its time, and the next check brings it back. Where all are down, those that only
// took too long are tried all the same: all at once are rather slow than gone, and what is not tried surely fails.
func candidates(states []healthState) []int {
	var order, lateOnes []int
	for i, s := range states {
		switch {
		case s.condition != down:
			order = append(order, i)
		case s.late:
			lateOnes = append(lateOnes, i)
		}
	}
	if len(order) == 0 {
		return lateOnes
	}
	return order
}

// active is the index of the endpoint that traffic takes, or -1 if none is known to be healthy.
func active(states []healthState) int {
	for i, s := range states {
		if s.condition == up {
			return i
		}
	}
	return -1
}
