package milestone

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

func requires(names ...string) []v1alpha1.MilestoneRequirement {
	var all []v1alpha1.MilestoneRequirement
	for _, name := range names {
		all = append(all, v1alpha1.MilestoneRequirement{Milestone: name})
	}
	return all
}

// chained is a plan of which each milestone is named with those that it requires, besides a condition; those of "other" are of another cohort.
func chained(list ...struct {
	name     string
	requires []string
}) *v1alpha1.RolloutPlan {
	plan := onePlan()
	first := plan.Spec.Milestones[0]
	plan.Spec.Cohorts = append(plan.Spec.Cohorts, v1alpha1.Cohort{Name: "remaining", AllOthers: &v1alpha1.AllOthers{}})
	plan.Spec.Milestones = nil
	for _, l := range list {
		m := first
		m.Name = l.name
		if l.name == "other" {
			m.Cohort = "remaining"
		}
		m.Requires = append(requires(l.requires...), v1alpha1.MilestoneRequirement{Condition: v1alpha1.ConditionHubConnected})
		plan.Spec.Milestones = append(plan.Spec.Milestones, m)
	}
	return plan
}

type link = struct {
	name     string
	requires []string
}

func TestCompileRefusesWhatNobodyCanMeet(t *testing.T) {
	long := []link{{"m0", []string{"m1"}}}
	for i := 1; i < 12; i++ {
		long = append(long, link{fmt.Sprintf("m%d", i), []string{fmt.Sprintf("m%d", (i+1)%12)}})
	}
	tests := map[string]struct {
		links []link
		want  string
	}{
		"unknown": {[]link{{"official", []string{"trial"}}},
			"Milestone official requires milestone trial, which the plan does not have; add it, or correct the requirement."},
		"of another cohort": {[]link{{"official", []string{"other"}}, {"other", nil}},
			"Milestone official of cohort ready-2018 requires milestone other of cohort remaining, which is never asked of the same agencies; " +
				"require one of its own cohort."},
		"itself": {[]link{{"official", []string{"official"}}}, "Milestone official requires itself, so nobody could ever meet it; remove that requirement."},
		"circle": {[]link{{"start", []string{"b"}}, {"a", []string{"c"}}, {"b", []string{"a"}}, {"c", []string{"b"}}},
			"Milestone b requires itself through others (b → a → c → b), so nobody could ever meet any of them; remove one of those requirements."},
		"long circle": {long, "Milestone m0 requires itself through others (m0 → m1 → m2 → m3 → m4 → m5 → … → m0), so nobody could ever meet any of " +
			"them; remove one of those requirements."},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, problem := Compile(chained(tt.links...))
			if problem == nil {
				t.Fatal("the plan compiles")
			}
			if problem.Reason != v1alpha1.ReasonInvalidSpec || problem.Message != tt.want {
				t.Errorf("%s: %s\nwant %s", problem.Reason, problem.Message, tt.want)
			}
		})
	}
}

// What requires others is judged after them, wherever it stands in the plan, so that one pass can meet all; the result is in the order of the plan.
func TestOnePassMeetsAllInOrder(t *testing.T) {
	plan := chained(link{"official", []string{"pilot", "trial"}}, link{"trial", []string{"pilot"}}, link{"pilot", nil})
	connected := []v1alpha1.Connector{connector("a", "Accepted=True", "HubConnected=True")}
	now := at(t, "2018-11-01T00:00:00+07:00")
	got := ready(t, plan).Evaluate("ready-2018", Observation{Agency: mof(t, ""), Connectors: connected, Now: now})
	if diff := cmp.Diff([]string{"official Met", "trial Met", "pilot Met"}, statesOf(got)); diff != "" {
		t.Errorf("states (-want +got):\n%s", diff)
	}
}

func statesOf(e Evaluation) []string {
	var all []string
	for _, m := range e.Milestones {
		all = append(all, m.Milestone+" "+string(m.State))
	}
	return all
}

func TestRequiredMilestone(t *testing.T) {
	const waits = "Due before 2018-12-31. Milestone pilot is not met yet."
	plan := func(edit ...func(*v1alpha1.RolloutPlan)) *v1alpha1.RolloutPlan {
		p := chained(link{"pilot", nil}, link{"official", []string{"pilot"}})
		p.Spec.Milestones[0].Requires = []v1alpha1.MilestoneRequirement{{Evidence: "PilotExchange"}}
		for _, e := range edit {
			e(p)
		}
		return p
	}
	tests := map[string]struct {
		plan    *v1alpha1.RolloutPlan
		metAt   string
		state   v1alpha1.MilestoneState
		message string
	}{
		"not met":                {plan(), "", v1alpha1.MilestoneOnTrack, waits},
		"met before":             {plan(), "2018-10-01T03:00:00Z", v1alpha1.MilestoneMet, "Met on 2018-11-01, in time: it was due before 2018-12-31."},
		"not asked of it at all": {plan(excepted(nil)), "", v1alpha1.MilestoneMet, "Met on 2018-11-01, in time: it was due before 2018-12-31."},
		"due later by exception": {
			plan(excepted(&v1alpha1.Deadline{Boundary: v1alpha1.DeadlineBefore, Date: "2019-06-30"})), "", v1alpha1.MilestoneOnTrack, waits,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			o := Observation{
				Agency: mof(t, tt.metAt), Now: at(t, "2018-11-01T00:00:00+07:00"),
				Connectors: []v1alpha1.Connector{connector("a", "Accepted=True", "HubConnected=True")},
			}
			got := ready(t, tt.plan).Evaluate("ready-2018", o).Milestones[1]
			if got.State != tt.state || got.Message != tt.message {
				t.Errorf("%s: %s\nwant %s: %s", got.State, got.Message, tt.state, tt.message)
			}
		})
	}
}

// A plan in which each milestone of a step requires all of the step before has more ways through it than could ever be gone: each milestone is looked at
// once.
func TestManyWaysAreGoneOnce(t *testing.T) {
	const steps, width = 20, 3
	var links []link
	for i := range steps {
		var before []string
		for j := range width {
			if i > 0 {
				before = append(before, fmt.Sprintf("m%d-%d", i-1, j))
			}
		}
		for j := range width {
			links = append(links, link{fmt.Sprintf("m%d-%d", i, j), before})
		}
	}
	plan := chained(links...)
	for i := range plan.Spec.Milestones {
		for j := range plan.Spec.Milestones[i].Requires {
			plan.Spec.Milestones[i].Requires[j].WorkingDays = new(int32(1))
		}
	}
	o := Observation{Agency: mof(t, ""), Connectors: []v1alpha1.Connector{connector("a")}, Now: at(t, "2018-01-01T00:00:00Z")}
	got := ready(t, plan).Evaluate("ready-2018", o).Milestones
	if last := got[len(got)-1]; len(last.Path) != steps || last.Path[0].What != v1alpha1.ConditionHubConnected {
		t.Errorf("the path to the last milestone has %d steps and begins with %v, want %d and HubConnected", len(last.Path), last.Path[0], steps)
	}
}
