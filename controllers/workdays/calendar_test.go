package workdays

import (
	"slices"
	"strings"
	"testing"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/civil"
)

// stops is what a test and a property test have in common.
type stops interface {
	Helper()
	Fatalf(format string, args ...any)
}

func day(t stops, s string) civil.Date {
	t.Helper()
	d, err := civil.Parse(s)
	if err != nil {
		t.Fatalf("%v", err)
	}
	return d
}

func days(dates ...v1alpha1.CivilDate) []v1alpha1.CalendarDay {
	var list []v1alpha1.CalendarDay
	for _, d := range dates {
		list = append(list, v1alpha1.CalendarDay{Date: d, Name: "Tết Nguyên đán"})
	}
	return list
}

// newYear has the turn of 2018 to 2019 and the Tết of 2019, with the days that were exchanged for each other.
func newYear() *v1alpha1.WorkingCalendar {
	return &v1alpha1.WorkingCalendar{Years: []v1alpha1.CalendarYear{
		{Year: 2018, Source: "tested", DaysOff: days("2018-01-01", "2018-12-31")},
		{Year: 2019, Source: "tested", WorkedInstead: days("2019-01-05"),
			DaysOff: days("2019-01-01", "2019-02-03", "2019-02-04", "2019-02-05", "2019-02-06", "2019-02-07", "2019-02-08")},
	}}
}

func compiled(t stops, api *v1alpha1.WorkingCalendar) *Calendar {
	t.Helper()
	c, err := Compile(api)
	if err != nil {
		t.Fatalf("the calendar does not compile: %v", err)
	}
	return c
}

func TestCompileRefuses(t *testing.T) {
	year := func(edit func(*v1alpha1.CalendarYear)) *v1alpha1.WorkingCalendar {
		y := v1alpha1.CalendarYear{Year: 2019, Source: "tested"}
		edit(&y)
		return &v1alpha1.WorkingCalendar{Years: []v1alpha1.CalendarYear{y}}
	}
	tests := map[string]struct {
		calendar *v1alpha1.WorkingCalendar
		want     string
	}{
		"a day off of another year": {
			year(func(y *v1alpha1.CalendarYear) { y.DaysOff = days("2018-12-31") }),
			"daysOff of 2019 has 2018-12-31 (Tết Nguyên đán), which is of another year; write it under its own year",
		},
		"a day that is none": {
			year(func(y *v1alpha1.CalendarYear) { y.DaysOff = days("2019-02-30") }),
			`daysOff of 2019 cannot be used: "2019-02-30" is no day of the calendar; write a date as YYYY-MM-DD, such as 2018-12-31`,
		},
		"a worked day that is none": {
			year(func(y *v1alpha1.CalendarYear) { y.WorkedInstead = days("2019-02-29") }),
			`workedInstead of 2019 cannot be used: "2019-02-29" is no day of the calendar; write a date as YYYY-MM-DD, such as 2018-12-31`,
		},
		"worked on a weekday": {
			year(func(y *v1alpha1.CalendarYear) { y.WorkedInstead = days("2019-01-07") }),
			"workedInstead has 2019-01-07 (Tết Nguyên đán), which is a Monday and of no weekend; write the day of a weekend that is worked in exchange",
		},
		"off and worked": {
			year(func(y *v1alpha1.CalendarYear) { y.DaysOff, y.WorkedInstead = days("2019-01-05"), days("2019-01-05") }),
			"2019-01-05 is off (Tết Nguyên đán) and worked instead (Tết Nguyên đán) at once; leave it in one of daysOff and workedInstead",
		},
		"a weekend that is no day": {
			&v1alpha1.WorkingCalendar{Weekend: []v1alpha1.Weekday{"Caturday"}},
			`weekend has "Caturday", which is no day of the week; write one such as Saturday`,
		},
		"nothing but weekend": {
			&v1alpha1.WorkingCalendar{Weekend: []v1alpha1.Weekday{"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"}},
			"weekend has every day of the week; leave at least one to work on",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if _, err := Compile(tt.calendar); err == nil || err.Error() != tt.want {
				t.Errorf("the calendar was answered with\n%v\nwant\n%s", err, tt.want)
			}
		})
	}
}

func TestIsWorking(t *testing.T) {
	friday := &v1alpha1.WorkingCalendar{Weekend: []v1alpha1.Weekday{"Friday"}}
	tests := map[string]struct {
		calendar *v1alpha1.WorkingCalendar
		working  []string
		off      []string
	}{
		"no calendar": {nil, []string{"2018-12-31", "2019-01-01", "2019-02-05"}, []string{"2019-01-05", "2019-01-06"}},
		"the turn of the year": {newYear(), []string{"2018-12-28", "2019-01-02", "2019-01-05", "2019-02-01", "2019-02-11"},
			[]string{"2018-12-29", "2018-12-31", "2019-01-01", "2019-01-06", "2019-02-03", "2019-02-08", "2019-02-09"}},
		"a year that it does not have": {newYear(), []string{"2020-01-01", "2020-01-27"}, []string{"2020-01-25"}},
		"another weekend":              {friday, []string{"2019-01-05", "2019-01-06"}, []string{"2019-01-04"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			c := compiled(t, tt.calendar)
			for _, d := range tt.working {
				if !c.IsWorking(day(t, d)) {
					t.Errorf("%s is off", d)
				}
			}
			for _, d := range tt.off {
				if c.IsWorking(day(t, d)) {
					t.Errorf("%s is worked", d)
				}
			}
		})
	}
}

func TestUncovered(t *testing.T) {
	gap := newYear()
	gap.Years[1].Year, gap.Years[1].DaysOff, gap.Years[1].WorkedInstead = 2020, nil, nil
	tests := map[string]struct {
		calendar *v1alpha1.WorkingCalendar
		from, to string
		want     []int
	}{
		"nobody expects any":   {nil, "2018-01-01", "2030-01-01", nil},
		"all there":            {newYear(), "2018-01-01", "2019-12-31", nil},
		"one day beyond":       {newYear(), "2018-12-31", "2020-01-01", []int{2020}},
		"a gap, and both ends": {gap, "2017-12-31", "2022-01-01", []int{2017, 2019, 2021, 2022}},
		"weekends only":        {&v1alpha1.WorkingCalendar{Weekend: []v1alpha1.Weekday{"Sunday"}}, "2019-01-01", "2019-01-01", []int{2019}},
		"empty":                {&v1alpha1.WorkingCalendar{}, "2019-01-01", "2019-01-01", []int{2019}},
		"backwards":            {newYear(), "2022-01-01", "2018-01-01", nil},
	}
	for name, tt := range tests {
		if got := compiled(t, tt.calendar).Uncovered(day(t, tt.from), day(t, tt.to)); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %v, want %v", name, got, tt.want)
		}
	}
}

// A message tells every mistake to somebody who may be no programmer, so it names the day.
func TestRefusalsNameTheDay(t *testing.T) {
	bad := newYear()
	bad.Years[1].WorkedInstead = append(bad.Years[1].WorkedInstead, days("2019-01-03")...)
	if _, err := Compile(bad); err == nil || !strings.Contains(err.Error(), "2019-01-03") {
		t.Errorf("the calendar was answered with: %v", err)
	}
}
