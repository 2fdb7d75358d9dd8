package milestone

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

func anyPlan(rt *rapid.T) *v1alpha1.RolloutPlan {
	boundary := rapid.SampledFrom([]v1alpha1.DeadlineBoundary{
		v1alpha1.DeadlineBefore, v1alpha1.DeadlineOnOrBefore, v1alpha1.DeadlineInForceFrom,
	})
	date := rapid.SampledFrom([]v1alpha1.CivilDate{"2018-11-04", "2018-12-31", "2019-01-01", "2019-02-28", "2020-02-29"})
	zone := rapid.SampledFrom([]string{"Asia/Ho_Chi_Minh", "America/Sao_Paulo", "Pacific/Kiritimati", "UTC"})
	plan := onePlan(due(boundary.Draw(rt, "boundary"), date.Draw(rt, "date")), zoned(zone.Draw(rt, "zone")))
	if rapid.Bool().Draw(rt, "excepted") {
		var deadline *v1alpha1.Deadline
		if rapid.Bool().Draw(rt, "deferred") {
			deadline = &v1alpha1.Deadline{Boundary: boundary.Draw(rt, "boundary of the exception"), Date: date.Draw(rt, "date of the exception")}
		}
		excepted(deadline)(plan)
	}
	return plan
}

func anyConnectors(rt *rapid.T) []v1alpha1.Connector {
	var list []v1alpha1.Connector
	for _, name := range []string{"a", "b", "c"}[:rapid.IntRange(0, 3).Draw(rt, "connectors")] {
		c := connector(name, "Accepted="+status(rt), "HubConnected="+status(rt))
		if rapid.IntRange(0, 4).Draw(rt, "stale") == 0 {
			c = stale(c)
		}
		list = append(list, c)
	}
	return list
}

func status(rt *rapid.T) string {
	return rapid.SampledFrom([]string{"True", "True", "False", "Unknown"}).Draw(rt, "status")
}

// instants run from well before the deadlines to well after, and often meet one on the second.
func anyInstant(rt *rapid.T) time.Time {
	start := time.Date(2018, 10, 1, 0, 0, 0, 0, time.UTC)
	hours := time.Duration(rapid.IntRange(0, 15000).Draw(rt, "hours")) * time.Hour
	return start.Add(hours + time.Duration(rapid.IntRange(-1, 1).Draw(rt, "seconds"))*time.Second)
}

// Whatever the connectors do and however the plan is edited, what was once recorded stays, and a met milestone is never unmet.
func TestMetAtNeverMoves(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		agency := mof(t, "")
		agency.Status.Milestones = nil
		now := anyInstant(rt)
		for range rapid.IntRange(2, 12).Draw(rt, "passes") {
			o := Observation{Agency: agency, Connectors: anyConnectors(rt), Now: now}
			got := ready(t, anyPlan(rt)).Evaluate("ready-2018", o).Milestones
			if before := recorded(agency.Status.Milestones, "decision-28", "pilot"); before != nil {
				if got[0].MetAt == nil || !got[0].MetAt.Time.Equal(before.Time) {
					rt.Fatalf("metAt was %s and is %s", before, got[0].MetAt)
				}
			}
			switch got[0].State {
			case v1alpha1.MilestoneMet, v1alpha1.MilestoneMetLate:
				if got[0].MetAt == nil || got[0].MetAt.Nanosecond() != 0 || got[0].MetAt.After(now) {
					rt.Fatalf("%s with metAt %v at %s", got[0].State, got[0].MetAt, now)
				}
			case v1alpha1.MilestoneExempt:
			default:
				if got[0].MetAt != nil {
					rt.Fatalf("%s although it was met at %s", got[0].State, got[0].MetAt)
				}
			}
			agency.Status.Milestones = got
			now = now.Add(time.Duration(rapid.IntRange(0, 2000).Draw(rt, "wait")) * time.Hour)
		}
	})
}

// Between two passes without an event, nothing changes before the moment that Evaluate names, and something does at it.
func TestNextIsWhenSomethingChanges(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		plan, connectors, now := ready(t, anyPlan(rt)), anyConnectors(rt), anyInstant(rt)
		agency := mof(t, "")
		pass := func(now time.Time) Evaluation {
			return plan.Evaluate("ready-2018", Observation{Agency: agency, Connectors: connectors, Now: now})
		}
		first := pass(now)
		agency.Status.Milestones = first.Milestones
		if first.Next.IsZero() {
			now = now.AddDate(100, 0, 0)
			if diff := cmp.Diff(first.Milestones, pass(now).Milestones); diff != "" {
				rt.Fatalf("it changed although nothing was to change (-first +later):\n%s", diff)
			}
			return
		}
		if !first.Next.After(now) {
			rt.Fatalf("at %s the next change is at %s", now, first.Next)
		}
		if diff := cmp.Diff(first.Milestones, pass(first.Next.Add(-time.Nanosecond)).Milestones); diff != "" {
			rt.Errorf("it changed before %s (-first +later):\n%s", first.Next, diff)
		}
		if cmp.Equal(first.Milestones, pass(first.Next).Milestones) {
			rt.Errorf("nothing changed at %s", first.Next)
		}
	})
}

// The zone of the machine is of no account. The test changes it for the whole process, so it does not run in parallel.
func TestLocalZoneChangesNothing(t *testing.T) {
	local := time.Local
	t.Cleanup(func() { time.Local = local })
	rapid.Check(t, func(rt *rapid.T) {
		plan, connectors, now := anyPlan(rt), anyConnectors(rt), anyInstant(rt)
		pass := func(zone *time.Location) Evaluation {
			time.Local = zone
			return ready(t, plan).Evaluate("ready-2018", Observation{Agency: mof(t, ""), Connectors: connectors, Now: now.In(zone)})
		}
		west, east := pass(time.FixedZone("west", -11*3600)), pass(time.FixedZone("east", 14*3600))
		if diff := cmp.Diff(west.Milestones, east.Milestones); diff != "" {
			rt.Errorf("milestones (-west +east):\n%s", diff)
		}
		if !west.Next.Equal(east.Next) {
			rt.Errorf("next is %s or %s", west.Next, east.Next)
		}
	})
}
