package report

import (
	"fmt"
	"strings"
	"testing"
	"time"

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
		"a working day is left":        {standing(v1alpha1.MilestoneOnTrack, starts("2018-12-18")), before14, 1, 0},
		"only a weekend is left":       {standing(v1alpha1.MilestoneOnTrack, starts("2018-12-17")), before14, 1, 1},
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
			s := take(plan, readyOf(t, plan), []v1alpha1.Agency{agency}, zoneOf(t, "Asia/Ho_Chi_Minh"), at(t, tt.now))
			var unsettled int32
			if s.content.Unsettled != nil {
				unsettled = *s.content.Unsettled
			}
			if len(s.content.Entries) != tt.entries || unsettled != tt.unsettled || s.settled != (tt.unsettled == 0) {
				t.Errorf("%d entries, %d unsettled, settled %t", len(s.content.Entries), unsettled, s.settled)
			}
			plan.Status.Conditions[0].ObservedGeneration = 1
			if take(plan, readyOf(t, plan), []v1alpha1.Agency{agency}, zoneOf(t, "Asia/Ho_Chi_Minh"), at(t, tt.now)).settled {
				t.Error("it is settled although the plan is not ready")
			}
		})
	}
}

// A milestone comes to be at risk with the day on which fewer working days are left than the plan's margin, whatever day that is: until then,
// and from then on, a report waits for what milestone.Evaluate says. The agency has to begin on Monday 17 December 2018.
func TestTakeWaitsForTheMargin(t *testing.T) {
	tests := map[string]struct {
		margin int32
		atRisk string
	}{
		"no margin, so the Saturday before": {0, "2018-12-15T00:00:00+07:00"},
		"a margin of one day is the same":   {1, "2018-12-15T00:00:00+07:00"},
		"of two":                            {2, "2018-12-14T00:00:00+07:00"},
		"of a week":                         {5, "2018-12-11T00:00:00+07:00"},
		"of six, so a weekend is passed":    {6, "2018-12-08T00:00:00+07:00"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			plan := planOf(t, func(p *v1alpha1.RolloutPlan) {
				p.Spec.AtRiskDays, p.Spec.MarginWorkingDays = new(int32(0)), &tt.margin
			})
			plan.Status.Milestones = []v1alpha1.MilestoneStatus{{Name: "pilot", Cohort: "ready", OnTrack: new(int32(1))}}
			plan.Status.Conditions = []metav1.Condition{{Type: v1alpha1.ConditionReady, Status: metav1.ConditionTrue, ObservedGeneration: 2}}
			agency := v1alpha1.Agency{ObjectMeta: metav1.ObjectMeta{Name: "mof"}}
			agency.Status.Milestones = []v1alpha1.AgencyMilestone{{
				Plan: "decision-28", Milestone: "pilot", Cohort: "ready", State: v1alpha1.MilestoneOnTrack, Deadline: before("2018-12-31"),
				PlanGeneration: 2, LatestStart: "2018-12-17",
			}}
			settled := func(now time.Time) bool {
				return take(plan, readyOf(t, plan), []v1alpha1.Agency{agency}, zoneOf(t, "Asia/Ho_Chi_Minh"), now).settled
			}
			midnight := at(t, tt.atRisk)
			if !settled(midnight.Add(-time.Second)) {
				t.Error("a second before it is at risk, it is still waited for")
			}
			if settled(midnight) {
				t.Error("at the midnight with which it is at risk, it is not waited for")
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
	s := take(plan, readyOf(t, plan), []v1alpha1.Agency{
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
