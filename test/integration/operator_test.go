package integration

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"k8s.io/client-go/rest"
	"k8s.io/utils/clock"

	"lienthong.gov.vn/connector-operator/controllers"
	"lienthong.gov.vn/connector-operator/controllers/observe"
	"lienthong.gov.vn/connector-operator/test/harness"
)

// operator is the one of the package. A test that stops it, or moves its clock, does not run beside others, and puts it back.
type operator struct {
	env     *harness.Env
	fetcher observe.Fetcher
	running *harness.Operator

	mu sync.Mutex
	// refusals tell by namespace which calls of the operator do not get through.
	refusals map[string]func(*http.Request) *http.Response
}

// start runs it with that clock.
func (o *operator) start(c clock.WithTicker) error {
	config := rest.CopyConfig(o.env.OperatorConfig())
	config.Wrap(func(next http.RoundTripper) http.RoundTripper { return line{o, next} })
	timing := observe.DefaultTiming()
	// A test waits for what a pod says; with few pods they can be asked often.
	timing.Settled, timing.Eager = time.Second, 200*time.Millisecond
	if _, slow := c.(*slowClock); slow {
		timing.Settled, timing.Eager = timing.Settled/slowness, timing.Eager/slowness
	}
	own := &observe.IdentityFetcher{Dir: shared.identities, Clock: c}
	running, err := harness.StartOperator(context.Background(), config, controllers.Dependencies{
		Clock: c, Fetcher: o.fetcher, Timing: timing, Identity: own.Identity,
	})
	if err == nil {
		o.running = running
	}
	return err
}

// stop ends it; after the test it runs again, whatever became of the test.
func (o *operator) stop(t *testing.T) {
	t.Helper()
	o.end(t)
	t.Cleanup(func() {
		if o.running == nil {
			o.again(t, clock.RealClock{})
		}
	})
}

func (o *operator) end(t *testing.T) {
	t.Helper()
	running := o.running
	o.running = nil
	if err := running.Stop(); err != nil {
		t.Errorf("the operator ended with %v", err)
	}
}

// again starts it after stop.
func (o *operator) again(t *testing.T, c clock.WithTicker) {
	t.Helper()
	if err := o.start(c); err != nil {
		t.Fatal(err)
	}
}

// underClock restarts it with that clock, and with the real one after the test.
func (o *operator) underClock(t *testing.T, c clock.WithTicker) {
	t.Helper()
	o.stop(t)
	o.again(t, c)
	t.Cleanup(func() {
		if o.running != nil {
			o.end(t)
		}
	})
}

// refuse answers calls about one namespace in the place of the API server for as long as the test runs: those for which the function
// gives a response or, for an error, none.
func (o *operator) refuse(t *testing.T, namespace string, answer func(*http.Request) *http.Response) {
	t.Helper()
	set := func(f func(*http.Request) *http.Response) {
		o.mu.Lock()
		defer o.mu.Unlock()
		o.refusals[namespace] = f
	}
	set(answer)
	t.Cleanup(func() { set(nil) })
}

// line is the operator's connection to the API server.
type line struct {
	operator *operator
	next     http.RoundTripper
}

// RoundTrip passes on what is not refused.
func (l line) RoundTrip(r *http.Request) (*http.Response, error) {
	_, rest, found := strings.Cut(r.URL.Path, "/namespaces/")
	namespace, _, _ := strings.Cut(rest, "/")
	l.operator.mu.Lock()
	answer := l.operator.refusals[namespace]
	l.operator.mu.Unlock()
	if !found || answer == nil {
		return l.next.RoundTrip(r)
	}
	response := answer(r)
	switch response {
	case nil:
		return l.next.RoundTrip(r)
	case cut:
		return nil, errors.New("the test has cut the line to the API server")
	}
	response.Request = r
	return response, nil
}

// cut stands for a call that never arrives.
var cut = &http.Response{}

// writesTo tells whether a call writes what a path ends in, such as certificates/main-gateway/status.
func writesTo(r *http.Request, path string) bool {
	return r.Method != http.MethodGet && strings.HasSuffix(r.URL.Path, "/"+path)
}

// slowClock goes on from where the test puts it at a small part of the pace of real time: what is yet to come does not come by itself, and
// what is asked again after a while is asked.
type slowClock struct {
	clock.RealClock

	mu  sync.Mutex
	at  time.Time
	put time.Time
}

// slowness is how many times slower than real time a slowClock is.
const slowness = 20

func slowlyFrom(at time.Time) *slowClock { return &slowClock{at: at, put: time.Now()} }

// Now is the time on the clock.
func (c *slowClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at.Add(time.Since(c.put) / slowness)
}

// Since counts by the clock.
func (c *slowClock) Since(t time.Time) time.Duration { return c.Now().Sub(t) }

func (c *slowClock) set(at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at, c.put = at, time.Now()
}
