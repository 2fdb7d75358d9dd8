package workdays

import (
	"lienthong.gov.vn/connector-operator/controllers/civil"
)

// Before is the nth working day before a day, which itself does not count; the day itself if n is 0 or less.
func (c *Calendar) Before(day civil.Date, n int) civil.Date {
	return c.step(day, n, -1)
}

// After is the nth working day after a day, which itself does not count; the day itself if n is 0 or less.
func (c *Calendar) After(day civil.Date, n int) civil.Date {
	return c.step(day, n, 1)
}

func (c *Calendar) step(day civil.Date, n, by int) civil.Date {
	for n > 0 {
		day = day.AddDays(by)
		if c.IsWorking(day) {
			n--
		}
	}
	return day
}

// LastStart is the last day on which work of n working days can begin and be done by the end of the last day: that day and the n-1 working
// days which follow it all come no later. Work that takes no working day can begin on the last day, whatever day that is.
func (c *Calendar) LastStart(last civil.Date, n int) civil.Date {
	if n <= 0 {
		return last
	}
	return c.Before(last.AddDays(1), n)
}

// Between is how many working days there are from a day on until another comes: the first counts, and the other does not. It is below zero
// if the other is earlier, by those from the other on until the first comes.
func (c *Calendar) Between(from, until civil.Date) int {
	days := from.DaysUntil(until)
	if days < 0 {
		return -c.Between(until, from)
	}
	// Every seven days have the same weekend; what is left over and what is decreed is counted by itself.
	count := 0
	for day := from; day.Compare(from.AddDays(days%7)) < 0; day = day.AddDays(1) {
		if !c.weekend[day.Weekday()] {
			count++
		}
	}
	for _, off := range c.weekend {
		if !off {
			count += days / 7
		}
	}
	for day, worked := range c.decreed {
		switch {
		case day.Compare(from) < 0 || day.Compare(until) >= 0:
		case worked:
			count++
		default:
			count--
		}
	}
	return count
}
