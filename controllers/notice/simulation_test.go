package notice

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/clock"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/notice/courier"
	"lienthong.gov.vn/connector-operator/controllers/notice/facts"
	"lienthong.gov.vn/connector-operator/controllers/notice/outbox"
	"lienthong.gov.vn/connector-operator/controllers/notice/post"
)

// country is a simulated Agency with its queue as the API server has it, two sinks that behave as they like, and an operator that dies now
// and then, reads stale copies, and is asked to look at any time.
type country struct {
	*testing.T
	random *rand.Rand
	agency *v1alpha1.Agency
	sinks  []outbox.Sink

	// queue is what is stored, before what a stale cache has; writes count how often it was written.
	queue, before *v1alpha1.NoticeQueue
	writes        int
	// told is what an observer of the stored facts alone expects to be told, in order; expected by its type and subject.
	told []string
	// dropped are the sequences that are given up.
	dropped map[int64]bool

	courier *courier.Courier
	die     func()

	mu       sync.Mutex
	modes    map[string]string
	received map[string][]int64
	content  map[int64]string
}

func newCountry(t *testing.T, seed uint64) *country {
	c := &country{
		T: t, random: rand.New(rand.NewPCG(seed, seed)), agency: &v1alpha1.Agency{ObjectMeta: metav1.ObjectMeta{Name: "mof"}},
		modes: map[string]string{}, received: map[string][]int64{}, content: map[int64]string{}, dropped: map[int64]bool{},
	}
	subject := v1alpha1.NoticeSubject{Kind: v1alpha1.NoticeSubjectAgency, Name: "mof"}
	hub := v1alpha1.NoticeSubject{Kind: v1alpha1.NoticeSubjectHub, Name: "hub"}
	c.sinks = []outbox.Sink{
		{Owner: subject, NoticeSink: v1alpha1.NoticeSink{Name: "focal", URL: "focal"}},
		{Owner: hub, NoticeSink: v1alpha1.NoticeSink{Name: "owner", URL: "owner", Types: []v1alpha1.NoticeType{
			v1alpha1.NoticeMilestoneMet, v1alpha1.NoticeMilestoneOverdue,
		}}},
	}
	for _, name := range []string{"pilot", "official"} {
		m := v1alpha1.AgencyMilestone{Plan: "plan", Milestone: name, State: v1alpha1.MilestonePending}
		c.agency.Status.Milestones = append(c.agency.Status.Milestones, m)
	}
	c.queue = &v1alpha1.NoticeQueue{ObjectMeta: metav1.ObjectMeta{Name: QueueName(subject), UID: "uid", Generation: 1}}
	c.before = c.queue
	return c
}

// Send is what the sinks do.
func (c *country) Send(ctx context.Context, to post.Target, m post.Message) post.Outcome {
	c.mu.Lock()
	mode, slow := c.modes[to.URL], time.Duration(0)
	if mode == "slow" {
		slow = 9 * time.Second
	}
	c.mu.Unlock()
	if slow > 0 {
		select {
		case <-time.After(slow):
		case <-ctx.Done():
			return post.Outcome{Verdict: post.Unavailable}
		}
	}
	switch mode {
	case "500":
		return post.Outcome{Verdict: post.Unavailable, Problem: "The sink answered 500."}
	case "400":
		return post.Outcome{Verdict: post.Refused, Problem: "The sink answered 400."}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.received[to.URL] = append(c.received[to.URL], m.Notice.Sequence)
	c.content[m.Notice.Sequence] = string(m.Notice.Type) + " " + m.Notice.Subject
	return post.Outcome{}
}

// boot begins another life of the operator.
func (c *country) boot() {
	ctx, cancel := context.WithCancel(c.Context())
	timing := courier.DefaultTiming()
	timing.Workers, timing.Jitter = 2, func() float64 { return 0.5 }
	life := courier.New(c, timing, clock.RealClock{}, func(v1alpha1.NoticeSubject) {})
	done := make(chan error, 1)
	go func() { done <- life.Start(ctx) }()
	c.courier, c.die = life, func() { cancel(); <-done }
}

// pass is one reconcile, which may read a stale copy and may end anywhere.
func (c *country) pass(stale, diesBeforeWrite, diesAfterWrite bool) {
	subject := c.sinks[0].Owner
	read := c.queue
	if stale {
		read = c.before
	}
	s := &scope{
		now: time.Now(), subject: subject, owner: c.agency, queue: read.DeepCopy(), sinks: c.sinks,
		facts: facts.OfMilestones(c.agency, map[string]string{"plan": "hub"}),
	}
	s.taken, s.healths = c.courier.Report(subject)
	status := decide(s)
	if diesBeforeWrite {
		c.restart()
		return
	}
	same := equality.Semantic.DeepEqual(read.Status, status)
	if read != c.queue && !same {
		return // a conflict
	}
	if !same {
		c.record(read.Status, status)
		after := c.queue.DeepCopy()
		after.Status = status
		c.before, c.queue = c.queue, after
		c.writes++
	}
	if diesAfterWrite {
		c.restart()
		return
	}
	if read == c.queue || !same {
		s.queue = c.queue
		c.courier.Offer(subject, letters(s))
	}
}

func (c *country) restart() {
	c.die()
	c.boot()
}

// record notes what somebody who sees only the stored facts would tell, and what is given up, and checks the bounds.
func (c *country) record(before, after v1alpha1.NoticeQueueStatus) {
	was := map[string]string{}
	for _, o := range before.Observed {
		was[o.Key] = o.Value
	}
	for _, m := range c.agency.Status.Milestones {
		for _, o := range after.Observed {
			if o.Key == "milestone/plan/"+m.Milestone && before.ObservedGeneration > 0 && was[o.Key] != o.Value && o.Value != "None" {
				c.told = append(c.told, "Milestone"+o.Value+" milestones/plan/"+m.Milestone)
			}
		}
	}
	if after.Sequence != int64(len(c.told)) {
		c.Fatalf("%d notices were made, and %d changes observed", after.Sequence, len(c.told))
	}
	if len(after.Pending) > outbox.MostPending {
		c.Fatalf("%d notices are pending", len(after.Pending))
	}
	if gone := after.Dropped - before.Dropped; gone > 0 {
		// These were given up, or taken just before.
		for n := int64(1); n <= after.Sequence; n++ {
			there := slices.ContainsFunc(after.Pending, func(p v1alpha1.PendingNotice) bool { return p.Sequence == n })
			waited := slices.ContainsFunc(before.Pending, func(p v1alpha1.PendingNotice) bool { return p.Sequence == n })
			if waited && !there {
				c.dropped[n] = true
			}
		}
	}
}

func (c *country) step() {
	states := []v1alpha1.MilestoneState{
		v1alpha1.MilestonePending, v1alpha1.MilestoneOnTrack, v1alpha1.MilestoneAtRisk, v1alpha1.MilestoneOverdue, v1alpha1.MilestoneMet,
		v1alpha1.MilestoneMetLate, v1alpha1.MilestoneExempt,
	}
	switch c.random.IntN(8) {
	case 0, 1, 2:
		m := &c.agency.Status.Milestones[c.random.IntN(2)]
		m.State = states[c.random.IntN(len(states))]
	case 3:
		c.mode([]string{"focal", "owner"}[c.random.IntN(2)], []string{"", "", "500", "400", "slow"}[c.random.IntN(5)])
	case 4:
		c.restart()
	case 5:
		time.Sleep(time.Duration(c.random.IntN(600)) * time.Second) // on the bubble's own clock
	}
	c.pass(c.random.IntN(6) == 0, c.random.IntN(12) == 0, c.random.IntN(12) == 0)
	if c.random.IntN(2) == 0 {
		synctest.Wait()
	}
}

func (c *country) mode(sink, mode string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.modes[sink] = mode
}

// settle lets everything work again, until nothing is pending.
func (c *country) settle() {
	c.mode("focal", "")
	c.mode("owner", "")
	for i := 0; i < 3 || i < 200 && len(c.queue.Status.Pending) > 0; i++ {
		c.pass(false, false, false)
		time.Sleep(30 * time.Minute) // on the bubble's own clock
		synctest.Wait()
	}
	c.pass(false, false, false)
	if len(c.queue.Status.Pending) > 0 {
		c.Fatalf("%d notices are pending in the end", len(c.queue.Status.Pending))
	}
	writes := c.writes
	c.pass(false, false, false)
	c.restart()
	c.pass(false, false, false)
	if c.writes != writes {
		c.Error("something is written although nothing has changed")
	}
}

// check holds what was received against what was observed.
func (c *country) check() {
	c.mu.Lock()
	defer c.mu.Unlock()
	lost := map[int64]bool{}
	for _, sink := range c.sinks {
		first := map[int64]bool{}
		last := int64(0)
		for _, n := range c.received[sink.URL] {
			if n < 1 || n > int64(len(c.told)) || c.content[n] != c.told[n-1] {
				c.Fatalf("sink %s got notice %d, %q, and that was no change", sink.URL, n, c.content[n])
			}
			if !first[n] && n < last {
				c.Errorf("sink %s got notice %d after %d", sink.URL, n, last)
			}
			first[n] = true
			last = max(last, n)
		}
		for i, told := range c.told {
			var kind, subject string
			if _, err := fmt.Sscan(told, &kind, &subject); err != nil {
				c.Fatal(err)
			}
			n := int64(i + 1)
			if !sink.Wants(v1alpha1.NoticeType(kind)) || first[n] {
				continue
			}
			lost[n] = true
			if !c.dropped[n] {
				c.Errorf("sink %s never got notice %d, %s", sink.URL, n, told)
			}
		}
	}
	if int64(len(lost)) > c.queue.Status.Dropped {
		c.Errorf("%d notices were lost, and %d counted as dropped", len(lost), c.queue.Status.Dropped)
	}
}

// Whatever happens, in whatever order: each change that was observed is told to each sink that wants it, or counted as given up; in order;
// and nothing is told that was no change.
func TestNothingIsLostAndNothingInvented(t *testing.T) {
	var told, dropped int
	for seed := range uint64(300) {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := newCountry(t, seed)
				c.boot()
				steps := 60
				if seed%100 == 0 {
					// Long enough for more than a queue holds.
					steps = 3000
					c.mode("focal", "500")
				}
				for range steps {
					c.step()
					if steps > 1000 {
						c.mode("focal", "500")
					}
				}
				c.settle()
				c.check()
				c.die()
				told, dropped = told+len(c.told), dropped+int(c.queue.Status.Dropped)
			})
		})
	}
	if told < 1000 || dropped < 10 {
		t.Errorf("%d notices were made and %d given up: too few for this test to show anything", told, dropped)
	}
}
