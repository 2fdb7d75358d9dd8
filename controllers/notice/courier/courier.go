package courier

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"

	"k8s.io/client-go/util/workqueue"
	"k8s.io/utils/clock"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/notice/outbox"
	"lienthong.gov.vn/connector-operator/controllers/notice/post"
)

// Sender makes one attempt.
type Sender interface {
	Send(ctx context.Context, to post.Target, m post.Message) post.Outcome
}

// Timing says how long sinks are left alone.
type Timing struct {
	// First and Longest pause after a sink could not be reached; it doubles from one to the other.
	First, Longest time.Duration
	// FirstRefused and LongestRefused are the same for a notice that was refused.
	FirstRefused, LongestRefused time.Duration
	// Gone is the pause after a sink said that it wants nothing any more.
	Gone time.Duration
	// LongestAsked bounds what a sink may ask for with Retry-After.
	LongestAsked time.Duration
	// Workers is how many attempts are made at once to sinks that answer, and as many to those that do not.
	Workers int
	// Jitter gives a number from 0 to 1, by which pauses are spread.
	Jitter func() float64
}

// DefaultTiming suits a country's agencies.
func DefaultTiming() Timing {
	return Timing{
		First: time.Second, Longest: 5 * time.Minute, FirstRefused: 5 * time.Minute, LongestRefused: time.Hour,
		Gone: 24 * time.Hour, LongestAsked: time.Hour, Workers: 32,
		Jitter: rand.Float64,
	}
}

// Letter is a notice and the sinks that still lack it.
type Letter struct {
	Message post.Message
	To      []outbox.Sink
}

// Courier brings notices. Its methods may be called from several goroutines.
type Courier struct {
	sender Sender
	timing Timing
	clock  clock.WithTicker
	wake   func(v1alpha1.NoticeSubject)
	// answering and failing hold the references of sinks that have something to get.
	answering, failing workqueue.TypedDelayingInterface[string]

	mu      sync.Mutex
	lines   map[string]*line
	reports map[v1alpha1.NoticeSubject]*report
}

// New makes a Courier that calls wake when there is something to write into the status of a queue.
func New(sender Sender, timing Timing, c clock.WithTicker, wake func(v1alpha1.NoticeSubject)) *Courier {
	queue := func(name string) workqueue.TypedDelayingInterface[string] {
		return workqueue.NewTypedDelayingQueueWithConfig(workqueue.TypedDelayingQueueConfig[string]{Name: name, Clock: c})
	}
	return &Courier{
		sender: sender, timing: timing, clock: c, wake: wake,
		answering: queue("notice-sinks-answering"), failing: queue("notice-sinks-failing"),
		lines: map[string]*line{}, reports: map[v1alpha1.NoticeSubject]*report{},
	}
}

// Start brings notices until the context ends.
func (c *Courier) Start(ctx context.Context) error {
	var workers sync.WaitGroup
	for _, queue := range []workqueue.TypedDelayingInterface[string]{c.answering, c.failing} {
		for range c.timing.Workers {
			workers.Go(func() {
				for c.next(ctx, queue) {
				}
			})
		}
	}
	<-ctx.Done()
	c.answering.ShutDown()
	c.failing.ShutDown()
	workers.Wait()
	return nil
}

// Offer says what is pending in a queue now, in order. What is not pending there any more is forgotten.
func (c *Courier) Offer(queue v1alpha1.NoticeSubject, letters []Letter) {
	c.mu.Lock()
	defer c.mu.Unlock()
	r := c.reportOf(queue)
	r.forgetUnless(letters)
	concerned := map[string]bool{}
	for reference, l := range c.lines {
		if l.boxes[queue] != nil {
			concerned[reference] = true
			l.boxes[queue].letters = nil
		}
	}
	for _, letter := range letters {
		for i := range letter.To {
			reference := letter.To[i].Reference()
			if r.has(reference, letter.Message) {
				continue
			}
			concerned[reference] = true
			c.line(&letter.To[i]).add(queue, letter.Message)
		}
	}
	for reference := range concerned {
		if l := c.lines[reference]; !l.tidy() {
			delete(c.lines, reference)
		} else {
			c.schedule(l)
		}
	}
	if len(letters) == 0 && len(r.taken) == 0 && len(r.healths) == 0 {
		delete(c.reports, queue)
	}
}

// Forget drops what is known of a queue that is gone.
func (c *Courier) Forget(queue v1alpha1.NoticeSubject) {
	c.Offer(queue, nil)
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.reports, queue)
}

// Report tells what sinks have taken of a queue since it was offered, and how they are.
func (c *Courier) Report(queue v1alpha1.NoticeSubject) (outbox.Acknowledged, map[string]outbox.Health) {
	c.mu.Lock()
	defer c.mu.Unlock()
	r := c.reports[queue]
	if r == nil {
		return nil, nil
	}
	return r.copy()
}

func (c *Courier) next(ctx context.Context, from workqueue.TypedDelayingInterface[string]) bool {
	reference, shutdown := from.Get()
	if shutdown {
		return false
	}
	defer from.Done(reference)
	l, queue, message := c.take(reference)
	if l == nil {
		return true
	}
	outcome := c.sender.Send(ctx, l.target, message)
	if ctx.Err() != nil {
		// The operator is leaving: that the attempt was cut short says nothing about the sink.
		return false
	}
	for _, subject := range c.settle(l, queue, message, outcome) {
		c.wake(subject)
	}
	return true
}

// take picks what a sink is to get next; nothing if that has time, or if an attempt is being made already.
func (c *Courier) take(reference string) (*line, v1alpha1.NoticeSubject, post.Message) {
	c.mu.Lock()
	defer c.mu.Unlock()
	l := c.lines[reference]
	if l == nil || l.busy {
		return nil, v1alpha1.NoticeSubject{}, post.Message{}
	}
	queue, message, found := l.pick(c.clock.Now())
	if !found {
		c.schedule(l)
		return nil, queue, message
	}
	l.busy = true
	return l, queue, message
}

// settle keeps what became of an attempt, and tells whose queues have to know.
func (c *Courier) settle(l *line, queue v1alpha1.NoticeSubject, message post.Message, outcome post.Outcome) []v1alpha1.NoticeSubject {
	c.mu.Lock()
	defer c.mu.Unlock()
	l.busy = false
	if c.lines[l.reference] != l {
		// Meanwhile it is declared otherwise, or nothing is pending any more.
		if current := c.lines[l.reference]; current != nil {
			c.schedule(current)
		}
		return nil
	}
	var wake []v1alpha1.NoticeSubject
	switch box := l.boxes[queue]; outcome.Verdict {
	case post.Delivered:
		wake = c.delivered(l, queue, message)
	case post.Unavailable:
		l.failures++
		pause := min(max(c.pause(l.failures, c.timing.First, c.timing.Longest), outcome.RetryAfter), c.timing.LongestAsked)
		l.next = c.clock.Now().Add(pause)
		if l.failures > 1 && powerOfTwo(l.failures) {
			wake = c.tell(l.owner, l.reference, outbox.Health{Failures: l.failures, LastError: outcome.Problem, NextAttempt: l.next})
		}
	case post.Refused, post.Gone:
		l.failures = 0
		if box == nil {
			break
		}
		box.refusals++
		pause := c.pause(box.refusals, c.timing.FirstRefused, c.timing.LongestRefused)
		if outcome.Verdict == post.Gone {
			pause = c.timing.Gone
		}
		box.held = c.clock.Now().Add(pause)
		if powerOfTwo(box.refusals) {
			wake = c.tell(queue, l.reference, outbox.Health{Failures: box.refusals, LastError: outcome.Problem, NextAttempt: box.held})
		}
	}
	c.schedule(l)
	return wake
}

func (c *Courier) delivered(l *line, queue v1alpha1.NoticeSubject, message post.Message) []v1alpha1.NoticeSubject {
	l.failures = 0
	if box := l.boxes[queue]; box != nil {
		box.refusals = 0
		if len(box.letters) > 0 && sameNotice(box.letters[0], message) {
			box.letters = box.letters[1:]
			c.reportOf(queue).take(l.reference, message)
		}
	}
	wake := append(c.tell(queue, l.reference, outbox.Health{}), c.tell(l.owner, l.reference, outbox.Health{})...)
	return append(wake, queue)
}

// tell keeps the health of a sink for the status of a queue, and gives the queue if that is news.
func (c *Courier) tell(queue v1alpha1.NoticeSubject, reference string, h outbox.Health) []v1alpha1.NoticeSubject {
	r := c.reportOf(queue)
	if before, known := r.healths[reference]; known && before == h {
		return nil
	}
	r.healths[reference] = h
	return []v1alpha1.NoticeSubject{queue}
}

// schedule lets a worker look at a sink when it can get something.
func (c *Courier) schedule(l *line) {
	now := c.clock.Now()
	due, found := l.due(now)
	switch {
	case !found || l.busy:
	case l.failures > 0 || due.After(now):
		c.failing.AddAfter(l.reference, due.Sub(now))
	default:
		c.answering.Add(l.reference)
	}
}

// pause doubles with the failures, and is shortened by up to a fifth so that those that failed together do not come back together.
func (c *Courier) pause(failures int32, first, longest time.Duration) time.Duration {
	const enough = 20
	pause := min(first<<min(failures-1, enough), longest)
	return pause - time.Duration(float64(pause)*c.timing.Jitter()/5)
}

func powerOfTwo(n int32) bool { return n&(n-1) == 0 }

func (c *Courier) line(sink *outbox.Sink) *line {
	reference, target := sink.Reference(), post.Target{URL: sink.URL, CAPEM: sink.CAPEM}
	l := c.lines[reference]
	if l == nil {
		l = &line{reference: reference, owner: sink.Owner, target: target, boxes: map[v1alpha1.NoticeSubject]*box{}}
		if sink.Failing {
			l.failures, l.next = 1, c.clock.Now()
		}
		c.lines[reference] = l
	} else if l.target != target {
		// Another address may answer at once. An attempt that is being made to the old one settles nothing any more.
		l = l.moved(target)
		c.lines[reference] = l
	}
	return l
}

func (c *Courier) reportOf(queue v1alpha1.NoticeSubject) *report {
	r := c.reports[queue]
	if r == nil {
		r = &report{taken: map[string]map[int64]bool{}, healths: map[string]outbox.Health{}}
		c.reports[queue] = r
	}
	return r
}
