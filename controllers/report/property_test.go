package report

import (
	"fmt"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"pgregory.net/rapid"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/civil"
)

// life is an operator that runs now and then, and a plan that is removed and created anew now and then.
type life struct {
	plan    *v1alpha1.RolloutPlan
	zone    *time.Location
	born    time.Time
	lastRun time.Time
	reports []v1alpha1.ReadinessReport
}

// run writes what is due at a moment, until nothing is.
func (l *life) run(rt *rapid.T, now time.Time) {
	l.lastRun = now
	var last time.Time
	for range 1000 {
		h := historyOf(l.reports, nil)
		first, wake := firstDue(l.plan, l.zone, &h, now)
		if first == nil {
			if !wake.IsZero() && !wake.After(now) {
				rt.Fatalf("at %s it wakes at %s", now, wake)
			}
			return
		}
		if first.at.Before(last) || first.at.After(now) {
			rt.Fatalf("what was due at %s comes after what was due at %s, at %s", first.at, last, now)
		}
		last = first.at
		l.reports = append(l.reports, v1alpha1.ReadinessReport{Spec: v1alpha1.ReadinessReportSpec{
			Plan: v1alpha1.ReportedPlan{Name: l.plan.Name}, Sequence: int64(len(l.reports) + 1), Part: new(int32(1)), Parts: new(int32(1)),
			Trigger: first.trigger, DueAt: second(first.at), TakenAt: second(now), Late: new(first.late(now)),
		}})
	}
	rt.Fatal("there is no end to what is due")
}

// Whenever the operator runs, whatever the zone, and however often the plan is created anew: each deadline that has passed since the plan
// exists is reported once, and each period once or as missed.
func TestNothingIsMissedAndNothingTwice(t *testing.T) {
	zones := rapid.SampledFrom([]string{"Asia/Ho_Chi_Minh", "UTC", "Pacific/Apia", "America/Sao_Paulo", "Pacific/Honolulu", "Europe/Berlin"})
	boundaries := rapid.SampledFrom([]v1alpha1.DeadlineBoundary{v1alpha1.DeadlineBefore, v1alpha1.DeadlineOnOrBefore, v1alpha1.DeadlineInForceFrom})
	cadences := rapid.SampledFrom([]v1alpha1.ReportCadence{
		v1alpha1.CadenceNever, v1alpha1.CadenceDaily, v1alpha1.CadenceWeekly, v1alpha1.CadenceMonthly, v1alpha1.CadenceQuarterly, v1alpha1.CadenceYearly,
	})
	origin := at(t, "2011-12-01T00:00:00Z") // Apia skips 30 December 2011
	rapid.Check(t, func(rt *rapid.T) {
		l := &life{plan: planOf(t, every(cadences.Draw(rt, "cadence"))), born: origin}
		l.plan.Spec.TimeZone = zones.Draw(rt, "zone")
		l.zone = zoneOf(t, l.plan.Spec.TimeZone)
		l.plan.CreationTimestamp = metav1.NewTime(origin)
		l.plan.Spec.Milestones = nil
		for i := range rapid.IntRange(1, 6).Draw(rt, "milestones") {
			day := origin.AddDate(0, 0, rapid.IntRange(-10, 60).Draw(rt, "day")).Format(time.DateOnly)
			l.plan.Spec.Milestones = append(l.plan.Spec.Milestones, v1alpha1.Milestone{
				Name: fmt.Sprintf("m%d", i), Deadline: v1alpha1.Deadline{Boundary: boundaries.Draw(rt, "boundary"), Date: v1alpha1.CivilDate(day)},
			})
		}
		// The first run is when the plan is created: what was due before the first report cannot be known after that.
		now := origin
		for range rapid.IntRange(1, 20).Draw(rt, "runs") {
			now = now.Add(time.Duration(rapid.IntRange(1, 12*24*3600).Draw(rt, "seconds")) * time.Second)
			if len(l.reports) > 0 && rapid.IntRange(0, 3).Draw(rt, "anew") == 0 {
				l.plan.CreationTimestamp = metav1.NewTime(now)
			}
			l.run(rt, now)
		}
		l.checkDeadlines(rt)
		l.checkPeriods(rt)
		for _, r := range l.reports {
			if late := r.Spec.TakenAt.Sub(r.Spec.DueAt.Time) > 15*time.Minute; late != *r.Spec.Late {
				rt.Errorf("due at %s and taken at %s is late: %t", r.Spec.DueAt, r.Spec.TakenAt, *r.Spec.Late)
			}
		}
	})
}

func (l *life) checkDeadlines(rt *rapid.T) {
	times := map[time.Time]int{}
	for _, r := range l.reports {
		if r.Spec.Trigger.Type == v1alpha1.ReportAtDeadline {
			times[r.Spec.DueAt.UTC()]++
		}
	}
	for _, m := range l.plan.Spec.Milestones {
		deadline, err := civil.ParseDeadline(m.Deadline, l.zone)
		if err != nil {
			rt.Fatal(err)
		}
		passed := deadline.TooLate().After(l.born) && !deadline.TooLate().After(l.lastRun)
		if n := times[deadline.TooLate().UTC()]; passed && n != 1 || !passed && n != 0 {
			rt.Errorf("%s, in %s: %d reports", deadline, l.zone, n)
		}
	}
}

func (l *life) checkPeriods(rt *rapid.T) {
	c := calendarOf(l.plan, l.zone)
	if c.cadence == v1alpha1.CadenceNever {
		return
	}
	ended, told := 0, 0
	for first := c.next(c.first(c.today(l.born))); !c.start(first).After(l.lastRun); first = c.next(first) {
		if c.start(first).After(l.born) {
			ended++
		}
	}
	seen := map[string]bool{}
	for _, r := range l.reports {
		if p := r.Spec.Trigger.Period; p != "" {
			if seen[p] {
				rt.Errorf("%s is reported twice", p)
			}
			seen[p] = true
			told++
			if missed := r.Spec.Trigger.MissedPeriods; missed != nil {
				told += int(*missed)
			}
		}
	}
	if told != ended {
		rt.Errorf("%d periods %s of %s ended, and %d were reported or told as missed", ended, c.cadence, c.zone, told)
	}
}
