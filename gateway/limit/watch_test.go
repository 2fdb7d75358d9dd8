package limit

import (
	"testing"
	"testing/synctest"
	"time"

	"k8s.io/utils/clock"
)

const (
	stall = 10 * time.Second
	wait  = 30 * time.Second
)

// TestWatch plays requests on a clock of its own: what happens, and which side is found to stand still.
func TestWatch(t *testing.T) {
	type world struct {
		*Watch
		step func(time.Duration)
	}
	slowly := func(w world, during func()) {
		for range 100 {
			w.step(stall - time.Second)
			during()
		}
	}
	cases := []struct {
		name string
		play func(world)
		want Cause
	}{
		{"a slow body that moves", func(w world) { slowly(w, func() { w.Reading(true); w.Reading(false) }) }, Nothing},
		{"a body that stands still", func(w world) { w.Reading(true); w.step(stall) }, ClientSending},
		{"an upstream that takes no body", func(w world) { w.Reading(true); w.Reading(false); w.step(stall) }, Upstream},
		{"an answer within the wait", func(w world) { w.Sent(); w.step(wait - time.Second); w.Answered() }, Nothing},
		{"no answer", func(w world) { w.Sent(); w.step(wait) }, Upstream},
		{"a slow answer that moves", func(w world) { w.Sent(); w.Answered(); slowly(w, w.Progress) }, Nothing},
		{"an answer that stands still", func(w world) { w.Sent(); w.Answered(); w.Progress(); w.step(stall) }, Upstream},
		{"a client that takes nothing", func(w world) { w.Sent(); w.Answered(); w.Writing(true); w.step(stall) }, ClientReceiving},
		{"an answer before the body's end", func(w world) { w.Answered(); w.Sent(); w.step(stall) }, Upstream},
		{"after the end", func(w world) { w.Stop(); w.step(time.Hour) }, Nothing},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				told := 0
				w := world{Watch: NewWatch(clock.RealClock{}, stall, wait, func(Cause) { told++ })}
				w.step = func(d time.Duration) {
					time.Sleep(d) // on the bubble's own clock
					synctest.Wait()
				}
				c.play(w)
				if got := w.Cause(); got != c.want {
					t.Errorf("the cause is %d and not %d", got, c.want)
				}
				settled := c.want != Nothing
				w.Stop()
				w.step(time.Hour)
				if settled != (told == 1) {
					t.Errorf("it was told %d times", told)
				}
			})
		})
	}
}

func TestConcurrency(t *testing.T) {
	var c Concurrency
	first, second, third := c.Acquire(2), c.Acquire(2), c.Acquire(2)
	if !first || !second || third {
		t.Error("of three requests, not exactly two got a place")
	}
	if !c.Acquire(3) {
		t.Error("a raised limit does not hold at once")
	}
	c.Release()
	c.Release()
	if !c.Acquire(2) {
		t.Error("a place that was given back is not free")
	}
}
