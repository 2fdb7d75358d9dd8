package outbound

import (
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
	lastHandshake time.Time
	kick          chan struct{} // asks for a check at once
}

func newHealth() *health { return &health{kick: make(chan struct{}, 1)} }

// healthState is a copy of what is known at one moment.
type healthState struct {
	condition     condition
	err           string
	lastHandshake time.Time
}

func (h *health) state() healthState {
	h.mu.Lock()
	defer h.mu.Unlock()
	return healthState{h.condition, h.err, h.lastHandshake}
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
	h.condition, h.err = up, ""
	if err != nil {
		h.condition, h.err = down, err.Error()
	}
	return h.condition != before
}

func (h *health) recheck() {
	select {
	case h.kick <- struct{}{}:
	default: // one is asked for already
	}
}

// candidates are the indexes to try, best first, of endpoints that stand in order of priority. One that is down is left
// out: waiting for it would cost the client its time, and the next check brings it back.
func candidates(conditions []condition) []int {
	var order []int
	for i, c := range conditions {
		if c != down {
			order = append(order, i)
		}
	}
	return order
}

// active is the index of the endpoint that traffic takes, or -1 if none is known to be healthy.
func active(conditions []condition) int {
	for i, c := range conditions {
		if c == up {
			return i
		}
	}
	return -1
}
