package metrics

import (
	"github.com/prometheus/client_golang/prometheus"
)

// LogQueue exports how many lines of the request log wait for a destination, and its counters from the start.
func (m *Metrics) LogQueue(destination string, length func() int) {
	m.logSent.WithLabelValues(destination)
	m.logDropped.WithLabelValues(destination)
	m.Registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Namespace: namespace, Name: "request_log_queue_lines", Help: "Lines of the request log that wait, by destination.",
		ConstLabels: prometheus.Labels{"destination": destination},
	}, func() float64 { return float64(length()) }))
}

// LogSent counts lines that a destination took.
func (m *Metrics) LogSent(destination string, lines int) {
	m.logSent.WithLabelValues(destination).Add(float64(lines))
}

// LogDropped counts lines that no destination will get.
func (m *Metrics) LogDropped(destination string, lines int) {
	m.logDropped.WithLabelValues(destination).Add(float64(lines))
}
