package observe

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-logr/logr/testr"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/clock"

	"lienthong.gov.vn/connector-operator/gateway/status"
	"lienthong.gov.vn/connector-operator/gateway/trust"
)

// script answers as a test tells it, and counts the questions.
type script struct {
	mu     sync.Mutex
	report status.Report
	err    error
	asked  int
}

func (s *script) Fetch(context.Context, Target) (status.Report, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked++
	return s.report, s.err
}

func (s *script) set(report status.Report, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.report, s.err = report, err
}

func (s *script) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked
}

type bench struct {
	*Observer
	script *script
	mu     sync.Mutex
	woken  int
}

func (b *bench) wakes() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.woken
}

// observing runs an Observer inside a bubble of synctest, where time passes only while nobody works.
func observing(t *testing.T, run func(t *testing.T, b *bench)) {
	synctest.Test(t, func(t *testing.T) {
		b := &bench{script: &script{report: status.Report{SerialNumber: "1"}}}
		b.Observer = New(b.script, DefaultTiming(), clock.RealClock{}, testr.New(t), func(types.NamespacedName) {
			b.mu.Lock()
			defer b.mu.Unlock()
			b.woken++
		})
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- b.Start(ctx) }()
		run(t, b)
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

func connector() types.NamespacedName { return types.NamespacedName{Namespace: "g12", Name: "main"} }

func target(uid types.UID) Target {
	return Target{Pod: uid, Address: "192.0.2.1:8444", Anchors: &trust.Bundle{Digest: "sha256:1"}}
}

// wait lets time pass in the bubble.
func wait(d time.Duration) {
	time.Sleep(d) // on the bubble's own clock
	synctest.Wait()
}

func TestAPodIsAskedOnceAndThenSeldom(t *testing.T) {
	observing(t, func(t *testing.T, b *bench) {
		if known := b.Watch(connector(), []Target{target("a")}, false); len(known) != 0 {
			t.Errorf("a pod that was never asked is known: %v", known)
		}
		synctest.Wait()
		if b.script.count() != 1 || b.wakes() != 1 {
			t.Errorf("asked %d times, woke %d times; want once each", b.script.count(), b.wakes())
		}
		known := b.Watch(connector(), []Target{target("a")}, false)
		if o, ok := known["a"]; !ok || o.Report == nil || o.Report.SerialNumber != "1" {
			t.Errorf("known is %+v, want the report", known)
		}
		wait(60 * time.Second)
		if n := b.script.count(); n < 4 || n > 6 {
			t.Errorf("a settled pod was asked %d times in a minute, want about every 15 s", n)
		}
		if b.wakes() != 1 {
			t.Errorf("an unchanged answer woke the Connector %d times", b.wakes()-1)
		}
	})
}

func TestOnlyARealChangeWakes(t *testing.T) {
	observing(t, func(t *testing.T, b *bench) {
		b.Watch(connector(), []Target{target("a")}, true)
		synctest.Wait()
		now := time.Now()
		b.script.set(status.Report{
			SerialNumber: "1", LastHandshake: &now,
			Problems:  []string{},
			Endpoints: []status.Endpoint{},
		}, nil)
		wait(5 * time.Second)
		if b.wakes() > 2 {
			t.Errorf("a handshake at another time woke the Connector %d times", b.wakes())
		}
		before := b.wakes()
		b.script.set(status.Report{SerialNumber: "2"}, nil)
		wait(5 * time.Second)
		if b.wakes() != before+1 {
			t.Errorf("a new serial woke the Connector %d times, want once", b.wakes()-before)
		}
	})
}

func TestAPodIsSilentOnlyAfterSeveralFailures(t *testing.T) {
	observing(t, func(t *testing.T, b *bench) {
		b.script.set(status.Report{}, errors.New("read tcp 10.0.0.9:43210->10.0.0.1:8444: reset"))
		b.Watch(connector(), []Target{target("a")}, false)
		wait(1500 * time.Millisecond)
		if known := b.Watch(connector(), []Target{target("a")}, false); len(known) != 0 {
			t.Errorf("after two failures the pod counts as silent: %+v", known)
		}
		wait(1500 * time.Millisecond)
		known := b.Watch(connector(), []Target{target("a")}, false)
		if got := known["a"].Problem; got != "read tcp 10.0.0.1:8444: reset" {
			t.Errorf("the problem is %q; want it without the local port, which differs each time", got)
		}
		woken := b.wakes()
		wait(time.Minute)
		if b.wakes() != woken {
			t.Errorf("a pod that stays silent woke the Connector %d times more", b.wakes()-woken)
		}
		b.script.set(status.Report{SerialNumber: "1"}, nil)
		wait(16 * time.Second)
		if b.wakes() != woken+1 {
			t.Error("a pod that speaks again does not wake the Connector once")
		}
	})
}

func TestAnotherTargetIsAskedAnew(t *testing.T) {
	observing(t, func(t *testing.T, b *bench) {
		b.Watch(connector(), []Target{target("a")}, false)
		synctest.Wait()
		changed := target("a")
		changed.Anchors = &trust.Bundle{Digest: "sha256:2"}
		if known := b.Watch(connector(), []Target{changed}, false); len(known) != 0 {
			t.Errorf("an answer that was given under other trust is still known: %v", known)
		}
		synctest.Wait()
		if b.script.count() != 2 {
			t.Errorf("asked %d times, want anew", b.script.count())
		}
	})
}

func TestForgottenPodsAreNotAsked(t *testing.T) {
	observing(t, func(t *testing.T, b *bench) {
		b.Watch(connector(), []Target{target("a"), target("b")}, true)
		synctest.Wait()
		b.Watch(connector(), []Target{target("b")}, true)
		b.Forget(connector())
		asked := b.script.count()
		wait(time.Minute)
		if b.script.count() != asked {
			t.Errorf("pods that are gone were asked %d times", b.script.count()-asked)
		}
	})
}

func TestManyPodsAreAskedNoFasterThanTheRate(t *testing.T) {
	timing := DefaultTiming()
	o := New(&script{}, timing, clock.RealClock{}, testr.New(t), func(types.NamespacedName) {})
	defer o.queue.ShutDown()
	for i := range 5000 {
		name := types.NamespacedName{Namespace: "n", Name: string(rune('a'+i%26)) + time.Duration(i).String()}
		o.Watch(name, []Target{target("a")}, false)
	}
	if got, want := o.pause(&known{}), 100*time.Second; got != want {
		t.Errorf("with 5000 Connectors a settled pod is asked every %s, want %s", got, want)
	}
}
