package report

import (
	"fmt"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

// A report counts what is still to be judged: by an earlier plan, before time alone changed it, or not at all.
func TestTake(t *testing.T) {
	standing := func(state v1alpha1.MilestoneState, edit ...func(*v1alpha1.AgencyMilestone)) v1alpha1.AgencyMilestone {
		m := v1alpha1.AgencyMilestone{
			Plan: "decision-28", Milestone: "pilot", Cohort: "ready", State: state, Deadline: before("2018-12-31"), PlanGeneration: 2,
		}
		for _, e := range edit {
			e(&m)
		}
		return m
	}
	starts := func(day v1alpha1.CivilDate) func(*v1alpha1.AgencyMilestone) {
		return func(m *v1alpha1.AgencyMilestone) { m.LatestStart = day }
	}
	const atMidnight, before14, between = "2018-12-31T00:00:00+07:00", "2018-12-16T23:59:59+07:00", "2018-12-20T12:00:00+07:00"
	tests := map[string]struct {
		m         v1alpha1.AgencyMilestone
		now       string
		entries   int
		unsettled int32
	}{
		"overdue at midnight":          {standing(v1alpha1.MilestoneOverdue), atMidnight, 1, 0},
		"at risk at midnight":          {standing(v1alpha1.MilestoneAtRisk), atMidnight, 1, 1},
		"at risk before it":            {standing(v1alpha1.MilestoneAtRisk), between, 1, 0},
		"on track when it is near":     {standing(v1alpha1.MilestoneOnTrack), between, 1, 1},
		"pending when it is not near":  {standing(v1alpha1.MilestonePending), before14, 1, 0},
		"before the last day to start": {standing(v1alpha1.MilestoneOnTrack, starts("2018-12-17")), before14, 1, 0},
		"on the last day to start":     {standing(v1alpha1.MilestoneOnTrack, starts("2018-12-16")), before14, 1, 1},
		"met":                          {standing(v1alpha1.MilestoneMet), atMidnight, 1, 0},
		"exempt":                       {standing(v1alpha1.MilestoneExempt), atMidnight, 1, 0},
		"judged by an earlier plan":    {standing(v1alpha1.MilestoneOverdue, func(m *v1alpha1.AgencyMilestone) { m.PlanGeneration = 1 }), atMidnight, 1, 1},
		"an exception's deadline":      {standing(v1alpha1.MilestoneAtRisk, func(m *v1alpha1.AgencyMilestone) { m.Deadline = before("2019-01-02") }), atMidnight, 1, 0},
		"of another plan":              {standing(v1alpha1.MilestoneOverdue, func(m *v1alpha1.AgencyMilestone) { m.Plan = "decision-29" }), atMidnight, 0, 1},
		"a milestone that is dropped":  {standing(v1alpha1.MilestoneOverdue, func(m *v1alpha1.AgencyMilestone) { m.Milestone = "first" }), atMidnight, 0, 1},
		"a cohort that the agency had": {standing(v1alpha1.MilestoneOverdue, func(m *v1alpha1.AgencyMilestone) { m.Cohort = "remaining" }), atMidnight, 0, 1},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			plan := planOf(t)
			plan.Status.Milestones = []v1alpha1.MilestoneStatus{{Name: "pilot", Cohort: "ready", Met: new(int32(1))}}
			plan.Status.Conditions = []metav1.Condition{{Type: v1alpha1.ConditionReady, Status: metav1.ConditionTrue, ObservedGeneration: 2}}
			agency := v1alpha1.Agency{ObjectMeta: metav1.ObjectMeta{Name: "mof"}}
			agency.Status.Milestones = []v1alpha1.AgencyMilestone{tt.m}
			s := take(plan, []v1alpha1.Agency{agency}, zoneOf(t, "Asia/Ho_Chi_Minh"), at(t, tt.now))
			var unsettled int32
			if s.content.Unsettled != nil {
				unsettled = *s.content.Unsettled
			}
			if len(s.content.Entries) != tt.entries || unsettled != tt.unsettled || s.settled != (tt.unsettled == 0) {
				t.Errorf("%d entries, %d unsettled, settled %t", len(s.content.Entries), unsettled, s.settled)
			}
			plan.Status.Conditions[0].ObservedGeneration = 1
			if take(plan, []v1alpha1.Agency{agency}, zoneOf(t, "Asia/Ho_Chi_Minh"), at(t, tt.now)).settled {
				t.Error("it is settled although the plan is not ready")
			}
		})
	}
}

// Entries come by the code of the agency and in the order of the plan, and the counts are theirs.
func TestContentIsInOrder(t *testing.T) {
	plan := planOf(t)
	agency := func(name, code string, states ...string) v1alpha1.Agency {
		a := v1alpha1.Agency{ObjectMeta: metav1.ObjectMeta{Name: name}}
		a.Spec.Code = code
		for _, s := range states {
			milestone, state, _ := strings.Cut(s, "=")
			a.Status.Milestones = append(a.Status.Milestones, v1alpha1.AgencyMilestone{
				Plan: "decision-28", Milestone: milestone, Cohort: "ready", State: v1alpha1.MilestoneState(state), PlanGeneration: 2,
			})
		}
		return a
	}
	s := take(plan, []v1alpha1.Agency{
		agency("moj", "G15", "official=Pending", "pilot=Overdue"), agency("mof", "G12", "official=Met", "pilot=Overdue"),
	}, zoneOf(t, "UTC"), at(t, "2018-12-31T00:00:00Z"))
	var got []string
	for _, e := range s.content.Entries {
		got = append(got, fmt.Sprintf("%s %s=%s", e.Code, e.Milestone, e.State))
	}
	for _, m := range s.content.Milestones {
		for _, counted := range m.States {
			got = append(got, fmt.Sprintf("%s: %d %s", m.Name, *counted.Agencies, counted.State))
		}
	}
	want := "G12 pilot=Overdue, G12 official=Met, G15 pilot=Overdue, G15 official=Pending, pilot: 2 Overdue, official: 1 Pending, official: 1 Met"
	if all := strings.Join(got, ", "); all != want {
		t.Errorf("content is\n%s\nwant\n%s", all, want)
	}
}
