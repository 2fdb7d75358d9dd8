package milestone

import (
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"pgregory.net/rapid"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

// TestLegal has every edge by itself, so that an edge that is added or lost by mistake is seen.
func TestLegal(t *testing.T) {
	const pending, onTrack, atRisk, overdue, met, late, exempt = v1alpha1.MilestonePending, v1alpha1.MilestoneOnTrack, v1alpha1.MilestoneAtRisk,
		v1alpha1.MilestoneOverdue, v1alpha1.MilestoneMet, v1alpha1.MilestoneMetLate, v1alpha1.MilestoneExempt
	all := []v1alpha1.MilestoneState{pending, onTrack, atRisk, overdue, met, late, exempt}
	before := []v1alpha1.MilestoneState{pending, onTrack, atRisk, overdue, met, late}
	edges := map[v1alpha1.MilestoneState][]v1alpha1.MilestoneState{
		pending: before, onTrack: before, atRisk: before, overdue: {overdue, late}, met: {met}, late: {late}, exempt: {exempt},
	}
	for _, from := range all {
		legal := map[v1alpha1.MilestoneState]bool{}
		for _, to := range edges[from] {
			legal[to] = true
		}
		for _, to := range all {
			if got := Legal(from, to, false); got != legal[to] {
				t.Errorf("from %s to %s is legal: %v, want %v", from, to, got, legal[to])
			}
			if got, want := Legal(from, to, true), legal[to] || from == overdue && to == met; got != want {
				t.Errorf("from %s to %s by a record is legal: %v, want %v", from, to, got, want)
			}
		}
	}
}

// twoStep has a pilot and an official operation that requires it, for any plan.
func twoStep(rt *rapid.T) *v1alpha1.RolloutPlan {
	plan := anyPlan(rt)
	official := plan.Spec.Milestones[0]
	official.Name, official.Requires = "official", append(requires("pilot"), official.Requires...)
	plan.Spec.Milestones = append([]v1alpha1.Milestone{official}, plan.Spec.Milestones...)
	return plan
}

// keeper is what outlives a pass: the records, of which the first of each milestone stays.
type keeper struct{ met []v1alpha1.MilestoneRecord }

// keep records what an evaluation tells of, as the controller does before it writes the status.
func (k *keeper) keep(agency string, e Evaluation) {
	for _, m := range e.Milestones {
		own := func(r *v1alpha1.MilestoneRecord) bool { return r.Spec.Agency == agency }
		if m.MetAt != nil && find(k.met, m.Plan, m.Milestone, own) == nil {
			k.met = append(k.met, v1alpha1.MilestoneRecord{Spec: v1alpha1.MilestoneRecordSpec{
				Plan: m.Plan, Milestone: m.Milestone, Agency: agency, MetAt: *m.MetAt, MetBy: m.MetBy,
			}})
		}
	}
}

// inherits lets the record of an agency that was merged come to light, from some time before.
func (k *keeper) inherits(rt *rapid.T, now time.Time) {
	if rapid.IntRange(0, 5).Draw(rt, "merged") == 0 {
		before := now.Add(-time.Duration(rapid.IntRange(0, 4000).Draw(rt, "hours before")) * time.Hour).Truncate(time.Second)
		k.met = append(k.met, v1alpha1.MilestoneRecord{Spec: v1alpha1.MilestoneRecordSpec{
			Plan: "decision-28", Milestone: rapid.SampledFrom([]string{"pilot", "official"}).Draw(rt, "inherited"), Agency: "mpi",
			MetAt: metav1.Time{Time: before},
		}})
	}
}

// Whatever the Connectors do, whatever is recorded, and also if the status is lost now and then: while the plan is as it is, states move along legal
// edges, a date on which something was met never changes, and whoever is exempt is nothing else.
func TestStatesMoveLegally(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		plan, agency, now, kept := ready(t, twoStep(rt)), mof(t, ""), anyInstant(rt), keeper{}
		last, first := map[string]v1alpha1.AgencyMilestone{}, map[string]*metav1.Time{}
		for range rapid.IntRange(2, 12).Draw(rt, "passes") {
			kept.inherits(rt, now)
			e := plan.Evaluate("ready-2018", Observation{
				Agency: agency, Connectors: anyConnectors(rt), Records: anyRecords(rt), Met: kept.met, Now: now,
			})
			for _, m := range e.Milestones {
				if before, ok := last[m.Milestone]; ok && !Legal(before.State, m.State, m.MetBy != "") {
					rt.Fatalf("%s went from %s to %s at %s", m.Milestone, before.State, m.State, now)
				}
				if was := first[m.Milestone]; was != nil && !was.Equal(m.MetAt) {
					rt.Fatalf("%s was met at %s, and then at %s", m.Milestone, was, m.MetAt)
				}
				if m.Regressed != "" && m.State != v1alpha1.MilestoneMet && m.State != v1alpha1.MilestoneMetLate {
					rt.Fatalf("%s is %s and has regressed", m.Milestone, m.State)
				}
				last[m.Milestone], first[m.Milestone] = m, m.MetAt
			}
			kept.keep(agency.Name, e)
			agency.Status.Milestones = e.Milestones
			if rapid.IntRange(0, 4).Draw(rt, "status lost") == 0 {
				agency.Status.Milestones = nil
			}
			now = now.Add(time.Duration(rapid.IntRange(0, 2000).Draw(rt, "wait")) * time.Hour)
		}
	})
}

// Whoever met what requires the pilot has met the pilot before, or is exempt from it.
func TestNothingIsMetBeforeWhatItRequires(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		e := ready(t, twoStep(rt)).Evaluate("ready-2018", Observation{
			Agency: mof(t, ""), Connectors: anyConnectors(rt), Records: anyRecords(rt), Now: anyInstant(rt),
		})
		official, pilot := e.Milestones[0], e.Milestones[1]
		if official.MetAt != nil && pilot.MetAt == nil && pilot.State != v1alpha1.MilestoneExempt {
			rt.Fatalf("official is %s, and the pilot is %s", official.State, pilot.State)
		}
	})
}
