package metrics

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Failure is why a request was not forwarded, or its answer not brought back whole.
type Failure string

// All failures.
const (
	// Refused before anything was sent, because of the request itself.
	Refused Failure = "refused"
	// TooLarge is a body over the limit.
	TooLarge Failure = "too_large"
	// Busy is a gateway that has as many requests under way as it may.
	Busy Failure = "busy"
	// ClientStalled is a client that stopped sending or taking.
	ClientStalled Failure = "client_stalled"
	// ClientGone is a client that left before it was answered.
	ClientGone Failure = "client_gone"
	// NoEndpoint is another end of which nothing can be reached now; nothing was sent.
	NoEndpoint Failure = "no_endpoint"
	// UpstreamStalled is another end that did not answer in time.
	UpstreamStalled Failure = "upstream_stalled"
	// UpstreamFailed is another end that could not be talked to, or did not speak HTTP.
	UpstreamFailed Failure = "upstream_failed"
	// AnswerCut is an answer that ended before its end.
	AnswerCut Failure = "answer_cut"
)

// Failures lists them all, so that every one is exported as a metric from the start.
func Failures() []Failure {
	return []Failure{Refused, TooLarge, Busy, ClientStalled, ClientGone, NoEndpoint, UpstreamStalled, UpstreamFailed, AnswerCut}
}

// classes of status codes. A request that was never answered is aborted.
func classes() []string { return []string{"aborted", "1xx", "2xx", "3xx", "4xx", "5xx"} }

// traffic are the figures of one direction, looked up once, because a request must not pay for it.
type traffic struct {
	inFlight            prometheus.Gauge
	requests            []prometheus.Counter // by the first digit of the status code; 0 for aborted
	durations           prometheus.Observer
	received, responded prometheus.Counter
	failures            map[Failure]prometheus.Counter
}

func (m *Metrics) trafficOf(direction Direction) *traffic {
	d := string(direction)
	t := &traffic{
		inFlight: m.inFlight.WithLabelValues(d), durations: m.durations.WithLabelValues(d),
		received: m.bytes.WithLabelValues(d, "requests"), responded: m.bytes.WithLabelValues(d, "responses"),
		failures: map[Failure]prometheus.Counter{},
	}
	for _, class := range classes() {
		t.requests = append(t.requests, m.requests.WithLabelValues(d, class))
	}
	for _, f := range Failures() {
		t.failures[f] = m.forwarding.WithLabelValues(d, string(f))
	}
	return t
}

// Begin counts a request that begins, and returns what is to be called at its end.
func (m *Metrics) Begin(direction Direction) func(code int, took time.Duration, requestBytes, responseBytes int64) {
	t := m.traffic[direction]
	t.inFlight.Inc()
	return func(code int, took time.Duration, requestBytes, responseBytes int64) {
		t.inFlight.Dec()
		t.requests[codeClass(code)].Inc()
		t.durations.Observe(took.Seconds())
		t.received.Add(float64(requestBytes))
		t.responded.Add(float64(responseBytes))
	}
}

// Failed counts a request that was not forwarded, or whose answer was not brought back whole.
func (m *Metrics) Failed(direction Direction, why Failure) { m.traffic[direction].failures[why].Inc() }

// codeClass is the place of the code's class in classes.
func codeClass(code int) int {
	if code < 100 || code > 599 {
		return 0
	}
	return code / 100
}
