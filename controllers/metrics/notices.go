package metrics

import (
	"context"
	"fmt"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	ctrlmetrics "sigs.k8s.io/controller-runtime/pkg/metrics"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

// Notices tells what the statuses of the NoticeQueues say. There are as many labels as there are declared sinks.
type Notices struct {
	reader                                client.Reader
	problem                               func(error)
	pending, delivered, failures, dropped *prometheus.Desc
}

var _ prometheus.Collector = (*Notices)(nil)

// NewNotices makes a collector. A problem with reading is told to the function: a scrape then lacks these figures and has all others.
func NewNotices(reader client.Reader, problem func(error)) *Notices {
	sink := []string{"kind", "owner", "sink"}
	return &Notices{
		reader: reader, problem: problem,
		pending: prometheus.NewDesc("lienthong_notices_pending", "Notices that the sink lacks still, over all queues.", sink, nil),
		delivered: prometheus.NewDesc("lienthong_notices_delivered_total",
			"Notices that the sink has taken, over all queues that there are.", sink, nil),
		failures: prometheus.NewDesc("lienthong_notice_sink_failures",
			"Attempts in a row that have failed, as last written: the most of all queues; 0 while the sink takes notices.", sink, nil),
		dropped: prometheus.NewDesc("lienthong_notices_dropped_total",
			"Notices that a queue gave up because too many were pending.", []string{"kind", "subject"}, nil),
	}
}

// SetupNotices lets the manager tell the figures among its own, for as long as it leads.
func SetupNotices(mgr ctrl.Manager) error {
	log := mgr.GetLogger().WithName("metrics")
	c := NewNotices(mgr.GetClient(), func(err error) { log.Error(err, "A scrape of the metrics lacks the notices") })
	if err := mgr.Add(&leading{c, ctrlmetrics.Registry}); err != nil {
		return fmt.Errorf("adding the metrics of notices: %w", err)
	}
	return nil
}

// Describe tells which figures there are.
func (n *Notices) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{n.pending, n.delivered, n.failures, n.dropped} {
		to <- d
	}
}

type sinkFigures struct {
	pending, failures int32
	delivered         int64
}

// Collect reads the cache and tells the figures.
func (n *Notices) Collect(to chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	var queues v1alpha1.NoticeQueueList
	if err := n.reader.List(ctx, &queues, client.UnsafeDisableDeepCopy); err != nil {
		n.problem(fmt.Errorf("listing NoticeQueues: %w", err))
		return
	}
	sinks := map[string]sinkFigures{}
	for i := range queues.Items {
		q := &queues.Items[i]
		to <- prometheus.MustNewConstMetric(n.dropped, prometheus.CounterValue, float64(q.Status.Dropped),
			string(q.Spec.Subject.Kind), q.Spec.Subject.Name)
		for j := range q.Status.Sinks {
			told := &q.Status.Sinks[j]
			f := sinks[told.Sink]
			if told.Pending != nil {
				f.pending += *told.Pending
			}
			f.delivered += told.Delivered
			f.failures = max(f.failures, told.Failures)
			sinks[told.Sink] = f
		}
	}
	for reference, f := range sinks {
		kind, rest, _ := strings.Cut(reference, "/")
		owner, sink, _ := strings.Cut(rest, "/")
		gauge(to, n.pending, float64(f.pending), kind, owner, sink)
		gauge(to, n.failures, float64(f.failures), kind, owner, sink)
		to <- prometheus.MustNewConstMetric(n.delivered, prometheus.CounterValue, float64(f.delivered), kind, owner, sink)
	}
}
