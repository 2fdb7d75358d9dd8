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
	l.record(l.period(), "b", sample{took: time.Minute})
	l.connectionReset("a")
	for _, tc := range []struct {
		periods []string
		want    Totals
	}{
		{[]string{"peace"}, Totals{Sent: 201, Failed: 1, P50: 101 * time.Millisecond, P99: 199 * time.Millisecond, Slowest: time.Second}},
		{[]string{"war"}, Totals{Sent: 1, Resets: 1, P50: time.Minute, P99: time.Minute, Slowest: time.Minute}},
		{nil, Totals{Sent: 202, Failed: 1, Resets: 1, P50: 101 * time.Millisecond, P99: 200 * time.Millisecond, Slowest: time.Minute}},
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
	if f := l.Failures(); len(f) != 1 || f[0].Period != "peace" || f[0].Flow != "b" {
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
