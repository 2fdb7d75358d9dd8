package workdays

import (
	"testing"

	"pgregory.net/rapid"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/civil"
)

func TestSteps(t *testing.T) {
	tests := map[string]struct {
		calendar      *v1alpha1.WorkingCalendar
		from          string
		n             int
		before, after string
	}{
		"none":                         {nil, "2018-12-29", 0, "2018-12-29", "2018-12-29"},
		"one, within the week":         {nil, "2018-12-26", 1, "2018-12-25", "2018-12-27"},
		"over a weekend":               {nil, "2018-12-31", 1, "2018-12-28", "2019-01-01"},
		"a week":                       {nil, "2018-12-26", 5, "2018-12-19", "2019-01-02"},
		"over the exchanged days":      {newYear(), "2019-01-02", 3, "2018-12-26", "2019-01-05"},
		"over Tết":                     {newYear(), "2019-02-08", 6, "2019-01-25", "2019-02-18"},
		"into a year without holidays": {newYear(), "2019-12-31", 1, "2019-12-30", "2020-01-01"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			c := compiled(t, tt.calendar)
			if got := c.Before(day(t, tt.from), tt.n); got.String() != tt.before {
				t.Errorf("working day %d before %s is %s, want %s", tt.n, tt.from, got, tt.before)
			}
			if got := c.After(day(t, tt.from), tt.n); got.String() != tt.after {
				t.Errorf("working day %d after %s is %s, want %s", tt.n, tt.from, got, tt.after)
			}
		})
	}
}

func TestLastStart(t *testing.T) {
	tests := map[string]struct {
		calendar *v1alpha1.WorkingCalendar
		last     string
		n        int
		want     string
	}{
		"nothing takes time":                     {nil, "2018-12-30", 0, "2018-12-30"},
		"one day, the last one":                  {nil, "2018-12-28", 1, "2018-12-28"},
		"one day, before the weekend":            {nil, "2018-12-30", 1, "2018-12-28"},
		"15 and 7 days":                          {nil, "2018-12-30", 22, "2018-11-29"},
		"through the turn of the year":           {newYear(), "2019-01-07", 4, "2019-01-03"},
		"through the turn of the year, plainly":  {nil, "2019-01-07", 4, "2019-01-02"},
		"Tết is in between":                      {newYear(), "2019-02-11", 2, "2019-02-01"},
		"the last day is in the middle of Tết":   {newYear(), "2019-02-06", 1, "2019-02-01"},
		"nothing takes time in the middle of it": {newYear(), "2019-02-06", 0, "2019-02-06"},
	}
	for name, tt := range tests {
		if got := compiled(t, tt.calendar).LastStart(day(t, tt.last), tt.n); got.String() != tt.want {
			t.Errorf("%s: %s, want %s", name, got, tt.want)
		}
	}
}

func TestBetween(t *testing.T) {
	tests := map[string]struct {
		calendar    *v1alpha1.WorkingCalendar
		from, until string
		want        int
	}{
		"the same day":                {nil, "2018-12-26", "2018-12-26", 0},
		"the first counts":            {nil, "2018-12-26", "2018-12-27", 1},
		"the last does not":           {nil, "2018-12-28", "2018-12-31", 1},
		"a weekend before it":         {nil, "2018-12-29", "2018-12-31", 0},
		"a month":                     {nil, "2018-11-29", "2018-12-31", 22},
		"backwards":                   {nil, "2018-12-31", "2018-11-29", -22},
		"over the exchanged days":     {newYear(), "2018-12-28", "2019-01-06", 5},
		"over Tết":                    {newYear(), "2019-02-01", "2019-02-11", 1},
		"too late, by days after Tết": {newYear(), "2019-02-12", "2019-02-01", -2},
	}
	for name, tt := range tests {
		if got := compiled(t, tt.calendar).Between(day(t, tt.from), day(t, tt.until)); got != tt.want {
			t.Errorf("%s: %d, want %d", name, got, tt.want)
		}
	}
}

func anyCalendar(rt *rapid.T) *v1alpha1.WorkingCalendar {
	all := []v1alpha1.Weekday{"Saturday", "Sunday", "Friday", "Monday", "Tuesday", "Wednesday"}
	calendar := &v1alpha1.WorkingCalendar{Weekend: all[:rapid.IntRange(0, 6).Draw(rt, "weekend")]}
	plain, err := Compile(calendar)
	if err != nil {
		rt.Fatal(err)
	}
	for year := int32(2018); year <= 2020; year++ {
		decreed := v1alpha1.CalendarYear{Year: year, Source: "tested"}
		for range rapid.IntRange(0, 20).Draw(rt, "decreed") {
			d := day2(rt, int(year))
			if plain.IsWorking(d) {
				decreed.DaysOff = append(decreed.DaysOff, days(v1alpha1.CivilDate(d.String()))...)
			} else if rapid.Bool().Draw(rt, "worked") {
				decreed.WorkedInstead = append(decreed.WorkedInstead, days(v1alpha1.CivilDate(d.String()))...)
			}
		}
		calendar.Years = append(calendar.Years, decreed)
	}
	return calendar
}

// day2 is any day of a year.
func day2(rt *rapid.T, year int) civil.Date {
	return day(rt, "2018-01-01").AddMonths(12 * (year - 2018)).AddDays(rapid.IntRange(0, 364).Draw(rt, "day"))
}

func anyDay(rt *rapid.T) civil.Date {
	return day(rt, "2017-06-01").AddDays(rapid.IntRange(0, 1500).Draw(rt, "any day"))
}

// What is counted at once equals what is counted day by day, and stepping that far leads there.
func TestBetweenCounts(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		c, from := compiled(rt, anyCalendar(rt)), anyDay(rt)
		until := from.AddDays(rapid.IntRange(0, 900).Draw(rt, "days"))
		want := 0
		for d := from; d.Compare(until) < 0; d = d.AddDays(1) {
			if c.IsWorking(d) {
				want++
			}
		}
		if got := c.Between(from, until); got != want {
			rt.Fatalf("from %s until %s there are %d working days, counted day by day %d", from, until, got, want)
		}
		if got := c.Between(until, from); got != -want {
			rt.Errorf("backwards there are %d, want %d", got, -want)
		}
	})
}

// The last start is the last: work that begins on it takes its days and is done, and work that begins on any later day is not.
func TestLastStartIsTheLast(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		c, last, n := compiled(rt, anyCalendar(rt)), anyDay(rt), rapid.IntRange(1, 120).Draw(rt, "n")
		start := c.LastStart(last, n)
		if !c.IsWorking(start) {
			rt.Errorf("work is to begin on %s, which is off", start)
		}
		if got := c.Between(start, last.AddDays(1)); got != n {
			rt.Errorf("from %s to %s there are %d working days, want %d", start, last, got, n)
		}
		if back := c.After(start.AddDays(-1), n); back.Compare(last) > 0 {
			rt.Errorf("work of %d days that begins on %s ends on %s, after %s", n, start, back, last)
		}
		if later := c.LastStart(last, n+1); later.Compare(start) >= 0 {
			rt.Errorf("a day more of work can begin on %s, and not earlier than %s", later, start)
		}
	})
}

// A day more off never lets work begin later, and a day more that is worked never makes it begin earlier.
func TestDaysOffAreMonotone(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		calendar, last, n := anyCalendar(rt), anyDay(rt), rapid.IntRange(0, 120).Draw(rt, "n")
		before := compiled(rt, calendar)
		decreed := day2(rt, 2019)
		another := calendar.DeepCopy()
		off := before.IsWorking(decreed)
		if off {
			another.Years[1].WorkedInstead = nil
			another.Years[1].DaysOff = append(another.Years[1].DaysOff, days(v1alpha1.CivilDate(decreed.String()))...)
		} else {
			another.Years[1].DaysOff = nil
		}
		after := compiled(rt, another)
		was, is := before.LastStart(last, n), after.LastStart(last, n)
		if off && is.Compare(was) > 0 {
			rt.Errorf("with %s off, work can begin on %s, and could on %s before", decreed, is, was)
		}
		if !off && is.Compare(was) < 0 {
			rt.Errorf("with more days worked, work has to begin on %s, and could on %s before", is, was)
		}
	})
}
