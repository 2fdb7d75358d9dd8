package rollover

import (
	"flag"
	"runtime"
	"strings"
	"sync"
	"testing"
)

var (
	oneSeed = flag.Int("seed", -1, "replay this one seed of the simulation, with what happened in it")
	seeds   = flag.Int("seeds", 2000, "how many seeds the simulation runs")
)

const (
	stormy = 160
	atMost = 500
)

// simulate gives the first seed, of those in order, in which an invariant is broken.
func simulate(plan func(Fleet) Decision, seeds int) (first int, broken *country) {
	first = seeds
	var mu sync.Mutex
	var wg sync.WaitGroup
	workers := runtime.GOMAXPROCS(0)
	for w := range workers {
		wg.Go(func() {
			for seed := w; seed < seeds; seed += workers {
				mu.Lock()
				stop := seed >= first
				mu.Unlock()
				if stop {
					return
				}
				c := newCountry(uint64(seed), plan)
				if c.run(stormy, atMost) == nil {
					continue
				}
				mu.Lock()
				if seed < first {
					first, broken = seed, c
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	return first, broken
}

// Whatever happens, in whatever order: nobody is cut off, no more are moved at once than may be, and it comes to an end.
func TestSimulation(t *testing.T) {
	if *oneSeed >= 0 {
		c := newCountry(uint64(*oneSeed), Plan)
		v := c.run(stormy, atMost)
		t.Log(strings.Join(c.trail, "\n"))
		if v != nil {
			t.Fatalf("%s: %s", v.invariant, v.detail)
		}
		return
	}
	if seed, c := simulate(Plan, *seeds); c != nil {
		t.Fatalf("with -seed=%d it is broken that %s: %s", seed, c.violation.invariant, c.violation.detail)
	}
}

// The simulation notices each of the mistakes that it is there for.
func TestSimulationNoticesMistakes(t *testing.T) {
	mistakes := map[string]struct {
		make func(*rules)
		want string
	}{
		"reissue before distribution": {func(r *rules) { r.mayBegin = func(*view) bool { return true } }, distribution},
		"retire too early":            {func(r *rules) { r.mayGo = func(*view, Anchor) bool { return true } }, peers},
		"ignore the budget":           {func(r *rules) { r.room = func(v *view) int { return len(v.members) } }, budget},
	}
	for name, mistake := range mistakes {
		t.Run(name, func(t *testing.T) {
			r := realRules()
			mistake.make(&r)
			seed, c := simulate(func(f Fleet) Decision { return planBy(r, f) }, 1000)
			if c == nil {
				t.Fatal("nothing is noticed in 1000 seeds")
			}
			t.Logf("noticed with seed %d: %s: %s", seed, c.violation.invariant, c.violation.detail)
			if c.violation.invariant != mistake.want {
				t.Errorf("it is broken that %s, want %s", c.violation.invariant, mistake.want)
			}
		})
	}
}
