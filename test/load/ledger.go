package load

import (
	"fmt"
	"slices"
	"sync"
	"time"
)

// Ledger is what became of the requests, by period and flow. A request belongs to the period in which it began.
type Ledger struct {
	mu      sync.Mutex
	periods []*page
	current *page
}

// page is one period.
type page struct {
	name  string
	flows map[string]*tally
}

// tally is what became of one flow's requests in one period.
type tally struct {
	took     []time.Duration
	failures []Failure
	resets   int
	largest  int64
}

// sample is one request.
type sample struct {
	to    string
	size  int64
	begin time.Time
	took  time.Duration
	err   error
}

// Failure is one request that was not confirmed by its receiver.
type Failure struct {
	Period, Flow, Target string
	At                   time.Time
	Took                 time.Duration
	Err                  error
}

func (f Failure) String() string {
	return fmt.Sprintf("%s %s to %s in the period %q, after %s: %v",
		f.At.Format("15:04:05.000"), f.Flow, f.Target, f.Period, f.Took.Round(time.Millisecond), f.Err)
}

// Totals sum up requests.
type Totals struct {
	Sent, Failed, Resets int
	P50, P99, Slowest    time.Duration
	// Largest is the size of the largest body that a receiver confirmed.
	Largest int64
}

func newLedger(period string) *Ledger {
	l := &Ledger{}
	l.Mark(period)
	return l
}

// Mark begins another period. Going back to an earlier one continues it.
func (l *Ledger) Mark(period string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	at := slices.IndexFunc(l.periods, func(p *page) bool { return p.name == period })
	if at < 0 {
		at = len(l.periods)
		l.periods = append(l.periods, &page{name: period, flows: map[string]*tally{}})
	}
	l.current = l.periods[at]
}

// period is the one of now.
func (l *Ledger) period() *page {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.current
}

func (l *Ledger) record(in *page, flow string, s sample) {
	l.mu.Lock()
	defer l.mu.Unlock()
	t := in.tally(flow)
	t.took = append(t.took, s.took)
	if s.err != nil {
		t.failures = append(t.failures, Failure{Period: in.name, Flow: flow, Target: s.to, At: s.begin, Took: s.took, Err: s.err})
		return
	}
	t.largest = max(t.largest, s.size)
}

func (l *Ledger) connectionReset(flow string) {
	p := l.period()
	l.mu.Lock()
	defer l.mu.Unlock()
	p.tally(flow).resets++
}

// tally is made when it is first needed; the ledger is locked.
func (p *page) tally(flow string) *tally {
	if p.flows[flow] == nil {
		p.flows[flow] = &tally{}
	}
	return p.flows[flow]
}

// Totals are those of the periods that are named, or of all.
func (l *Ledger) Totals(periods ...string) Totals {
	l.mu.Lock()
	defer l.mu.Unlock()
	var all []*tally
	for _, p := range l.periods {
		if len(periods) > 0 && !slices.Contains(periods, p.name) {
			continue
		}
		for _, t := range p.flows {
			all = append(all, t)
		}
	}
	return sum(all...)
}

// OfFlow are the Totals of one flow in one period.
func (l *Ledger) OfFlow(period, flow string) Totals {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, p := range l.periods {
		if t := p.flows[flow]; p.name == period && t != nil {
			return sum(t)
		}
	}
	return Totals{}
}

// Failures are all of them, in the order in which the requests began.
func (l *Ledger) Failures() []Failure {
	l.mu.Lock()
	defer l.mu.Unlock()
	var all []Failure
	for _, p := range l.periods {
		for _, t := range p.flows {
			all = append(all, t.failures...)
		}
	}
	slices.SortFunc(all, func(a, b Failure) int { return a.At.Compare(b.At) })
	return all
}

func sum(tallies ...*tally) Totals {
	var took []time.Duration
	var totals Totals
	for _, t := range tallies {
		took = append(took, t.took...)
		totals.Failed += len(t.failures)
		totals.Resets += t.resets
		totals.Largest = max(totals.Largest, t.largest)
	}
	slices.Sort(took)
	totals.Sent = len(took)
	totals.P50, totals.P99, totals.Slowest = quantile(took, 50), quantile(took, 99), quantile(took, 100)
	return totals
}

// quantile is the least of the sorted durations that so many percent do not exceed; 0 if there are none.
func quantile(sorted []time.Duration, percent int) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[max(0, (len(sorted)*percent+99)/100-1)]
}
