package courier

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/clock"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/notice/outbox"
	"lienthong.gov.vn/connector-operator/controllers/notice/post"
)

// script answers for the sinks, by their URL, and keeps what they were sent.
type script struct {
	mu      sync.Mutex
	answers map[string]func(post.Message) post.Outcome
	sent    map[string][]string
	at      map[string][]time.Time
}

func (s *script) Send(_ context.Context, to post.Target, m post.Message) post.Outcome {
	s.mu.Lock()
	answer := s.answers[to.URL]
	s.sent[to.URL] = append(s.sent[to.URL], fmt.Sprintf("%s-%d", m.Subject.Name, m.Notice.Sequence))
	s.at[to.URL] = append(s.at[to.URL], time.Now())
	s.mu.Unlock()
	if answer == nil {
		return post.Outcome{}
	}
	return answer(m)
}

func (s *script) answer(url string, f func(post.Message) post.Outcome) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answers[url] = f
}

func (s *script) sentTo(url string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.sent[url])
}

func always(o post.Outcome) func(post.Message) post.Outcome {
	return func(post.Message) post.Outcome { return o }
}

type bench struct {
	*Courier
	script *script
	mu     sync.Mutex
	woken  map[v1alpha1.NoticeSubject]int
}

func (b *bench) wakes(queue v1alpha1.NoticeSubject) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.woken[queue]
}

// running runs a Courier inside a bubble of synctest, where time passes only while nobody works.
func running(t *testing.T, run func(t *testing.T, b *bench)) {
	synctest.Test(t, func(t *testing.T) {
		b := &bench{
			script: &script{answers: map[string]func(post.Message) post.Outcome{}, sent: map[string][]string{}, at: map[string][]time.Time{}},
			woken:  map[v1alpha1.NoticeSubject]int{},
		}
		timing := DefaultTiming()
		timing.Workers, timing.Jitter = 2, func() float64 { return 0 }
		b.Courier = New(b.script, timing, clock.RealClock{}, func(queue v1alpha1.NoticeSubject) {
			b.mu.Lock()
			defer b.mu.Unlock()
			b.woken[queue]++
		})
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- b.Start(ctx) }()
		run(t, b)
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

func wait(d time.Duration) {
	time.Sleep(d) // on the bubble's own clock
	synctest.Wait()
}

func queue(name string) v1alpha1.NoticeSubject {
	return v1alpha1.NoticeSubject{Kind: v1alpha1.NoticeSubjectAgency, Name: name}
}

func theHub() v1alpha1.NoticeSubject {
	return v1alpha1.NoticeSubject{Kind: v1alpha1.NoticeSubjectHub, Name: "hub"}
}

func sink(owner v1alpha1.NoticeSubject, url string) outbox.Sink {
	return outbox.Sink{Owner: owner, NoticeSink: v1alpha1.NoticeSink{Name: url, URL: url}}
}

// lettersOf are notices of a queue with these numbers, for the sinks.
func lettersOf(of v1alpha1.NoticeSubject, from, to int64, sinks ...outbox.Sink) []Letter {
	var letters []Letter
	for n := from; n <= to; n++ {
		m := post.Message{Queue: types.UID(of.Name), Subject: of, Notice: v1alpha1.PendingNotice{Sequence: n}}
		letters = append(letters, Letter{Message: m, To: sinks})
	}
	return letters
}

func same(t *testing.T, what string, got, want any) {
	t.Helper()
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

func TestEachSinkGetsEachNoticeOnceAndInOrder(t *testing.T) {
	running(t, func(t *testing.T, b *bench) {
		own, hub := sink(queue("a"), "own"), sink(theHub(), "hub")
		b.Offer(queue("a"), lettersOf(queue("a"), 1, 3, own, hub))
		synctest.Wait()
		// The status does not say yet what was delivered.
		b.Offer(queue("a"), lettersOf(queue("a"), 1, 4, own, hub))
		synctest.Wait()
		same(t, "own", b.script.sentTo("own"), []string{"a-1", "a-2", "a-3", "a-4"})
		same(t, "hub", b.script.sentTo("hub"), []string{"a-1", "a-2", "a-3", "a-4"})
		taken, healths := b.Report(queue("a"))
		same(t, "taken", taken[own.Reference()], []int64{1, 2, 3, 4})
		same(t, "health", healths[own.Reference()], outbox.Health{})
		if b.wakes(queue("a")) == 0 || b.wakes(theHub()) != 1 {
			t.Errorf("woken: %v", b.woken)
		}
		b.Offer(queue("a"), nil)
		taken, _ = b.Report(queue("a"))
		same(t, "taken once the status says so", len(taken), 0)
		wait(time.Hour)
		same(t, "own, later", len(b.script.sentTo("own")), 4)
		// A queue that was made anew counts from one again.
		again := lettersOf(queue("a"), 1, 1, own)
		again[0].Message.Queue = "another"
		b.Offer(queue("a"), again)
		synctest.Wait()
		same(t, "own, of a new queue", len(b.script.sentTo("own")), 5)
	})
}

func TestSinkThatIsDownIsLeftAloneForLongerAndLonger(t *testing.T) {
	running(t, func(t *testing.T, b *bench) {
		down, up := sink(queue("a"), "down"), sink(queue("a"), "up")
		b.script.answer("down", always(post.Outcome{Verdict: post.Unavailable, Problem: "The sink answered 500."}))
		began := time.Now()
		b.Offer(queue("a"), lettersOf(queue("a"), 1, 2, down, up))
		synctest.Wait()
		same(t, "up", b.script.sentTo("up"), []string{"a-1", "a-2"})
		wait(time.Hour)
		attempts := b.script.at["down"]
		for i, want := range []float64{0, 1, 3, 7, 15, 31, 63, 127, 255, 511, 811, 1111} {
			if got := attempts[i].Sub(began).Seconds(); got != want {
				t.Errorf("attempt %d comes after %v s, want %v", i, got, want)
			}
		}
		same(t, "attempts in an hour", len(attempts), 20)
		_, healths := b.Report(queue("a"))
		h := healths[down.Reference()]
		if h.Failures != 16 || h.LastError != "The sink answered 500." {
			t.Errorf("the health is %+v", h)
		}
		// Two deliveries, the first of them with the health, and at 2, 4, 8 and 16 failures.
		if n := b.wakes(queue("a")); n > 8 {
			t.Errorf("woken %d times", n)
		}
		b.script.answer("down", nil)
		wait(5 * time.Minute)
		taken, healths := b.Report(queue("a"))
		same(t, "taken", taken[down.Reference()], []int64{1, 2})
		same(t, "health", healths[down.Reference()], outbox.Health{})
	})
}

func TestSinkThatAsksForPatienceGetsIt(t *testing.T) {
	running(t, func(t *testing.T, b *bench) {
		for url, asked := range map[string]time.Duration{"short": time.Minute, "long": 30 * 24 * time.Hour} {
			b.script.answer(url, always(post.Outcome{Verdict: post.Unavailable, RetryAfter: asked}))
			b.Offer(queue(url), lettersOf(queue(url), 1, 1, sink(queue(url), url)))
		}
		wait(59 * time.Second)
		same(t, "short, before", len(b.script.sentTo("short")), 1)
		wait(time.Second)
		same(t, "short, after", len(b.script.sentTo("short")), 2)
		wait(58 * time.Minute)
		same(t, "long, before", len(b.script.sentTo("long")), 1)
		wait(time.Minute)
		same(t, "long, after", len(b.script.sentTo("long")), 2)
	})
}

func TestRefusedNoticeHoldsUpItsQueueOnly(t *testing.T) {
	running(t, func(t *testing.T, b *bench) {
		hub := sink(theHub(), "hub")
		b.script.answer("hub", func(m post.Message) post.Outcome {
			if m.Subject.Name == "a" && m.Notice.Sequence == 2 {
				return post.Outcome{Verdict: post.Refused, Problem: "The sink answered 400."}
			}
			return post.Outcome{}
		})
		b.Offer(queue("a"), lettersOf(queue("a"), 1, 3, hub))
		b.Offer(queue("b"), lettersOf(queue("b"), 1, 3, hub))
		wait(time.Minute)
		taken, healths := b.Report(queue("a"))
		same(t, "taken of a", taken[hub.Reference()], []int64{1})
		same(t, "health in a", healths[hub.Reference()].Failures, 1)
		taken, _ = b.Report(queue("b"))
		same(t, "taken of b", taken[hub.Reference()], []int64{1, 2, 3})
		_, healths = b.Report(theHub())
		same(t, "health of the sink", healths[hub.Reference()], outbox.Health{})
		same(t, "attempts", len(b.script.sentTo("hub")), 5)
		wait(24 * time.Hour)
		if n := len(b.script.sentTo("hub")); n < 5+20 || n > 5+30 {
			t.Errorf("%d attempts in a day", n)
		}
		b.script.answer("hub", nil)
		wait(time.Hour)
		taken, healths = b.Report(queue("a"))
		same(t, "taken of a in the end", taken[hub.Reference()], []int64{1, 2, 3})
		same(t, "health in a in the end", healths[hub.Reference()], outbox.Health{})
	})
}

// A queue with a long backlog lets others have their turn. One that joins comes after those that are there.
func TestQueuesTakeTurns(t *testing.T) {
	running(t, func(t *testing.T, b *bench) {
		hub := sink(theHub(), "hub")
		b.script.answer("hub", func(post.Message) post.Outcome {
			time.Sleep(time.Second) // on the bubble's own clock
			return post.Outcome{}
		})
		b.Offer(queue("a"), lettersOf(queue("a"), 1, 3, hub))
		synctest.Wait()
		b.Offer(queue("b"), lettersOf(queue("b"), 1, 2, hub))
		wait(10 * time.Second)
		sent := b.script.sentTo("hub")
		same(t, "sent", sent, []string{"a-1", "a-2", "b-1", "a-3", "b-2"})
	})
}

func TestSinkThatIsGoneIsAskedOnceADay(t *testing.T) {
	running(t, func(t *testing.T, b *bench) {
		b.script.answer("own", always(post.Outcome{Verdict: post.Gone, Problem: "The sink answered 410."}))
		b.Offer(queue("a"), lettersOf(queue("a"), 1, 1, sink(queue("a"), "own")))
		wait(71 * time.Hour)
		same(t, "attempts", len(b.script.sentTo("own")), 3)
		// Declared otherwise, it is tried at once.
		moved := sink(queue("a"), "own")
		moved.URL = "elsewhere"
		b.Offer(queue("a"), lettersOf(queue("a"), 1, 1, moved))
		synctest.Wait()
		same(t, "elsewhere", b.script.sentTo("elsewhere"), []string{"a-1"})
	})
}

// There are many more slow sinks than workers, and those that answer do not wait for them.
func TestSlowSinksBlockNobody(t *testing.T) {
	running(t, func(t *testing.T, b *bench) {
		for i := range 50 {
			url := fmt.Sprint("slow", i)
			b.script.answer(url, func(post.Message) post.Outcome {
				time.Sleep(10 * time.Second) // on the bubble's own clock
				return post.Outcome{Verdict: post.Unavailable}
			})
			b.Offer(queue(url), lettersOf(queue(url), 1, 100, sink(queue(url), url)))
		}
		// Each of them has failed once by then.
		wait(10 * time.Minute)
		for i := range int64(20) {
			before := time.Now()
			b.Offer(queue("a"), lettersOf(queue("a"), i+1, i+1, sink(queue("a"), "up")))
			synctest.Wait()
			if n := len(b.script.sentTo("up")); int64(n) != i+1 || time.Since(before) > 0 {
				t.Fatalf("the sink that answers has %d of %d notices", n, i+1)
			}
			wait(7 * time.Second)
		}
	})
}

// After a restart it is known which sinks failed, so those that answer do not wait until it is found out again.
func TestSinksThatFailedBeforeARestartBlockNobody(t *testing.T) {
	running(t, func(t *testing.T, b *bench) {
		for i := range 50 {
			slow := sink(queue(fmt.Sprint("slow", i)), fmt.Sprint("slow", i))
			slow.Failing = true
			b.script.answer(slow.URL, func(post.Message) post.Outcome {
				time.Sleep(10 * time.Second) // on the bubble's own clock
				return post.Outcome{Verdict: post.Unavailable}
			})
			b.Offer(slow.Owner, lettersOf(slow.Owner, 1, 1, slow))
		}
		synctest.Wait()
		b.Offer(queue("a"), lettersOf(queue("a"), 1, 1, sink(queue("a"), "up")))
		synctest.Wait()
		same(t, "up", b.script.sentTo("up"), []string{"a-1"})
		wait(10 * time.Minute)
		same(t, "slow0 is tried", len(b.script.sentTo("slow0")) > 0, true)
	})
}

func TestNobodyIsSentWhatIsNotPendingAnyMore(t *testing.T) {
	running(t, func(t *testing.T, b *bench) {
		b.script.answer("own", always(post.Outcome{Verdict: post.Unavailable}))
		b.Offer(queue("a"), lettersOf(queue("a"), 1, 300, sink(queue("a"), "own")))
		wait(time.Minute)
		b.script.answer("own", nil)
		b.Offer(queue("a"), lettersOf(queue("a"), 299, 300, sink(queue("a"), "own")))
		wait(5 * time.Minute)
		sent := b.script.sentTo("own")
		same(t, "the last", sent[len(sent)-2:], []string{"a-299", "a-300"})
		if slices.Contains(sent, "a-2") {
			t.Error("a notice was sent that had been dropped")
		}
		b.Forget(queue("a"))
		if taken, healths := b.Report(queue("a")); taken != nil || healths != nil || len(b.lines) != 0 {
			t.Errorf("of a queue that is gone is known: %v, %v, %v", taken, healths, b.lines)
		}
	})
}
