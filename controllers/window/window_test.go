package window

import (
	"testing"
	"time"
	_ "time/tzdata" // so that the zones are the same on every machine

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"pgregory.net/rapid"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

const (
	hanoi   = "Asia/Ho_Chi_Minh"
	newYork = "America/New_York"
)

func each(start string, duration time.Duration, zone string, days ...v1alpha1.Weekday) v1alpha1.MaintenanceWindow {
	return v1alpha1.MaintenanceWindow{Days: days, Start: start, Duration: metav1.Duration{Duration: duration}, TimeZone: zone}
}

func set(t testing.TB, list ...v1alpha1.MaintenanceWindow) Set {
	t.Helper()
	s, err := Parse(list)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func at(t testing.TB, s string) time.Time {
	t.Helper()
	if s == "" {
		return time.Time{}
	}
	instant, err := time.Parse(time.RFC3339, s)
	if err != nil {
		t.Fatal(err)
	}
	return instant
}

func TestWindows(t *testing.T) {
	nightly := []v1alpha1.MaintenanceWindow{each("22:00", 4*time.Hour, hanoi)}
	weekend := []v1alpha1.MaintenanceWindow{each("23:00", 2*time.Hour, hanoi, "Sunday", "Saturday")}
	early := []v1alpha1.MaintenanceWindow{each("02:30", time.Hour, newYork)}
	chain := []v1alpha1.MaintenanceWindow{
		each("20:00", 2*time.Hour, "UTC", "Monday"), each("21:00", 3*time.Hour, "UTC", "Monday"), each("00:00", time.Hour, "UTC", "Tuesday"),
	}
	list := func(w ...v1alpha1.MaintenanceWindow) []v1alpha1.MaintenanceWindow { return w }
	tests := map[string]struct {
		windows          []v1alpha1.MaintenanceWindow
		now, next, close string // next is now if it is empty
	}{
		"none": {now: "2026-11-21T10:00:00+07:00"},

		"before it opens":                {nightly, "2026-11-21T21:59:59+07:00", "2026-11-21T22:00:00+07:00", ""},
		"the first instant":              {nightly, "2026-11-21T22:00:00+07:00", "", "2026-11-22T02:00:00+07:00"},
		"past midnight":                  {nightly, "2026-11-22T01:59:59+07:00", "", "2026-11-22T02:00:00+07:00"},
		"its end":                        {nightly, "2026-11-22T02:00:00+07:00", "2026-11-22T22:00:00+07:00", ""},
		"asked in another zone":          {nightly, "2026-11-21T15:00:00Z", "", "2026-11-21T19:00:00Z"},
		"weekend, on Friday":             {weekend, "2026-11-20T23:30:00+07:00", "2026-11-21T23:00:00+07:00", ""},
		"weekend, early on Monday":       {weekend, "2026-11-23T00:59:59+07:00", "", "2026-11-23T01:00:00+07:00"},
		"weekend, on Monday":             {weekend, "2026-11-23T01:00:00+07:00", "2026-11-28T23:00:00+07:00", ""},
		"a Saturday here, not in UTC":    {list(each("01:00", time.Hour, hanoi, "Saturday")), "2026-11-20T18:30:00Z", "", "2026-11-20T19:00:00Z"},
		"overlapping and touching ones":  {chain, "2026-11-23T20:30:00Z", "", "2026-11-24T01:00:00Z"},
		"a day that follows a day":       {list(each("12:00", 24*time.Hour, "UTC")), "2026-11-23T20:30:00Z", "", ""},
		"clocks skip the start":          {early, "2026-03-08T01:59:59-05:00", "2026-03-08T03:00:00-04:00", ""},
		"clocks skip the start, open":    {early, "2026-03-08T03:30:00-04:00", "", "2026-03-08T04:00:00-04:00"},
		"clocks show the start twice":    {list(each("01:30", time.Hour, newYork)), "2026-11-01T05:29:59Z", "2026-11-01T05:30:00Z", ""},
		"the second of two, elapsed":     {list(each("01:30", time.Hour, newYork)), "2026-11-01T06:30:00Z", "2026-11-02T06:30:00Z", ""},
		"across the change, elapsed":     {list(each("23:00", 4*time.Hour, newYork, "Saturday")), "2026-11-01T06:59:59Z", "", "2026-11-01T07:00:00Z"},
		"past a short day":               {list(each("23:30", 24*time.Hour, newYork, "Saturday")), "2026-03-09T00:10:00-04:00", "", "2026-03-09T00:30:00-04:00"},
		"a week from the last":           {list(each("10:00", time.Hour, "UTC", "Monday")), "2026-11-23T11:00:00Z", "2026-11-30T10:00:00Z", ""},
		"far from UTC, on the day after": {list(each("00:00", time.Hour, "Pacific/Kiritimati", "Sunday")), "2026-11-21T10:30:00Z", "", "2026-11-21T11:00:00Z"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s, now := set(t, tt.windows...), at(t, tt.now)
			next := now
			if tt.next != "" {
				next = at(t, tt.next)
			}
			if got := s.Open(now); got != (tt.next == "") {
				t.Errorf("open: %v", got)
			}
			if got := s.Next(now); !got.Equal(next) {
				t.Errorf("opens next at %s, want %s", got, next)
			}
			if got := s.Closes(now); !got.Equal(at(t, tt.close)) {
				t.Errorf("closes at %s, want %q", got, tt.close)
			}
		})
	}
}

func TestParseRefuses(t *testing.T) {
	good := each("22:00", time.Hour, hanoi)
	tests := map[string]struct {
		window v1alpha1.MaintenanceWindow
		want   string
	}{
		"unknown zone": {each("22:00", time.Hour, "Asia/Hanoi"),
			`Maintenance window 2 can never open: timeZone "Asia/Hanoi" is unknown; write a name of the IANA time zone database, such as Asia/Ho_Chi_Minh.`},
		"no zone": {each("22:00", time.Hour, ""),
			`Maintenance window 2 can never open: timeZone "" is unknown; write a name of the IANA time zone database, such as Asia/Ho_Chi_Minh.`},
		"the zone of a node": {each("22:00", time.Hour, "Local"),
			`Maintenance window 2 can never open: timeZone "Local" is unknown; write a name of the IANA time zone database, such as Asia/Ho_Chi_Minh.`},
		"no time of day": {each("24:00", time.Hour, hanoi),
			`Maintenance window 2 can never open: start "24:00" is no time of day; write one from 00:00 to 23:59, such as 22:00.`},
		"one digit": {each("7:00", time.Hour, hanoi),
			`Maintenance window 2 can never open: start "7:00" is no time of day; write one from 00:00 to 23:59, such as 22:00.`},
		"no time at all": {each("22:00", 0, hanoi),
			`Maintenance window 2 can never open: its duration is 0s; write one from 5m to 24h, such as 2h.`},
		"two days": {each("22:00", 48*time.Hour, hanoi),
			`Maintenance window 2 can never open: its duration is 48h0m0s; write one from 5m to 24h, such as 2h.`},
		"no day": {each("22:00", time.Hour, hanoi, "Holiday"),
			`Maintenance window 2 can never open: "Holiday" is no day of the week; write one from Monday to Sunday, or leave days out for every day.`},
	}
	for name, tt := range tests {
		if _, err := Parse([]v1alpha1.MaintenanceWindow{good, tt.window}); err == nil || err.Error() != tt.want {
			t.Errorf("%s: %v\nwant %s", name, err, tt.want)
		}
	}
}

func anyWindows(rt *rapid.T, zones ...string) []v1alpha1.MaintenanceWindow {
	days := []v1alpha1.Weekday{"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"}
	var list []v1alpha1.MaintenanceWindow
	for range rapid.IntRange(1, 4).Draw(rt, "windows") {
		start := time.Date(2026, 1, 1, 0, rapid.IntRange(0, 24*60-1).Draw(rt, "start"), 0, 0, time.UTC).Format("15:04")
		duration := time.Duration(rapid.IntRange(5, 24*60).Draw(rt, "duration")) * time.Minute
		list = append(list, each(start, duration, rapid.SampledFrom(zones).Draw(rt, "zone"),
			rapid.SliceOfNDistinct(rapid.SampledFrom(days), 0, 7, rapid.ID).Draw(rt, "days")...))
	}
	return list
}

// anyInstant runs through a year, so that it often comes near to a change of the clocks.
func anyInstant(rt *rapid.T) time.Time {
	return time.Date(2026, 1, 1, 0, rapid.IntRange(0, 366*24*60).Draw(rt, "minutes"), 0, 0, time.UTC)
}

// Next is open, and nothing is open in between; Closes is not, and everything in between is.
func TestNextAndClosesAreTheNearest(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s, now := set(t, anyWindows(rt, hanoi, newYork, "UTC", "Pacific/Kiritimati", "Australia/Lord_Howe", "America/Sao_Paulo")...), anyInstant(rt)
		next := s.Next(now)
		if next.Before(now) || !s.Open(next) || next.Sub(now) > 8*24*time.Hour {
			rt.Fatalf("at %s the next opening is %s, open %v", now, next, s.Open(next))
		}
		for i := now; i.Before(next); i = i.Add(5 * time.Minute) {
			if s.Open(i) {
				rt.Fatalf("at %s the next opening is %s, but at %s it is open", now, next, i)
			}
		}
		if next.After(now) && s.Open(next.Add(-time.Nanosecond)) {
			rt.Fatalf("it is open before %s", next)
		}
		end := s.Closes(next)
		for i := next; i.Before(end); i = i.Add(5 * time.Minute) {
			if !s.Open(i) {
				rt.Fatalf("from %s it closes at %s, but at %s it is closed", next, end, i)
			}
		}
		if !end.IsZero() && (s.Open(end) || !end.After(next) || !s.Closes(end).IsZero()) {
			rt.Fatalf("it closes at %s, open then %v", end, s.Open(end))
		}
	})
}
