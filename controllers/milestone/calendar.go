package milestone

import (
	"fmt"
	"time"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/civil"
	"lienthong.gov.vn/connector-operator/controllers/workdays"
)

func (p *Plan) addCalendar(spec v1alpha1.RolloutPlanSpec) *Problem {
	calendar, err := workdays.Compile(spec.WorkingCalendar)
	if err != nil {
		return &Problem{v1alpha1.ReasonInvalidSpec, fmt.Sprintf("The workingCalendar cannot be used: %v.", err)}
	}
	p.calendar = calendar
	return nil
}

// Uncovered are the years in which the plan reckons, and of which its calendar does not have the holidays: from now, or from the first deadline
// if that was before, until the last deadline.
func (p *Plan) Uncovered(now time.Time) []int {
	var first, last civil.Date
	for i, d := range p.deadlines {
		day := d.LastDay()
		if i == 0 || day.Compare(first) < 0 {
			first = day
		}
		if i == 0 || day.Compare(last) > 0 {
			last = day
		}
	}
	if today := civil.In(now, p.zone); today.Compare(first) < 0 {
		first = today
	}
	return p.calendar.Uncovered(first, last)
}

// Slack is how many working days there are, on the day that it is in the plan's zone, until a last day to begin, and which day it is: 0 means
// that it has to begin at once, and below zero that it is too late by so many.
func (p *Plan) Slack(latestStart v1alpha1.CivilDate, now time.Time) (int, v1alpha1.CivilDate, error) {
	start, err := civil.Parse(string(latestStart))
	if err != nil {
		return 0, "", fmt.Errorf("latestStart of a milestone: %w", err)
	}
	today := civil.In(now, p.zone)
	return p.calendar.Between(today, start), v1alpha1.CivilDate(today.String()), nil
}

// NextDay is when the next day begins in the plan's zone.
func (p *Plan) NextDay(now time.Time) time.Time {
	return civil.In(now, p.zone).AddDays(1).Start(p.zone)
}
