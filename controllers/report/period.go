package report

import (
	"fmt"
	"time"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/civil"
)

// defaultCadence is that of a plan that says nothing.
const defaultCadence = v1alpha1.CadenceMonthly

// calendar cuts time into the periods of a cadence, in a zone. Days are carried as their midnight in UTC, in which every day has 24 hours.
type calendar struct {
	cadence v1alpha1.ReportCadence
	zone    *time.Location
}

func calendarOf(plan *v1alpha1.RolloutPlan, zone *time.Location) calendar {
	if plan.Spec.Reports == nil {
		return calendar{defaultCadence, zone}
	}
	return calendar{plan.Spec.Reports.Cadence, zone}
}

// today is the day that it is in the zone.
func (c calendar) today(now time.Time) time.Time {
	year, month, day := now.In(c.zone).Date()
	return time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
}

// first is the first day of the period that a day is in.
func (c calendar) first(day time.Time) time.Time {
	year, month, date := day.Date()
	switch c.cadence {
	case v1alpha1.CadenceWeekly:
		sinceMonday := (int(day.Weekday()) + 6) % 7
		return day.AddDate(0, 0, -sinceMonday)
	case v1alpha1.CadenceMonthly:
		date = 1
	case v1alpha1.CadenceQuarterly:
		month, date = (month-1)/3*3+1, 1
	case v1alpha1.CadenceYearly:
		month, date = time.January, 1
	default:
	}
	return time.Date(year, month, date, 0, 0, 0, 0, time.UTC)
}

// next is the first day of the period after the one that begins with a day.
func (c calendar) next(first time.Time) time.Time {
	switch c.cadence {
	case v1alpha1.CadenceWeekly:
		return first.AddDate(0, 0, 7)
	case v1alpha1.CadenceMonthly:
		return first.AddDate(0, 1, 0)
	case v1alpha1.CadenceQuarterly:
		return first.AddDate(0, 3, 0)
	case v1alpha1.CadenceYearly:
		return first.AddDate(1, 0, 0)
	default:
		return first.AddDate(0, 0, 1)
	}
}

// before is the first day of the period before the one that begins with a day.
func (c calendar) before(first time.Time) time.Time { return c.first(first.AddDate(0, 0, -1)) }

// name is the period that begins with a day.
func (c calendar) name(first time.Time) string {
	switch c.cadence {
	case v1alpha1.CadenceWeekly:
		year, week := first.ISOWeek()
		return fmt.Sprintf("%04d-W%02d", year, week)
	case v1alpha1.CadenceMonthly:
		return first.Format("2006-01")
	case v1alpha1.CadenceQuarterly:
		return fmt.Sprintf("%04d-Q%d", first.Year(), (first.Month()-1)/3+1)
	case v1alpha1.CadenceYearly:
		return first.Format("2006")
	default:
		return first.Format(time.DateOnly)
	}
}

// start is the instant at which a day begins in the zone.
func (c calendar) start(day time.Time) time.Time {
	date, err := civil.Parse(day.Format(time.DateOnly))
	if err != nil {
		return day // beyond the years that plans can name, where nobody waits for the hour
	}
	return date.Start(c.zone)
}

// ended gives the latest period that has ended after a moment, and how many others ended between the two; an empty name if none did.
func (c calendar) ended(after, now time.Time) (name string, at time.Time, missed int32) {
	if c.cadence == v1alpha1.CadenceNever {
		return "", time.Time{}, 0
	}
	first := c.first(c.today(now))
	at = c.start(first)
	if !at.After(after) || at.After(now) {
		return "", time.Time{}, 0
	}
	for earlier := c.before(first); c.start(earlier).After(after); earlier = c.before(earlier) {
		missed++
	}
	return c.name(c.before(first)), at, missed
}

// end is when the present period ends; zero if there are no periods.
func (c calendar) end(now time.Time) time.Time {
	if c.cadence == v1alpha1.CadenceNever {
		return time.Time{}
	}
	return c.start(c.next(c.first(c.today(now))))
}
