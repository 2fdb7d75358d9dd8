package limit

import (
	"sync"
	"time"

	"k8s.io/utils/clock"
)

// Cause is which side stood still.
type Cause int

// The causes. Nothing means that the request keeps moving.
const (
	Nothing Cause = iota
	// ClientSending: the client stopped sending its body.
	ClientSending
	// Upstream: the other end took no more of the body, or did not answer, or stopped in its answer.
	Upstream
	// ClientReceiving: the client stopped taking the answer.
	ClientReceiving
)

type phase int

const (
	sending phase = iota
	waiting
	receiving
)

// Watch notices that a request makes no progress. A slow body that moves may take as long as it needs; one that stands
// still for the stall timeout, or an answer that does not begin within the wait timeout, ends the request.
type Watch struct {
	stall, wait time.Duration
	clock       clock.WithDelayedExecution
	onStall     func(Cause)

	mu      sync.Mutex
	phase   phase
	reading bool
	writing bool
	last    time.Time
	timer   clock.Timer
	cause   Cause
	stopped bool
}

// NewWatch starts to watch a request that sends its body. onStall is called at most once, and never after Stop returned.
func NewWatch(c clock.WithDelayedExecution, stall, wait time.Duration, onStall func(Cause)) *Watch {
	w := &Watch{stall: stall, wait: wait, clock: c, onStall: onStall, last: c.Now()}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.timer = c.AfterFunc(stall, w.expire)
	return w
}

// Reading is told before and after each read of the client's body.
func (w *Watch) Reading(now bool) { w.move(func() { w.reading = now }) }

// Writing is told before and after each write to the client.
func (w *Watch) Writing(now bool) { w.move(func() { w.writing = now }) }

// Sent is told when the client's body is complete: now the answer is awaited.
func (w *Watch) Sent() {
	w.move(func() {
		if w.phase == sending {
			w.phase = waiting
			w.rearm(w.wait)
		}
	})
}

// Answered is told when the answer's header has come: now its body is awaited.
func (w *Watch) Answered() {
	w.move(func() {
		w.phase = receiving
		w.rearm(w.stall)
	})
}

// Progress is told whenever bytes of the answer moved.
func (w *Watch) Progress() { w.move(func() {}) }

// Cause is what ended the request, or Nothing.
func (w *Watch) Cause() Cause {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.cause
}

// Stop ends the watch.
func (w *Watch) Stop() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.stopped = true
	w.timer.Stop()
}

func (w *Watch) move(change func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.stopped || w.cause != Nothing {
		return
	}
	w.last = w.clock.Now()
	change()
}

// rearm replaces the timer, for the wait of one phase may be shorter than what is left of the one before.
func (w *Watch) rearm(d time.Duration) {
	w.timer.Stop()
	w.timer = w.clock.AfterFunc(d, w.expire)
}

// expire runs when the timer fires. Progress does not touch the timer, which would cost on every read: it is set anew here.
func (w *Watch) expire() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.stopped || w.cause != Nothing {
		return
	}
	bound := w.stall
	if w.phase == waiting {
		bound = w.wait
	}
	if idle := w.clock.Since(w.last); idle < bound {
		w.rearm(bound - idle)
		return
	}
	w.cause = w.culprit()
	w.onStall(w.cause)
}

func (w *Watch) culprit() Cause {
	switch {
	case w.phase == sending && w.reading:
		return ClientSending
	case w.phase == receiving && w.writing:
		return ClientReceiving
	}
	return Upstream
}
