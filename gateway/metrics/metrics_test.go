package metrics

import (
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
)

// Every class is counted apart; a code that is none is a request that was never answered.
func TestRequestsAreCountedByClass(t *testing.T) {
	m := New("test")
	for _, code := range []int{0, 99, 600, 101, 200, 204, 302, 404, 499, 503} {
		m.Begin(Inbound)(code, time.Second, 10, 20)
	}
	want := map[string]float64{"aborted": 3, "1xx": 1, "2xx": 2, "3xx": 1, "4xx": 2, "5xx": 1}
	for class, n := range want {
		if got := testutil.ToFloat64(m.requests.WithLabelValues("inbound", class)); got != n {
			t.Errorf("%v requests of class %s, and not %v", got, class, n)
		}
		if got := testutil.ToFloat64(m.requests.WithLabelValues("outbound", class)); got != 0 {
			t.Errorf("%v outbound requests of class %s, where there were none", got, class)
		}
	}
	if got := testutil.ToFloat64(m.bytes.WithLabelValues("inbound", "responses")); got != 200 {
		t.Errorf("%v bytes of answers", got)
	}
}

// A request is in flight from its beginning to its end.
func TestInFlight(t *testing.T) {
	m := New("test")
	end := m.Begin(Outbound)
	if got := testutil.ToFloat64(m.inFlight.WithLabelValues("outbound")); got != 1 {
		t.Errorf("%v under way", got)
	}
	end(200, time.Second, 0, 0)
	if got := testutil.ToFloat64(m.inFlight.WithLabelValues("outbound")); got != 0 {
		t.Errorf("%v under way at the end", got)
	}
}

// The names keep to the conventions of Prometheus.
func TestNames(t *testing.T) {
	m := New("test")
	m.LogQueue("output", func() int { return 0 })
	problems, err := testutil.GatherAndLint(m.Registry)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Errorf("%s: %s", p.Metric, p.Text)
	}
}

// BenchmarkRequest is what the figures of one request cost.
func BenchmarkRequest(b *testing.B) {
	m := New("test")
	for b.Loop() {
		m.Begin(Inbound)(200, time.Millisecond, 100, 100)
	}
}
