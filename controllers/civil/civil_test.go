package civil

import (
	"testing"
	"time"
	_ "time/tzdata" // so that the zones are the same on every machine

	"pgregory.net/rapid"
)

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

func date(t testing.TB, s string) Date {
	t.Helper()
	d, err := Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// earlier tells whether a day comes before another; in years of four digits the text is in the order of the calendar.
func earlier(d, other Date) bool { return d.String() < other.String() }

func TestParse(t *testing.T) {
	for _, good := range []string{"2018-12-31", "2020-02-29", "2000-02-29", "1000-01-01", "2999-12-31"} {
		if got := date(t, good).String(); got != good {
			t.Errorf("Parse(%q) = %s", good, got)
		}
	}
	bad := []string{
		"", "2018-02-30", "2019-02-29", "1900-02-29", "2018-13-01", "2018-00-10", "2018-04-31", "2018-1-1", "18-01-01",
		"31/12/2018", "2018-12-31T00:00:00Z", " 2018-12-31", "2018-12-31 ", "0999-12-31", "3000-01-01", "2018-12-3１",
	}
	for _, s := range bad {
		if d, err := Parse(s); err == nil {
			t.Errorf("Parse(%q) = %s, want an error", s, d)
		}
	}
	_, err := Parse("2018-02-30")
	if want := `"2018-02-30" is no day of the calendar; write a date as YYYY-MM-DD, such as 2018-12-31`; err == nil || err.Error() != want {
		t.Errorf("Parse error = %v, want %q", err, want)
	}
}

func TestAddDays(t *testing.T) {
	tests := []struct {
		from string
		days int
		want string
	}{
		{"2018-12-31", 1, "2019-01-01"},
		{"2019-01-01", -1, "2018-12-31"},
		{"2020-02-28", 1, "2020-02-29"},
		{"2019-02-28", 1, "2019-03-01"},
		{"2018-11-03", 1, "2018-11-04"}, // the clocks change in São Paulo, which is no matter of the calendar
		{"2018-12-31", -14, "2018-12-17"},
		{"2024-02-29", 366, "2025-03-01"},
	}
	for _, tt := range tests {
		if got := date(t, tt.from).AddDays(tt.days).String(); got != tt.want {
			t.Errorf("%s and %d days = %s, want %s", tt.from, tt.days, got, tt.want)
		}
	}
}

func TestStart(t *testing.T) {
	tests := map[string]struct{ zone, date, want string }{
		"no daylight saving":           {"Asia/Ho_Chi_Minh", "2018-12-31", "2018-12-30T17:00:00Z"},
		"UTC":                          {"UTC", "2018-12-31", "2018-12-31T00:00:00Z"},
		"midnight is skipped":          {"America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00:00Z"},
		"the day after the skip":       {"America/Sao_Paulo", "2018-11-05", "2018-11-05T02:00:00Z"},
		"midnight is put off":          {"America/Sao_Paulo", "2018-02-18", "2018-02-18T03:00:00Z"},
		"midnight comes twice":         {"America/Havana", "2018-11-04", "2018-11-04T04:00:00Z"},
		"back over midnight by a step": {"America/St_Johns", "2010-11-07", "2010-11-07T02:30:00Z"},
		"skipped in the spring":        {"Africa/Cairo", "2014-05-16", "2014-05-15T22:00:00Z"},
		"the whole day is skipped":     {"Pacific/Apia", "2011-12-30", "2011-12-30T10:00:00Z"},
		"the day after it":             {"Pacific/Apia", "2011-12-31", "2011-12-30T10:00:00Z"},
		"ahead of UTC by 14 hours":     {"Pacific/Kiritimati", "2019-01-01", "2018-12-31T10:00:00Z"},
		"change later in the day":      {"Europe/Berlin", "2019-03-31", "2019-03-30T23:00:00Z"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got := date(t, tt.date).Start(zone(t, tt.zone)).UTC().Format(time.RFC3339)
			if got != tt.want {
				t.Errorf("%s begins at %s in %s, want %s", tt.date, got, tt.zone, tt.want)
			}
		})
	}
}

func TestStartIsWhereTheDayBegins(t *testing.T) {
	zones := []string{
		"Asia/Ho_Chi_Minh", "UTC", "America/Sao_Paulo", "America/Havana", "America/St_Johns", "Africa/Cairo", "Pacific/Apia",
		"Asia/Kathmandu", "Australia/Lord_Howe", "Asia/Gaza", "America/Asuncion", "Asia/Beirut", "Africa/Casablanca",
	}
	rapid.Check(t, func(rt *rapid.T) {
		loc := zone(t, rapid.SampledFrom(zones).Draw(rt, "zone"))
		day := date(t, "1970-01-01").AddDays(rapid.IntRange(0, 30000).Draw(rt, "day"))
		start := day.Start(loc)
		if earlier(In(start, loc), day) {
			rt.Errorf("at %s the day is %s, which is before %s", start, In(start, loc), day)
		}
		if before := In(start.Add(-time.Second), loc); !earlier(before, day) {
			rt.Errorf("a second before %s the day is %s already, and %s was to begin then", start, before, day)
		}
	})
}

func TestAddDaysIsUndoneAndOrdered(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		day := date(t, "2018-01-01").AddDays(rapid.IntRange(-90000, 90000).Draw(rt, "day"))
		n := rapid.IntRange(-5000, 5000).Draw(rt, "n")
		later := day.AddDays(n)
		if later.AddDays(-n) != day {
			rt.Errorf("%s and back over %d days is %s", day, n, later.AddDays(-n))
		}
		if earlier(day, later) != (n > 0) || earlier(later, day) != (n < 0) {
			rt.Errorf("%s and %d days is %s", day, n, later)
		}
	})
}

func FuzzParseDate(f *testing.F) {
	for _, seed := range []string{"2018-12-31", "2018-02-30", "2020-02-29", "", "2018-12-31T00:00:00+07:00", "-2018-01-01"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := Parse(s)
		if err != nil {
			return
		}
		if d.String() != s {
			t.Errorf("Parse(%q) = %s", s, d)
		}
		if !earlier(d, d.AddDays(1)) || d.AddDays(1).AddDays(-1) != d {
			t.Errorf("the day after %s is %s", d, d.AddDays(1))
		}
	})
}

func TestAddMonths(t *testing.T) {
	tests := []struct {
		from   string
		months int
		want   string
	}{
		{"2026-01-15", 1, "2026-02-15"},
		{"2026-01-31", 1, "2026-02-28"},
		{"2028-01-31", 1, "2028-02-29"},
		{"2026-01-31", 3, "2026-04-30"},
		{"2026-08-31", 6, "2027-02-28"},
		{"2028-02-29", 12, "2029-02-28"},
		{"2028-02-29", 48, "2032-02-29"},
		{"2027-02-28", 12, "2028-02-28"},
		{"2026-12-31", 2, "2027-02-28"},
		{"2026-11-30", 13, "2027-12-30"},
		{"2026-03-31", -1, "2026-02-28"},
		{"2026-03-31", 0, "2026-03-31"},
		{"2900-02-28", 120, "2910-02-28"},
	}
	for _, tt := range tests {
		if got := date(t, tt.from).AddMonths(tt.months).String(); got != tt.want {
			t.Errorf("%s + %d months = %s, want %s", tt.from, tt.months, got, tt.want)
		}
	}
}

// Of two records, the newer is due later or on the same day, so that only the newest has to be looked at.
func TestAddMonthsKeepsTheOrder(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		d := date(t, "1999-12-01").AddDays(rapid.IntRange(0, 40000).Draw(rt, "day"))
		later := d.AddDays(rapid.IntRange(0, 70).Draw(rt, "days"))
		months := rapid.IntRange(0, 120).Draw(rt, "months")
		if d.AddMonths(months).Compare(later.AddMonths(months)) > 0 {
			rt.Fatalf("%s + %d months is after %s + %d months", d, months, later, months)
		}
	})
}

func TestDaysUntilAndCompare(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		d := date(t, "1999-12-01").AddDays(rapid.IntRange(0, 40000).Draw(rt, "day"))
		days := rapid.IntRange(-40000, 40000).Draw(rt, "days")
		other := d.AddDays(days)
		if got := d.DaysUntil(other); got != days {
			rt.Fatalf("from %s to %s are %d days, want %d", d, other, got, days)
		}
		if got := other.Compare(d); got != min(max(days, -1), 1) {
			rt.Fatalf("%s compared with %s is %d", other, d, got)
		}
	})
}
