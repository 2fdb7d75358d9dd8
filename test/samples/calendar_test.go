package samples

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/civil"
	"lienthong.gov.vn/connector-operator/controllers/workdays"
	"lienthong.gov.vn/connector-operator/hack/livingplan/shift"
)

// How the names of days begin, by which a reader and these tests tell them apart.
const (
	tet       = "Tết Nguyên đán"
	nationals = "Quốc khánh"
	hungKings = "Giỗ Tổ Hùng Vương"
	culture   = "Ngày Văn hóa Việt Nam"
	instead   = "Nghỉ bù "
	exchanged = "Hoán đổi với "
	worked    = "Làm bù cho "
)

// lunar are the first day of the lunar year, and the tenth of its third month.
func lunar() map[int32][2]string {
	return map[int32][2]string{
		2018: {"2018-02-16", "2018-04-25"}, 2019: {"2019-02-05", "2019-04-14"}, 2020: {"2020-01-25", "2020-04-02"},
		2021: {"2021-02-12", "2021-04-21"}, 2022: {"2022-02-01", "2022-04-10"}, 2023: {"2023-01-22", "2023-04-29"},
		2024: {"2024-02-10", "2024-04-18"}, 2025: {"2025-01-29", "2025-04-07"}, 2026: {"2026-02-17", "2026-04-26"},
		2027: {"2027-02-06", "2027-04-16"},
	}
}

func on(t *testing.T, text string) civil.Date {
	t.Helper()
	d, err := civil.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func ofWeekend(d civil.Date) bool {
	return d.Weekday() == time.Saturday || d.Weekday() == time.Sunday
}

// calendarOf reads the calendar of a plan, which compiles.
func calendarOf(t *testing.T) *v1alpha1.WorkingCalendar {
	t.Helper()
	calendar := loadPlan(t).Spec.WorkingCalendar
	if _, err := workdays.Compile(calendar); err != nil {
		t.Fatalf("the calendar does not compile: %v", err)
	}
	return calendar
}

func TestCalendarYears(t *testing.T) {
	cited := regexp.MustCompile(`^(confirmed|secondary|derived|memory-[0-9]{2})$`)
	calendar := calendarOf(t)
	if len(calendar.Years) != 10 {
		t.Errorf("the calendar has %d years, want the 10 from 2018 to 2027", len(calendar.Years))
	}
	for i, year := range calendar.Years {
		if year.Year != int32(2018+i) {
			t.Errorf("year %d is %d", i, year.Year)
		}
		code := "Labour Code 2019"
		if year.Year < 2021 {
			code = "Labour Code 2012"
		}
		if !strings.HasPrefix(year.Source, code) || !cited.MatchString(year.Confidence) {
			t.Errorf("%d is cited as %q (%s), and the law was the %s", year.Year, year.Source, year.Confidence, code)
		}
		for _, list := range [][]v1alpha1.CalendarDay{year.DaysOff, year.WorkedInstead} {
			if !slices.IsSortedFunc(list, func(a, b v1alpha1.CalendarDay) int { return strings.Compare(string(a.Date), string(b.Date)) }) {
				t.Errorf("the days of %d are not in order", year.Year)
			}
		}
	}
}

// The holidays of a year are those of its Labour Code: Art. 115 of 2012, Art. 112 of 2019.
func TestCalendarHolidays(t *testing.T) {
	for _, year := range calendarOf(t).Years {
		t.Run(fmt.Sprint(year.Year), func(t *testing.T) {
			dates := map[string][]string{}
			count := 0
			for _, d := range year.DaysOff {
				kind, _, _ := strings.Cut(d.Name, ",")
				dates[kind] = append(dates[kind], string(d.Date))
				if !strings.HasPrefix(d.Name, instead) && !strings.HasPrefix(d.Name, exchanged) {
					count++
				}
			}
			fixed := map[string]string{
				"Tết Dương lịch": "-01-01", "Ngày Chiến thắng": "-04-30", "Ngày Quốc tế Lao động": "-05-01",
			}
			for name, day := range fixed {
				if got := dates[name]; len(got) != 1 || got[0] != fmt.Sprint(year.Year)+day {
					t.Errorf("%s is on %v, want it on %s", name, got, day)
				}
			}
			want := 11
			if year.Year < 2021 {
				want = 10
			}
			want += len(dates[culture])
			if count != want {
				t.Errorf("there are %d holidays, want %d", count, want)
			}
			moon := lunar()[year.Year]
			if got := dates[hungKings]; len(got) != 1 || got[0] != moon[1] {
				t.Errorf("the Hùng Kings are remembered on %v, want it on %s", got, moon[1])
			}
			checkTet(t, dates[tet], on(t, moon[0]))
			checkNationalDay(t, year.Year, dates[nationals])
		})
	}
}

// checkTet wants five days without a gap, of which the first of the lunar year is the second or the third.
func checkTet(t *testing.T, dates []string, first civil.Date) {
	t.Helper()
	if len(dates) != 5 {
		t.Fatalf("Tết has the days %v, want five", dates)
	}
	begin := on(t, dates[0])
	if n := begin.DaysUntil(on(t, dates[4])); n != 4 {
		t.Errorf("Tết runs over %d days", n+1)
	}
	if before := begin.DaysUntil(first); before != 1 && before != 2 {
		t.Errorf("Tết begins on %s, %d days before the lunar year", begin, before)
	}
}

func checkNationalDay(t *testing.T, year int32, dates []string) {
	t.Helper()
	day := fmt.Sprint(year) + "-09-02"
	if !slices.Contains(dates, day) {
		t.Errorf("National Day is on %v", dates)
	}
	if year < 2021 {
		return
	}
	if len(dates) != 2 || on(t, dates[0]).DaysUntil(on(t, dates[1])) != 1 {
		t.Errorf("National Day is on %v, want two days that follow each other", dates)
	}
}

// A holiday on a weekend is made up for by a working day after it, one by one (Art. 115.3 of 2012, Art. 111.3 of 2019), which is no
// other holiday; and the fewest such days pass. So Tết always takes five working days.
func TestCalendarSubstitutes(t *testing.T) {
	for _, year := range calendarOf(t).Years {
		holidays, made := map[string]civil.Date{}, map[string]civil.Date{}
		taken := map[string]bool{}
		tetDays := 0
		for _, d := range year.DaysOff {
			date := on(t, string(d.Date))
			taken[date.String()] = true
			name, isInstead := strings.CutPrefix(d.Name, instead)
			if isInstead {
				made[strings.ToLower(name)] = date
			} else {
				holidays[strings.ToLower(d.Name)] = date
			}
			if strings.Contains(d.Name, tet) && !ofWeekend(date) {
				tetDays++
			}
			if (isInstead || strings.HasPrefix(d.Name, exchanged)) && ofWeekend(date) {
				t.Errorf("%s (%s) is of a weekend, which is off as it is", date, d.Name)
			}
		}
		if tetDays != 5 {
			t.Errorf("Tết of %d takes %d working days, want 5", year.Year, tetDays)
		}
		for name, date := range holidays {
			day, isMade := made[name]
			if isMade != ofWeekend(date) {
				t.Errorf("%s of %d is on %s, a %s; made up for: %t", name, year.Year, date, date.Weekday(), isMade)
			}
			for between := date.AddDays(1); isMade && between.Compare(day) < 0; between = between.AddDays(1) {
				if !ofWeekend(between) && !taken[between.String()] {
					t.Errorf("%s (%s) is made up for on %s, and not already on %s", name, date, day, between)
				}
			}
			delete(made, name)
		}
		if len(made) > 0 {
			t.Errorf("%d makes up for what is no holiday of it: %v", year.Year, made)
		}
	}
}

// A working day that is off in exchange and the day of a weekend that is worked for it name each other.
func TestCalendarExchanges(t *testing.T) {
	const written = "02/01/2006"
	off, back := map[string]string{}, map[string]string{}
	name := func(text string) string {
		d, err := time.Parse(written, text)
		if err != nil {
			t.Errorf("%q is no day: %v", text, err)
		}
		return d.Format(time.DateOnly)
	}
	for _, year := range calendarOf(t).Years {
		for _, d := range year.DaysOff {
			if other, ok := strings.CutPrefix(d.Name, exchanged); ok {
				off[string(d.Date)] = name(other)
			}
		}
		for _, d := range year.WorkedInstead {
			other, ok := strings.CutPrefix(d.Name, worked)
			if !ok {
				t.Errorf("%s is worked without saying for which day: %s", d.Date, d.Name)
				continue
			}
			back[name(other)] = string(d.Date)
		}
	}
	if diff := cmp.Diff(off, back); diff != "" || len(off) == 0 {
		t.Errorf("days off, and the days worked for them (-off +worked):\n%s", diff)
	}
}

// Holidays stay where they are when the plan is moved to now.
func TestLivingPlanKeepsTheCalendar(t *testing.T) {
	plan := loadPlan(t)
	living, err := shift.Plan(plan, on(t, "2018-12-20"), on(t, "2026-11-28"))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(plan.Spec.WorkingCalendar, living.Spec.WorkingCalendar); diff != "" {
		t.Errorf("calendar (-plan +living):\n%s", diff)
	}
	ready, err := workdays.Compile(living.Spec.WorkingCalendar)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range living.Spec.Milestones {
		due := on(t, string(m.Deadline.Date))
		if none := ready.Uncovered(on(t, "2026-11-28"), due); len(none) > 0 {
			t.Errorf("milestone %s is due %s, and the calendar has no %v", m.Name, due, none)
		}
	}
}
