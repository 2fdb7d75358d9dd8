// Package metrics holds what the gateway counts, in a registry of its own so that several gateways fit in one process.
//
// It is filled by every request, handshake and reload, and read by the scraper of /metrics. Counters begin at zero after a
// restart, as Prometheus expects.
package metrics

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promauto"

	"lienthong.gov.vn/connector-operator/gateway/mtls"
)

const namespace = "lienthong_gateway"

// Direction is the way a request or handshake goes.
type Direction string

// The directions.
const (
	Inbound  Direction = "inbound"
	Outbound Direction = "outbound"
	Status   Direction = "status"
)

// Metrics of one gateway.
type Metrics struct {
	Registry *prometheus.Registry

	requests   *prometheus.CounterVec
	durations  *prometheus.HistogramVec
	bytes      *prometheus.CounterVec
	inFlight   *prometheus.GaugeVec
	handshakes *prometheus.CounterVec
	failures   *prometheus.CounterVec
	forwarding *prometheus.CounterVec
	reloads    *prometheus.CounterVec
	notAfter   prometheus.Gauge
	problems   prometheus.Gauge
	healthy    *prometheus.GaugeVec
	active     *prometheus.GaugeVec
	logSent    *prometheus.CounterVec
	logDropped *prometheus.CounterVec
	// traffic of the two directions in which requests are forwarded.
	traffic map[Direction]*traffic
}

// New makes the metrics of a gateway of the given version.
func New(version string) *Metrics {
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	f := promauto.With(registry)
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		return f.NewCounterVec(prometheus.CounterOpts{Namespace: namespace, Name: name, Help: help}, labels)
	}
	gauge := func(name, help string, labels ...string) *prometheus.GaugeVec {
		return f.NewGaugeVec(prometheus.GaugeOpts{Namespace: namespace, Name: name, Help: help}, labels)
	}
	m := &Metrics{
		Registry: registry,
		requests: counter("requests_total", "Requests by direction and class of the answer's status code.", "direction", "code"),
		durations: f.NewHistogramVec(prometheus.HistogramOpts{
			Namespace: namespace, Name: "request_duration_seconds", Help: "Time from a request's header to the end of its answer.",
			Buckets: []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 300},
		}, []string{"direction"}),
		bytes:      counter("body_bytes_total", "Bytes of bodies, by direction and whether of requests or responses.", "direction", "of"),
		inFlight:   gauge("requests_in_flight", "Requests under way by direction.", "direction"),
		handshakes: counter("handshakes_total", "TLS handshakes that succeeded, by direction.", "direction"),
		failures:   counter("handshake_failures_total", "TLS handshakes that failed, by direction and reason.", "direction", "reason"),
		forwarding: counter("forwarding_failures_total",
			"Requests that were not forwarded, or whose answer was not brought back whole, by direction and reason.", "direction", "reason"),
		reloads:    counter("reloads_total", "Changes of the mounted files, by whether something was adopted or kept back.", "result"),
		notAfter:   gauge("certificate_not_after_timestamp_seconds", "When the certificate in use ends; 0 while there is none.").WithLabelValues(),
		problems:   gauge("problems", "Number of problems with the mounted files now.").WithLabelValues(),
		healthy:    gauge("endpoint_healthy", "1 if the hub's endpoint answers, else 0.", "endpoint"),
		active:     gauge("endpoint_active", "1 for the hub's endpoint that outbound traffic takes now, else 0.", "endpoint"),
		logSent:    counter("request_log_lines_sent_total", "Lines of the request log that were brought out, by destination.", "destination"),
		logDropped: counter("request_log_lines_dropped_total", "Lines of the request log that were lost, by destination.", "destination"),
	}
	gauge("build_info", "Always 1; the version is a label.", "version").WithLabelValues(version).Set(1)
	m.traffic = map[Direction]*traffic{Inbound: m.trafficOf(Inbound), Outbound: m.trafficOf(Outbound)}
	m.zero()
	return m
}

// zero exports every reason from the start, so that an alert on an increase sees the first one.
func (m *Metrics) zero() {
	for _, direction := range []Direction{Inbound, Outbound, Status} {
		m.handshakes.WithLabelValues(string(direction))
		for _, reason := range mtls.Reasons() {
			m.failures.WithLabelValues(string(direction), string(reason))
		}
	}
	m.reloads.WithLabelValues("adopted")
	m.reloads.WithLabelValues("kept_back")
}

// Handshake counts a handshake by its error, which is nil if it succeeded.
func (m *Metrics) Handshake(direction Direction, err error) {
	if err == nil {
		m.handshakes.WithLabelValues(string(direction)).Inc()
		return
	}
	m.failures.WithLabelValues(string(direction), string(mtls.ReasonOf(err))).Inc()
}

// Reload counts one change of the mounted files.
func (m *Metrics) Reload(adopted bool, problems int) {
	result := "kept_back"
	if adopted {
		result = "adopted"
	}
	m.reloads.WithLabelValues(result).Inc()
	m.problems.Set(float64(problems))
}

// Certificate tells when the certificate in use ends.
func (m *Metrics) Certificate(notAfter time.Time) { m.notAfter.Set(float64(notAfter.Unix())) }

// EndpointState is one hub endpoint for the metrics.
type EndpointState struct {
	Name            string
	Healthy, Active bool
}

// Endpoints replaces what is told of the hub's endpoints.
func (m *Metrics) Endpoints(states []EndpointState) {
	m.healthy.Reset()
	m.active.Reset()
	for _, s := range states {
		m.healthy.WithLabelValues(s.Name).Set(oneIf(s.Healthy))
		m.active.WithLabelValues(s.Name).Set(oneIf(s.Active))
	}
}

func oneIf(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}
