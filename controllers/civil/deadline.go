package civil

import (
	"time"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

// Deadline is a day with the way it is meant, in a zone.
type Deadline struct {
	boundary v1alpha1.DeadlineBoundary
	date     Date
	zone     *time.Location
}

// ParseDeadline reads a deadline as the API writes it.
func ParseDeadline(d v1alpha1.Deadline, zone *time.Location) (Deadline, error) {
	date, err := Parse(string(d.Date))
	if err != nil {
		return Deadline{}, err
	}
	return Deadline{boundary: d.Boundary, date: date, zone: zone}, nil
}

// API writes the deadline as the API has it.
func (d Deadline) API() v1alpha1.Deadline {
	return v1alpha1.Deadline{Boundary: d.boundary, Date: v1alpha1.CivilDate(d.date.String())}
}

// String says the deadline in words.
func (d Deadline) String() string {
	switch d.boundary {
	case v1alpha1.DeadlineOnOrBefore:
		return "on or before " + d.date.String()
	case v1alpha1.DeadlineInForceFrom:
		return "from " + d.date.String() + " on"
	default:
		return "before " + d.date.String()
	}
}

// Instant is DeadlineInstant of the deadline.
func (d Deadline) Instant() time.Time {
	return DeadlineInstant(d.boundary, d.date, d.zone)
}

// TooLate is the first whole second at which something that is reached then is late. What is to hold from a day on may still
// begin with the first second of that day; what is to be reached before the day may not.
func (d Deadline) TooLate() time.Time {
	if d.boundary == v1alpha1.DeadlineInForceFrom {
		return d.Instant().Add(time.Second)
	}
	return d.Instant()
}

// LastDay is the last day on which something can still be done that is to be reached by the deadline.
func (d Deadline) LastDay() Date {
	return In(d.Instant().Add(-1), d.zone)
}

// DaysBefore is the start of the day that many calendar days before the deadline's.
func (d Deadline) DaysBefore(days int) time.Time {
	return d.date.AddDays(-days).Start(d.zone)
}

// DeadlineInstant is when a deadline passes: with the start of its day if it is meant as before or in force from the day, and
// with the start of the next day if the day itself still counts.
func DeadlineInstant(boundary v1alpha1.DeadlineBoundary, date Date, zone *time.Location) time.Time {
	if boundary == v1alpha1.DeadlineOnOrBefore {
		return date.AddDays(1).Start(zone)
	}
	return date.Start(zone)
}
