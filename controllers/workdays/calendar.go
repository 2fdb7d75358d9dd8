package workdays

import (
	"fmt"
	"time"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/civil"
)

// Calendar tells working days from days off.
type Calendar struct {
	weekend [7]bool
	// decreed are the days that are otherwise than the weekend has it: true for one that is worked, false for one that is off.
	decreed map[civil.Date]bool
	// years are those that the calendar has; nil if there is no calendar, and nobody expects it to have any.
	years map[int]bool
}

// Compile makes a calendar ready; nil stands for one of weekends only. The error is a sentence without its full stop, for the person who
// wrote the calendar.
func Compile(api *v1alpha1.WorkingCalendar) (*Calendar, error) {
	c := &Calendar{decreed: map[civil.Date]bool{}}
	if api == nil {
		c.weekend = [7]bool{time.Saturday: true, time.Sunday: true}
		return c, nil
	}
	if err := c.addWeekend(api.Weekend); err != nil {
		return nil, err
	}
	c.years = make(map[int]bool, len(api.Years))
	for i := range api.Years {
		if err := c.addYear(&api.Years[i]); err != nil {
			return nil, err
		}
	}
	return c, nil
}

func (c *Calendar) addWeekend(names []v1alpha1.Weekday) error {
	if len(names) == 0 {
		names = []v1alpha1.Weekday{v1alpha1.Weekday(time.Saturday.String()), v1alpha1.Weekday(time.Sunday.String())}
	}
	for _, name := range names {
		day, ok := weekday(name)
		if !ok {
			return fmt.Errorf("weekend has %q, which is no day of the week; write one such as Saturday", name)
		}
		c.weekend[day] = true
	}
	if c.weekend == [7]bool{true, true, true, true, true, true, true} {
		return fmt.Errorf("weekend has every day of the week; leave at least one to work on")
	}
	return nil
}

func weekday(name v1alpha1.Weekday) (time.Weekday, bool) {
	for day := time.Sunday; day <= time.Saturday; day++ {
		if day.String() == string(name) {
			return day, true
		}
	}
	return 0, false
}

// addYear keeps of the days off those that are of no weekend: the others are off as it is.
func (c *Calendar) addYear(year *v1alpha1.CalendarYear) error {
	c.years[int(year.Year)] = true
	off := make(map[civil.Date]string, len(year.DaysOff))
	for _, d := range year.DaysOff {
		date, err := dateIn(year, d, "daysOff")
		if err != nil {
			return err
		}
		off[date] = d.Name
		if !c.weekend[date.Weekday()] {
			c.decreed[date] = false
		}
	}
	for _, d := range year.WorkedInstead {
		date, err := dateIn(year, d, "workedInstead")
		if err != nil {
			return err
		}
		if name, ok := off[date]; ok {
			return fmt.Errorf("%s is off (%s) and worked instead (%s) at once; leave it in one of daysOff and workedInstead", date, name, d.Name)
		}
		if !c.weekend[date.Weekday()] {
			return fmt.Errorf("workedInstead has %s (%s), which is a %s and of no weekend; write the day of a weekend that is worked in exchange",
				date, d.Name, date.Weekday())
		}
		c.decreed[date] = true
	}
	return nil
}

func dateIn(year *v1alpha1.CalendarYear, d v1alpha1.CalendarDay, list string) (civil.Date, error) {
	date, err := civil.Parse(string(d.Date))
	if err != nil {
		return date, fmt.Errorf("%s of %d cannot be used: %w", list, year.Year, err)
	}
	if date.Year() != int(year.Year) {
		return date, fmt.Errorf("%s of %d has %s (%s), which is of another year; write it under its own year", list, year.Year, date, d.Name)
	}
	return date, nil
}

// IsWorking tells whether a day is a working day.
func (c *Calendar) IsWorking(day civil.Date) bool {
	if worked, ok := c.decreed[day]; ok {
		return worked
	}
	return !c.weekend[day.Weekday()]
}

// Uncovered are the years from one day to another that the calendar does not have, in order; none if there is no calendar.
func (c *Calendar) Uncovered(from, to civil.Date) []int {
	if c.years == nil {
		return nil
	}
	var years []int
	for year := from.Year(); year <= to.Year(); year++ {
		if !c.years[year] {
			years = append(years, year)
		}
	}
	return years
}
