package milestone

import (
	"slices"
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
	requiring(rapid.SliceOfN(rapid.SampledFrom([]v1alpha1.MilestoneRequirement{
		{Condition: v1alpha1.ConditionHubConnected}, {Evidence: "ContractSigned"}, {Evidence: "PilotExchange"}, {Regime: regimeToCome},
	}), 1, 3).Draw(rt, "requires")...)(plan)
	return plan
}

func anyConnectors(rt *rapid.T) []v1alpha1.Connector {
	var list []v1alpha1.Connector
	for _, name := range []string{"a", "b", "c"}[:rapid.IntRange(0, 3).Draw(rt, "connectors")] {
		c := connector(name, "Accepted="+status(rt), "HubConnected="+status(rt))
		switch rapid.IntRange(0, 3).Draw(rt, "judged") {
		case 0:
		case 1:
			c = under(c, regimeToCome, "RestoreTest")
		default:
			c = under(c, regimeToCome)
		}
		if rapid.IntRange(0, 4).Draw(rt, "stale") == 0 {
			c = stale(c)
		}
		list = append(list, c)
	}
	return list
}

func anyRecords(rt *rapid.T) []v1alpha1.ComplianceEvidence {
	record := rapid.Custom(func(rt *rapid.T) v1alpha1.ComplianceEvidence {
		superseded := ""
		if rapid.IntRange(0, 3).Draw(rt, "superseded") == 0 {
			superseded = ",later"
		}
		return record(rapid.SampledFrom([]string{"a", "b", "c"}).Draw(rt, "of"),
			rapid.SampledFrom([]string{"ContractSigned", "PilotExchange"}).Draw(rt, "kind")+"="+
				rapid.SampledFrom([]string{"Passed", "Passed", "Failed"}).Draw(rt, "result")+","+
				rapid.SampledFrom([]string{"True", "True", "False", ""}).Draw(rt, "accepted")+superseded)
	})
	return rapid.SliceOfN(record, 0, 8).Draw(rt, "records")
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
			o := Observation{Agency: agency, Connectors: anyConnectors(rt), Records: anyRecords(rt), Now: now}
			got := ready(t, anyPlan(rt)).Evaluate("ready-2018", o).Milestones
			if before := inStatus(agency, "decision-28", "pilot"); before != nil && before.MetAt != nil {
				if got[0].MetAt == nil || !got[0].MetAt.Time.Equal(before.MetAt.Time) {
					rt.Fatalf("metAt was %s and is %s", before.MetAt, got[0].MetAt)
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
		plan, connectors, records, now := ready(t, anyPlan(rt)), anyConnectors(rt), anyRecords(rt), anyInstant(rt)
		agency := mof(t, "")
		pass := func(now time.Time) Evaluation {
			return plan.Evaluate("ready-2018", Observation{Agency: agency, Connectors: connectors, Records: records, Now: now})
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
		plan, connectors, records, now := anyPlan(rt), anyConnectors(rt), anyRecords(rt), anyInstant(rt)
		pass := func(zone *time.Location) Evaluation {
			time.Local = zone
			return ready(t, plan).Evaluate("ready-2018", Observation{Agency: mof(t, ""), Connectors: connectors, Records: records, Now: now.In(zone)})
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

// Nothing is met by what does not count: without the records that count, and without the Connectors that everything holds of, an agency
// has met nothing. Whoever meets a milestone meets it with more that counts, too.
func TestOnlyWhatCountsMeets(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		requires := anyPlan(rt).Spec.Milestones[0].Requires
		o := observed{hub: hub, connectors: anyConnectors(rt), records: anyRecords(rt)}
		met := missing(requires, o) == ""
		counting := slices.DeleteFunc(slices.Clone(o.records), func(r v1alpha1.ComplianceEvidence) bool { return !Counts(&r) })
		if (missing(requires, observed{hub: hub, connectors: o.connectors, records: counting}) == "") != met {
			rt.Errorf("records that do not count made a difference to %v", requires)
		}
		if met && missing(requires, observed{hub: hub, connectors: o.connectors, records: append(counting, anyRecords(rt)...)}) != "" {
			rt.Errorf("it was met, and is not with more records")
		}
		if met && len(o.connectors) == 0 {
			rt.Error("it was met without a Connector")
		}
		for _, r := range requires {
			for i := range o.connectors {
				if met && missing([]v1alpha1.MilestoneRequirement{r}, observed{hub: hub, connectors: o.connectors[i : i+1], records: o.records}) != "" {
					rt.Errorf("it was met, and %v does not hold for Connector %s", r, o.connectors[i].Name)
				}
			}
		}
	})
}
