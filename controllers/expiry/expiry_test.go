package expiry

import (
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"pgregory.net/rapid"
)

const day = 24 * time.Hour

func distances(list ...time.Duration) []metav1.Duration {
	var all []metav1.Duration
	for _, d := range list {
		all = append(all, metav1.Duration{Duration: d})
	}
	return all
}

// usual are the distances of the API's default.
func usual() []metav1.Duration { return distances(60*day, 30*day, 14*day, 7*day, day) }

func TestLadder(t *testing.T) {
	tests := map[string]struct {
		distances []metav1.Duration
		life      time.Duration
		want      []time.Duration
	}{
		"two years": {usual(), 2 * year, []time.Duration{60 * day, 30 * day, 14 * day, 7 * day, day}},
		"18 months": {usual(), 3 * year / 2, []time.Duration{60 * day, 30 * day, 14 * day, 7 * day, day}},
		"a year":    {usual(), year, []time.Duration{60 * day, 30 * day, 14 * day, 7 * day, day}},
		"90 days": {usual(), 90 * day, []time.Duration{
			355*time.Hour + 4*time.Minute + 7*time.Second, 177*time.Hour + 32*time.Minute + 3*time.Second,
			82*time.Hour + 50*time.Minute + 58*time.Second, 41*time.Hour + 25*time.Minute + 29*time.Second, 5*time.Hour + 55*time.Minute + 4*time.Second,
		}},
		"an hour": {usual(), time.Hour, []time.Duration{
			9*time.Minute + 52*time.Second, 4*time.Minute + 56*time.Second, 2*time.Minute + 18*time.Second, 69 * time.Second, 10 * time.Second,
		}},
		"a life too short for five steps":   {usual(), 20 * time.Second, []time.Duration{3 * time.Second, 2 * time.Second, time.Second}},
		"no life at all":                    {usual(), -time.Second, []time.Duration{time.Second}},
		"in any order, and twice":           {distances(day, 7*day, day, 24*time.Hour), year, []time.Duration{7 * day, day}},
		"no distances":                      {nil, year, []time.Duration{}},
		"the longest that a Duration holds": {distances(math.MaxInt64), year / 2, []time.Duration{(math.MaxInt64 / 2 * time.Nanosecond).Round(time.Second)}},
	}
	for name, tt := range tests {
		if diff := cmp.Diff(tt.want, Ladder(tt.distances, tt.life)); diff != "" {
			t.Errorf("%s: the ladder differs (-want +got):\n%s", name, diff)
		}
	}
}

func TestReachedAndNext(t *testing.T) {
	end := time.Date(2026, 12, 31, 0, 0, 0, 0, time.UTC)
	tests := map[string]struct {
		left    time.Duration
		reached time.Duration // 0 for none
		next    time.Duration // before the end; 0 for none
	}{
		"far":                   {61 * day, 0, 60 * day},
		"just before the first": {60*day + 1, 0, 60 * day},
		"at the first":          {60 * day, 60 * day, 30 * day},
		"past the first":        {60*day - 1, 60 * day, 30 * day},
		"between":               {10 * day, 14 * day, 7 * day},
		"at the last":           {day, day, 0},
		"at the end":            {0, day, 0},
		"past the end":          {-5 * day, day, 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			ladder := Ladder(usual(), year)
			if got, ok := Reached(ladder, tt.left); got != tt.reached || ok != (tt.reached != 0) {
				t.Errorf("reached %s, %v, want %s", got, ok, tt.reached)
			}
			want := time.Time{}
			if tt.next != 0 {
				want = end.Add(-tt.next)
			}
			if got := Next(ladder, end, end.Add(-tt.left)); !got.Equal(want) {
				t.Errorf("the next is reached at %s, want %s", got, want)
			}
		})
	}
	if _, ok := Reached(nil, 0); ok || !Next(nil, end, end.Add(-day)).IsZero() {
		t.Error("without distances one was reached, or will be")
	}
}

// As time goes by the distance that is reached only shrinks, and it changes exactly at the times that Next tells.
func TestWarningsOnlyComeNearer(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		var list []metav1.Duration
		for range rapid.IntRange(1, 16).Draw(rt, "distances") {
			list = append(list, metav1.Duration{Duration: time.Duration(rapid.Int64Range(1, int64(2*year)).Draw(rt, "distance"))})
		}
		life := time.Duration(rapid.Int64Range(int64(time.Minute), int64(3*year)).Draw(rt, "life"))
		ladder := Ladder(list, life)
		now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
		end := now.Add(life)
		last, warned := Reached(ladder, life)
		for steps := 0; ; steps++ {
			next := Next(ladder, end, now)
			if next.IsZero() {
				break
			}
			if before, ok := Reached(ladder, end.Sub(next)+1); before != last || ok != warned {
				rt.Fatalf("%s is reached although the next is due only at %s", before, next)
			}
			reached, ok := Reached(ladder, end.Sub(next))
			if !ok || warned && reached >= last || steps > len(ladder) {
				rt.Fatalf("after %s, %s is reached at %s (%v)", last, reached, next, ok)
			}
			now, last, warned = next, reached, true
		}
		if reached, ok := Reached(ladder, 0); !ok || reached != ladder[len(ladder)-1] {
			rt.Fatalf("at its end a certificate has reached %s, %v", reached, ok)
		}
	})
}
