package approval

import (
	"errors"
	"fmt"

	"github.com/prometheus/client_golang/prometheus"
)

// counters of what was refused. They begin at zero after a restart, as Prometheus expects.
type counters struct {
	denied, overruled *prometheus.CounterVec
}

func newCounters(registry prometheus.Registerer) (*counters, error) {
	denied, err := register(registry, prometheus.CounterOpts{
		Name: "lienthong_certificate_requests_denied_total",
		Help: "CertificateRequests for a hub's issuer that the operator denied, by the check that failed.",
	})
	if err != nil {
		return nil, err
	}
	overruled, err := register(registry, prometheus.CounterOpts{
		Name: "lienthong_certificate_requests_approved_by_other_total",
		Help: "CertificateRequests for a hub's issuer that somebody else approved although the operator would have denied them, by the check that failed.",
	})
	if err != nil {
		return nil, err
	}
	return &counters{denied: denied, overruled: overruled}, nil
}

// RegisterMetrics registers the counters with a registry of one's own, as for a list of all metrics that there are.
func RegisterMetrics(registry prometheus.Registerer) error {
	_, err := newCounters(registry)
	return err
}

// register adds a counter, or gives the one that an earlier manager of this process added: controller-runtime has one registry.
func register(registry prometheus.Registerer, options prometheus.CounterOpts) (*prometheus.CounterVec, error) {
	counter := prometheus.NewCounterVec(options, []string{"reason"})
	err := registry.Register(counter)
	var already prometheus.AlreadyRegisteredError
	if errors.As(err, &already) {
		if existing, ok := already.ExistingCollector.(*prometheus.CounterVec); ok {
			return existing, nil
		}
	}
	if err != nil {
		return nil, fmt.Errorf("registering the metric %s: %w", options.Name, err)
	}
	return counter, nil
}
