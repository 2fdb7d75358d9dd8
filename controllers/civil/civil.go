// Package civil reckons with days of the calendar, as laws name them: without a time of day and without a zone. A zone comes
// in only where a day has to begin at an instant, because "before 31 December" ends hours apart in Hanoi and in UTC.
//
// It is pure and keeps nothing, so a restart needs no recovery.
package civil

import (
	"fmt"
	"time"
)

// layout is the one form in which a day is written.
const layout = "2006-01-02"

// Date is a day of the calendar.
type Date struct {
	year  int
	month time.Month
	day   int
}

// Parse reads a day written as YYYY-MM-DD, in the years 1000 to 2999 that the API accepts: an earlier or a later one is a slip.
func Parse(s string) (Date, error) {
	t, err := time.Parse(layout, s)
	if err != nil || t.Year() < 1000 || t.Year() > 2999 {
		return Date{}, fmt.Errorf("%q is no day of the calendar; write a date as YYYY-MM-DD, such as 2018-12-31", s)
	}
	return dateOf(t), nil
}

// In is the day that it is in a zone at an instant.
func In(t time.Time, zone *time.Location) Date {
	return dateOf(t.In(zone))
}

func dateOf(t time.Time) Date {
	year, month, day := t.Date()
	return Date{year, month, day}
}

// String writes the day as YYYY-MM-DD.
func (d Date) String() string {
	return d.midnightUTC().Format(layout)
}

// AddDays is the day that many days later, or earlier if days is negative.
func (d Date) AddDays(days int) Date {
	return dateOf(d.midnightUTC().AddDate(0, 0, days))
}

// AddMonths is the same day that many calendar months later, or earlier if months is negative. Where that month is too short, it is the
// month's last day: a month after 31 January is 28 or 29 February, and a year after 29 February is 28 February.
func (d Date) AddMonths(months int) Date {
	first := time.Date(d.year, d.month, 1, 0, 0, 0, 0, time.UTC).AddDate(0, months, 0)
	last := first.AddDate(0, 1, -1)
	return Date{first.Year(), first.Month(), min(d.day, last.Day())}
}

// Compare is below zero if d comes before other, zero if they are the same day, and above zero if d comes after.
func (d Date) Compare(other Date) int {
	return d.midnightUTC().Compare(other.midnightUTC())
}

// DaysUntil is how many days later other is, or below zero if it is earlier.
func (d Date) DaysUntil(other Date) int {
	return int(other.midnightUTC().Sub(d.midnightUTC()).Hours() / 24)
}

// Year is the year of the day in the Gregorian calendar.
func (d Date) Year() int {
	return d.year
}

// Weekday is the day of the week.
func (d Date) Weekday() time.Weekday {
	return d.midnightUTC().Weekday()
}

// Start is the first instant in a zone at which the calendar shows d or, where the zone skipped the whole day, a later day.
// A day does not always begin at 00:00: some zones move their clocks forward at midnight, so that it begins at 01:00.
func (d Date) Start(zone *time.Location) time.Time {
	return d.At(0, zone)
}

// At is the first instant in a zone at which the clocks show that time of day on d, given as the time since 00:00. Where they skip it,
// that is the instant of the skip, and where they show it twice, the first of the two.
func (d Date) At(timeOfDay time.Duration, zone *time.Location) time.Time {
	shown := d.midnightUTC().Add(timeOfDay)
	// No zone is a day and a half away from UTC, so the clocks do not show it yet.
	at := shown.Add(-36 * time.Hour).In(zone)
	for {
		_, offset := at.Zone()
		start := shown.Add(-time.Duration(offset) * time.Second).In(zone)
		if start.Before(at) {
			start = at
		}
		_, change := at.ZoneBounds()
		if change.IsZero() || start.Before(change) {
			return start
		}
		at = change
	}
}

// midnightUTC carries the arithmetic of the calendar: in UTC every day has 24 hours.
func (d Date) midnightUTC() time.Time {
	return time.Date(d.year, d.month, d.day, 0, 0, 0, 0, time.UTC)
}
