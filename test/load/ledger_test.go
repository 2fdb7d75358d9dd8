package load

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"
)

func TestLedger(t *testing.T) {
	l := newLedger("peace")
	begun := l.period()
	for n := range 200 {
		l.record(l.period(), "a", sample{took: time.Duration(n+1) * time.Millisecond})
	}
	l.Mark("war")
	// It began in peace.
	l.record(begun, "b", sample{took: time.Second, err: errors.New("late")})
	l.record(l.period(), "b", sample{took: time.Minute, size: 20})
	l.record(l.period(), "c", sample{took: time.Second, size: 30, err: errors.New("not confirmed")})
	l.connectionReset("a")
	for _, tc := range []struct {
		periods []string
		want    Totals
	}{
		{[]string{"peace"}, Totals{Sent: 201, Failed: 1, P50: 101 * time.Millisecond, P99: 199 * time.Millisecond, Slowest: time.Second}},
		{[]string{"war"}, Totals{Sent: 2, Failed: 1, Resets: 1, P50: time.Second, P99: time.Minute, Slowest: time.Minute, Largest: 20}},
		{nil, Totals{Sent: 203, Failed: 2, Resets: 1, P50: 102 * time.Millisecond, P99: time.Second, Slowest: time.Minute, Largest: 20}},
		{[]string{"none"}, Totals{}},
	} {
		if got := l.Totals(tc.periods...); got != tc.want {
			t.Errorf("of %v there are %+v, want %+v", tc.periods, got, tc.want)
		}
	}
	l.Mark("peace")
	l.record(l.period(), "a", sample{took: time.Millisecond})
	if got := l.Totals("peace").Sent; got != 202 {
		t.Errorf("peace goes on with %d requests, want 202", got)
	}
	for flow, want := range map[string]Totals{
		"b": {Sent: 1, P50: time.Minute, P99: time.Minute, Slowest: time.Minute, Largest: 20}, "none": {},
	} {
		if got := l.OfFlow("war", flow); got != want {
			t.Errorf("of the flow %s there are %+v, want %+v", flow, got, want)
		}
	}
	if f := l.Failures(); len(f) != 2 || f[0].Period != "peace" && f[1].Period != "peace" {
		t.Errorf("the failures are %v", f)
	}
	var out bytes.Buffer
	if err := l.Report(&out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"P99", "war     b     1       0       0   1m0s", "peace   ALL   202       1       0"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the report lacks %q:\n%s", want, out.String())
		}
	}
}
