// Package metrics tells Prometheus what the status of every Connector, ExchangeHub, SecurityProfile, ConnectorClass and RolloutPlan says,
// for those who watch a whole country.
//
// Whoever scrapes /metrics of the operator that leads runs it: each scrape reads the manager's cache and makes the figures from it.
// Nothing is counted or kept, so a restarted operator tells the same at its first scrape, and what was deleted is gone at the next.
package metrics

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	ctrlmetrics "sigs.k8s.io/controller-runtime/pkg/metrics"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

// patience bounds one scrape. The cache answers at once, unless it is still being filled.
const patience = 5 * time.Second

// Collector reads the objects at each scrape.
type Collector struct {
	reader  client.Reader
	problem func(error)
	figures figures
}

var _ prometheus.Collector = (*Collector)(nil)

// New makes a Collector. A problem with reading is told to the function: a scrape then lacks these figures and has all others.
func New(reader client.Reader, problem func(error)) *Collector {
	return &Collector{reader: reader, problem: problem, figures: newFigures()}
}

// SetupWithManager lets the manager tell the figures among its own, for as long as it leads.
func SetupWithManager(mgr ctrl.Manager) error {
	log := mgr.GetLogger().WithName("metrics")
	c := New(mgr.GetClient(), func(err error) {
		log.Error(err, "A scrape of the metrics lacks the figures of Connectors, hubs, profiles, classes and plans")
	})
	if err := mgr.Add(&leading{c, ctrlmetrics.Registry}); err != nil {
		return fmt.Errorf("adding the metrics of Connectors: %w", err)
	}
	return nil
}

// leading registers the Collector with the leader's other tasks, so that of several replicas one tells the figures.
type leading struct {
	collector prometheus.Collector
	registry  prometheus.Registerer
}

// Start registers until the context ends. A manager that runs beside another in one process, as only tests have it, lets that one tell.
func (l *leading) Start(ctx context.Context) error {
	err := l.registry.Register(l.collector)
	if already := (prometheus.AlreadyRegisteredError{}); errors.As(err, &already) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("registering the metrics of Connectors: %w", err)
	}
	<-ctx.Done()
	l.registry.Unregister(l.collector)
	return nil
}

// NeedLeaderElection is what the manager asks.
func (*leading) NeedLeaderElection() bool { return true }

// Describe tells which figures there are.
func (c *Collector) Describe(to chan<- *prometheus.Desc) {
	for _, d := range c.figures.all() {
		to <- d
	}
}

// Collect reads the cache and tells the figures.
func (c *Collector) Collect(to chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := c.read(ctx, to); err != nil {
		c.problem(err)
	}
}

func (c *Collector) read(ctx context.Context, to chan<- prometheus.Metric) error {
	var connectors v1alpha1.ConnectorList
	var hubs v1alpha1.ExchangeHubList
	var profiles v1alpha1.SecurityProfileList
	var classes v1alpha1.ConnectorClassList
	var plans v1alpha1.RolloutPlanList
	for _, list := range []client.ObjectList{&connectors, &hubs, &profiles, &classes, &plans} {
		if err := c.reader.List(ctx, list, client.UnsafeDisableDeepCopy); err != nil {
			return fmt.Errorf("listing %T: %w", list, err)
		}
	}
	for i := range connectors.Items {
		c.figures.connectors.tell(&connectors.Items[i], to)
	}
	census := take(connectors.Items)
	for i := range hubs.Items {
		c.figures.hubs.tell(&hubs.Items[i], census, to)
	}
	for i := range profiles.Items {
		c.figures.profiles.tell(profiles.Items[i].Name, profiles.Items[i].Status.Rollout, to)
	}
	for i := range classes.Items {
		c.figures.classes.tell(classes.Items[i].Name, classes.Items[i].Status.Rollout, to)
	}
	for i := range plans.Items {
		c.figures.plans.tell(&plans.Items[i], to)
	}
	return nil
}
