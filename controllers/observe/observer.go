package observe

import (
	"context"
	"sync"
	"time"

	"github.com/go-logr/logr"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/workqueue"
	"k8s.io/utils/clock"
)

// Timing says how often gateways are asked.
type Timing struct {
	// Settled is the pause between two questions to a pod whose answer is as it should be.
	Settled time.Duration
	// Eager is the pause while something is under way.
	Eager time.Duration
	// Timeout of one question.
	Timeout time.Duration
	// Rate bounds the questions per second over all settled pods: with many pods the pause grows.
	Rate int
	// Workers is how many questions are asked at once.
	Workers int
	// Urge is how many questions in a row may be eager; what is under way for longer is asked about like everything else.
	Urge int
	// Patience is how many failures in a row are needed before a pod counts as silent.
	Patience int
}

// DefaultTiming suits a country's connectors.
func DefaultTiming() Timing {
	return Timing{
		Settled: 15 * time.Second, Eager: time.Second, Timeout: 2 * time.Second, Rate: 50, Workers: 64, Patience: 3, Urge: 60,
	}
}

// Observer asks gateways. Its methods may be called from several goroutines.
type Observer struct {
	fetcher Fetcher
	timing  Timing
	log     logr.Logger
	wake    func(types.NamespacedName)
	queue   workqueue.TypedDelayingInterface[question]

	mu         sync.Mutex
	connectors map[types.NamespacedName]map[types.UID]*known
	// pods is how many there are over all Connectors.
	pods int
}

type question struct {
	connector types.NamespacedName
	pod       types.UID
}

type known struct {
	target Target
	// urged counts the eager questions since the pod last said something new.
	urged    int
	eager    bool
	failures int
	answer   *Observation
}

// New makes an Observer that calls wake when an answer about a Connector's pods changed.
func New(fetcher Fetcher, timing Timing, c clock.WithTicker, log logr.Logger, wake func(types.NamespacedName)) *Observer {
	return &Observer{
		fetcher: fetcher, timing: timing, log: log, wake: wake,
		queue: workqueue.NewTypedDelayingQueueWithConfig(workqueue.TypedDelayingQueueConfig[question]{
			Name: "gateway-observer", Clock: c,
		}),
		connectors: map[types.NamespacedName]map[types.UID]*known{},
	}
}

// Watch says which pods a Connector has now, and gives what is known of each; one that was not asked yet is absent. With
// eager, the pods are asked often, because something is under way.
func (o *Observer) Watch(connector types.NamespacedName, targets []Target, eager bool) map[types.UID]Observation {
	o.mu.Lock()
	defer o.mu.Unlock()
	before, after := o.connectors[connector], make(map[types.UID]*known, len(targets))
	answers := make(map[types.UID]Observation, len(targets))
	for _, t := range targets {
		k := before[t.Pod]
		if k == nil || !k.target.same(t) {
			k = &known{}
			o.queue.Add(question{connector, t.Pod})
		} else if eager && !k.eager {
			o.queue.AddAfter(question{connector, t.Pod}, o.timing.Eager)
		}
		k.target, k.eager = t, eager
		after[t.Pod] = k
		if k.answer != nil {
			answers[t.Pod] = *k.answer
		}
	}
	o.pods += len(after) - len(before)
	o.connectors[connector] = after
	return answers
}

// Forget drops what is known of a Connector that is gone.
func (o *Observer) Forget(connector types.NamespacedName) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.pods -= len(o.connectors[connector])
	delete(o.connectors, connector)
}

// Start asks until the context ends.
func (o *Observer) Start(ctx context.Context) error {
	var workers sync.WaitGroup
	for range o.timing.Workers {
		workers.Go(func() {
			for o.next(ctx) {
			}
		})
	}
	<-ctx.Done()
	o.queue.ShutDown()
	workers.Wait()
	return nil
}

func (o *Observer) next(ctx context.Context) bool {
	q, shutdown := o.queue.Get()
	if shutdown {
		return false
	}
	defer o.queue.Done(q)
	target, ok := o.target(q)
	if !ok {
		return true
	}
	asked, cancel := context.WithTimeout(ctx, o.timing.Timeout)
	defer cancel()
	var got Observation
	report, err := o.fetcher.Fetch(asked, target)
	switch {
	case ctx.Err() != nil:
		// The operator is leaving: that the question was cut short says nothing about the pod.
		return true
	case err != nil:
		got.Problem = stable(err.Error())
		o.log.V(1).Info("A gateway could not be asked.", "pod", target.Namespace+"/"+target.Name, "problem", got.Problem)
	default:
		got.Report = settle(report)
	}
	if pause, changed, watched := o.record(q, target, got); watched {
		o.queue.AddAfter(q, pause)
		if changed {
			o.wake(q.connector)
		}
	}
	return true
}

func (o *Observer) target(q question) (Target, bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	k := o.connectors[q.connector][q.pod]
	if k == nil {
		return Target{}, false
	}
	return k.target, true
}

// record keeps an answer, and tells when to ask again and whether the Connector has to know.
func (o *Observer) record(q question, asked Target, got Observation) (pause time.Duration, changed, watched bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	k := o.connectors[q.connector][q.pod]
	if k == nil || !k.target.same(asked) {
		// Meanwhile the pod went, or is to be asked otherwise: Watch has queued that.
		return 0, false, false
	}
	if got.Report == nil {
		k.failures++
		if k.failures < o.timing.Patience {
			return o.timing.Eager, false, true
		}
	} else {
		k.failures = 0
	}
	changed = k.answer == nil || !k.answer.equal(got)
	k.answer = &got
	k.urged++
	if changed || !k.eager {
		k.urged = 0
	}
	return o.pause(k), changed, true
}

func (o *Observer) pause(k *known) time.Duration {
	settled := max(o.timing.Settled, time.Duration(o.pods)*time.Second/time.Duration(o.timing.Rate))
	if k.failures > 0 {
		return min(settled, o.timing.Eager<<min(k.failures, 10))
	}
	if k.eager && k.urged < o.timing.Urge {
		return o.timing.Eager
	}
	return settled
}
