// Package trial measures an operator that runs a fleet: what it asks of the API server, and how soon it does what. It asserts
// nothing; the scale test and the benchmark judge what it found.
package trial

import (
	"context"
	"errors"
	"fmt"
	"time"

	dto "github.com/prometheus/client_model/go"
	"k8s.io/client-go/rest"
	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/metrics"

	"lienthong.gov.vn/connector-operator/controllers"
	"lienthong.gov.vn/connector-operator/controllers/observe"
	"lienthong.gov.vn/connector-operator/test/harness"
	"lienthong.gov.vn/connector-operator/test/scale/calls"
	"lienthong.gov.vn/connector-operator/test/scale/fleet"
)

// Operator is a running operator whose calls are recorded.
type Operator interface {
	// Calls gives every call so far.
	Calls() ([]calls.Call, error)
	// Looked says what is missing until each object of a fleet of that size was reconciled since the start, and nothing is queued.
	Looked(size fleet.Size) error
	// Stop stops it and waits until it is gone.
	Stop() error
}

// InProcess is an operator in this process.
type InProcess struct {
	running  *harness.Operator
	recorder *calls.Recorder
	// before is how often each controller had reconciled when this operator started: the counters are the process's.
	before map[string]float64
	// leftQueued is what an operator before left in its queues when it was stopped: nobody takes that off the gauges any more.
	leftQueued map[string]float64
}

// StartInProcess starts an operator in this process, with the permissions and the address of the config; the recorder sees its calls.
func StartInProcess(
	ctx context.Context, config *rest.Config, recorder *calls.Recorder, fetcher observe.Fetcher, timing observe.Timing,
) (*InProcess, error) {
	return StartInProcessBy(ctx, clock.RealClock{}, config, recorder, fetcher, timing)
}

// StartInProcessBy is StartInProcess by another clock. What else the operator is told, change says.
func StartInProcessBy(
	ctx context.Context, by clock.WithTicker, config *rest.Config, recorder *calls.Recorder, fetcher observe.Fetcher, timing observe.Timing,
	change ...func(*controllers.Options),
) (*InProcess, error) {
	before, err := gather("controller_runtime_reconcile_total")
	if err != nil {
		return nil, err
	}
	leftQueued, err := gather(queueDepth)
	if err != nil {
		return nil, err
	}
	config = rest.CopyConfig(config)
	config.Wrap(recorder.Wrap)
	running, err := harness.StartOperator(ctx, config, controllers.Dependencies{Clock: by, Fetcher: fetcher, Timing: timing}, change...)
	if err != nil {
		return nil, err
	}
	return &InProcess{running: running, recorder: recorder, before: before, leftQueued: leftQueued}, nil
}

// Calls gives every call so far.
func (o *InProcess) Calls() ([]calls.Call, error) { return o.recorder.All(), nil }

// Stop stops the operator and waits until it is gone.
func (o *InProcess) Stop() error { return o.running.Stop() }

// Looked says what is missing until each object of a fleet of that size was reconciled since the start, and nothing is queued.
func (o *InProcess) Looked(size fleet.Size) error {
	now, err := gather("controller_runtime_reconcile_total")
	if err != nil {
		return err
	}
	queued, err := gather(queueDepth)
	if err != nil {
		return err
	}
	var missing []error
	for controller, want := range map[string]int{
		"connector": size.Connectors(), "agency": size.Agencies, "hub": 1, "rolloutplan": 1, "securityprofile": 1, "connectorclass": 1,
	} {
		if done := int(now[controller] - o.before[controller]); done < want {
			missing = append(missing, fmt.Errorf("controller %s has reconciled %d times, want %d", controller, done, want))
		}
		if n := queued[controller] - o.leftQueued[controller]; n > 0 {
			missing = append(missing, fmt.Errorf("controller %s has %d objects in its queue", controller, int(n)))
		}
	}
	return errors.Join(missing...)
}

const queueDepth = "workqueue_depth"

// gather adds up a metric of this process by controller.
func gather(name string) (map[string]float64, error) {
	families, err := metrics.Registry.Gather()
	if err != nil {
		return nil, fmt.Errorf("reading this process's metrics: %w", err)
	}
	sums := map[string]float64{}
	for _, family := range families {
		if family.GetName() != name {
			continue
		}
		for _, metric := range family.GetMetric() {
			sums[controllerOf(metric)] += metric.GetCounter().GetValue() + metric.GetGauge().GetValue()
		}
	}
	return sums, nil
}

func controllerOf(metric *dto.Metric) string {
	for _, label := range metric.GetLabel() {
		if label.GetName() == "controller" {
			return label.GetValue()
		}
	}
	return ""
}

// since gives the calls that were sent at or after the moment.
func since(list []calls.Call, moment time.Time) []calls.Call {
	var result []calls.Call
	for i := range list {
		if !list[i].Start.Before(moment) {
			result = append(result, list[i])
		}
	}
	return result
}
