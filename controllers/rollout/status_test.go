package rollout

import (
	"fmt"
	"testing"
	"time"
	_ "time/tzdata" // so that the zones are the same on every machine

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
	"pgregory.net/rapid"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/milestone"
)

func at(t testing.TB, s string) time.Time {
	t.Helper()
	instant, err := time.Parse(time.RFC3339, s)
	if err != nil {
		t.Fatal(err)
	}
	return instant
}

// agency is one with records of the plan's milestones, as "milestone=State", judged by generation 2 of the plan.
func agency(name, cohort string, records map[string]v1alpha1.MilestoneState) v1alpha1.Agency {
	a := v1alpha1.Agency{ObjectMeta: metav1.ObjectMeta{Name: name}}
	for milestone, state := range records {
		a.Status.Milestones = append(a.Status.Milestones, v1alpha1.AgencyMilestone{
			Plan: "decision-28", Milestone: milestone, Cohort: cohort, State: state, PlanGeneration: 2,
		})
	}
	return a
}

type states = map[string]v1alpha1.MilestoneState

// observed is a plan with two cohorts and three milestones, and no agencies.
func observed(t testing.TB, edit ...func(*scope)) *scope {
	asked := func(name, cohort string, boundary v1alpha1.DeadlineBoundary, date v1alpha1.CivilDate) v1alpha1.Milestone {
		return v1alpha1.Milestone{Name: name, Cohort: cohort, Deadline: v1alpha1.Deadline{Boundary: boundary, Date: date}}
	}
	s := &scope{
		now:      at(t, "2019-03-01T00:00:00+07:00"),
		hubFound: true,
		plan: &v1alpha1.RolloutPlan{
			ObjectMeta: metav1.ObjectMeta{Name: "decision-28", Generation: 2},
			Spec: v1alpha1.RolloutPlanSpec{
				TimeZone: "Asia/Ho_Chi_Minh", HubRef: v1alpha1.ObjectReference{Name: "axis"}, AtRiskDays: ptr.To[int32](14),
				Cohorts: []v1alpha1.Cohort{{Name: "ready", Agencies: []string{"mof", "moj"}}, {Name: "remaining", AllOthers: &v1alpha1.AllOthers{}}},
				Milestones: []v1alpha1.Milestone{
					asked("pilot", "ready", v1alpha1.DeadlineBefore, "2018-12-31"),
					asked("official", "ready", v1alpha1.DeadlineInForceFrom, "2019-01-01"),
					asked("connected", "remaining", v1alpha1.DeadlineBefore, "2019-06-30"),
				},
			},
		},
	}
	for _, e := range edit {
		e(s)
	}
	return s
}

// adding makes the plan ready and adds up the agencies, as a pass does that reads all.
func adding(s *scope, agencies ...v1alpha1.Agency) *scope {
	if s.ready, s.problem = milestone.Compile(s.plan); s.problem == nil {
		s.ledger = newLedger(s.plan, s.ready)
		s.ledger.fill(agencies)
	}
	return s
}

var (
	mof  = agency("mof", "ready", states{"pilot": v1alpha1.MilestoneMetLate, "official": v1alpha1.MilestoneMet})
	moj  = agency("moj", "ready", states{"pilot": v1alpha1.MilestoneOverdue, "official": v1alpha1.MilestoneExempt})
	mofa = agency("mofa", "remaining", states{"connected": v1alpha1.MilestoneAtRisk})
	hue  = agency("hue", "remaining", states{"connected": v1alpha1.MilestoneOnTrack})
)

func TestConditions(t *testing.T) {
	moved := agency("hue", "ready", states{"connected": v1alpha1.MilestoneMet})
	old := hue.DeepCopy()
	old.Status.Milestones[0].PlanGeneration = 1
	both := func(s *scope) {
		s.plan.Spec.Cohorts[1] = v1alpha1.Cohort{Name: "remaining", Agencies: []string{"mof", "moj", "x"}}
	}
	// excepting excepts agencies from milestones, which follow each other.
	excepting := func(pairs ...string) func(*scope) {
		return func(s *scope) {
			for i := 0; i < len(pairs); i += 2 {
				s.plan.Spec.Exceptions = append(s.plan.Spec.Exceptions, v1alpha1.RolloutException{Agency: pairs[i], Milestone: pairs[i+1]})
			}
		}
	}
	tests := map[string]struct {
		edit            func(*scope)
		agencies        []v1alpha1.Agency
		accepted, ready string
	}{
		"all judged": {nil, []v1alpha1.Agency{mof, moj, mofa, hue}, "True Accepted: The plan is accepted.",
			"True Ready: 1 of 4 agencies is overdue and 1 is at risk; next deadline is before 2019-06-30."},
		"overdue only": {nil, []v1alpha1.Agency{mof, moj, hue}, "True Accepted: The plan is accepted.",
			"True Ready: 1 of 3 agencies is overdue; next deadline is before 2019-06-30."},
		"nothing wrong": {nil, []v1alpha1.Agency{mof, hue}, "True UnknownAgency: The plan is accepted. It names agencies that do not exist: moj; create them, or correct the names.",
			"True Ready: None of 2 agencies is overdue or at risk; next deadline is before 2019-06-30."},
		"all over": {func(s *scope) { s.now = at(t, "2019-06-30T00:00:00+07:00") }, []v1alpha1.Agency{mof, moj}, "True Accepted: The plan is accepted.",
			"True Ready: 1 of 2 agencies is overdue; the last deadline has passed."},
		"nobody": {nil, nil, "True UnknownAgency: The plan is accepted. It names agencies that do not exist: mof, moj; create them, or correct the names.",
			"True Ready: No agency is in a cohort; next deadline is before 2019-06-30."},
		"one not judged": {nil, []v1alpha1.Agency{mof, moj, agency("new", "", nil)}, "True Accepted: The plan is accepted.",
			"False Progressing: 1 of 3 agencies are still to be judged by the plan as it is now."},
		"one judged by an earlier plan": {nil, []v1alpha1.Agency{mof, moj, *old}, "True Accepted: The plan is accepted.",
			"False Progressing: 1 of 3 agencies are still to be judged by the plan as it is now."},
		"one judged in another cohort": {nil, []v1alpha1.Agency{mof, moj, moved}, "True Accepted: The plan is accepted.",
			"False Progressing: 1 of 3 agencies are still to be judged by the plan as it is now."},
		"many unknown": {func(s *scope) { s.plan.Spec.Cohorts[0].Agencies = []string{"e", "d", "c", "b", "a"} }, nil,
			"True UnknownAgency: The plan is accepted. It names agencies that do not exist: a, b, c and 2 more; create them, or correct the names.",
			"True Ready: No agency is in a cohort; next deadline is before 2019-06-30."},
		"an exception of the cohort": {excepting("mof", "pilot"), []v1alpha1.Agency{mof, moj}, "True Accepted: The plan is accepted.",
			"True Ready: 1 of 2 agencies is overdue; next deadline is before 2019-06-30."},
		"an exception of another cohort": {excepting("hue", "pilot"), []v1alpha1.Agency{mof, moj, hue},
			"True Accepted: The plan is accepted. The exception of agency hue from milestone pilot changes nothing, because the agency is not in that milestone's cohort; " +
				"correct it, or remove it.",
			"True Ready: 1 of 3 agencies is overdue; next deadline is before 2019-06-30."},
		"exceptions of nobody and of others": {excepting("nobody", "pilot", "mof", "connected", "gone", "pilot"), []v1alpha1.Agency{mof, moj, merged(agency("gone", "", nil), "mof")},
			"True UnknownAgency: The plan is accepted. It names agencies that do not exist: nobody; create them, or correct the names. 2 exceptions change nothing, " +
				"because the agencies are not in the cohorts of the milestones; the first is that of agency mof from milestone connected. Correct them, or remove them.",
			"True Ready: 1 of 2 agencies is overdue; next deadline is before 2019-06-30."},
		"in two cohorts": {both, []v1alpha1.Agency{mof},
			"False OverlappingCohorts: Agency mof is in the cohorts ready and remaining; leave each agency in one.",
			"False OverlappingCohorts: Agency mof is in the cohorts ready and remaining; leave each agency in one."},
		"two in two cohorts": {both, []v1alpha1.Agency{moj, mof},
			"False OverlappingCohorts: Agency mof is in the cohorts ready and remaining, and 1 more agency is in more than one cohort; leave each agency in one.",
			"False OverlappingCohorts: Agency mof is in the cohorts ready and remaining, and 1 more agency is in more than one cohort; leave each agency in one."},
		"no hub": {func(s *scope) { s.hubFound = false }, nil,
			"False HubNotFound: hubRef names ExchangeHub axis, which does not exist; create it, or correct hubRef.",
			"False HubNotFound: hubRef names ExchangeHub axis, which does not exist; create it, or correct hubRef."},
		"no such zone": {func(s *scope) { s.plan.Spec.TimeZone = "Asia/Hanoi" }, nil,
			`False InvalidTimeZone: timeZone "Asia/Hanoi" is not in the IANA time zone database; write a name such as Asia/Ho_Chi_Minh or UTC.`,
			`False InvalidTimeZone: timeZone "Asia/Hanoi" is not in the IANA time zone database; write a name such as Asia/Ho_Chi_Minh or UTC.`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := observed(t)
			if tt.edit != nil {
				tt.edit(s)
			}
			status, _ := judge(adding(s, tt.agencies...))
			for conditionType, want := range map[string]string{v1alpha1.ConditionAccepted: tt.accepted, v1alpha1.ConditionReady: tt.ready} {
				c := meta.FindStatusCondition(status.Conditions, conditionType)
				if got := fmt.Sprintf("%s %s: %s", c.Status, c.Reason, c.Message); got != want {
					t.Errorf("%s is\n%s\nwant\n%s", conditionType, got, want)
				}
			}
			if meta.FindStatusCondition(status.Conditions, agenciesJudged) != nil || status.ObservedGeneration != 2 {
				t.Errorf("conditions are %v of generation %d", status.Conditions, status.ObservedGeneration)
			}
		})
	}
}

func TestCounts(t *testing.T) {
	got, next := judge(adding(observed(t), mof, moj, mofa, hue, agency("new", "", nil)))
	got.Conditions = nil
	zero, one, two, three, five := ptr.To[int32](0), ptr.To[int32](1), ptr.To[int32](2), ptr.To[int32](3), ptr.To[int32](5)
	want := v1alpha1.RolloutPlanStatus{
		ObservedGeneration: 2,
		Agencies:           five,
		NextDeadline:       &v1alpha1.Deadline{Boundary: v1alpha1.DeadlineBefore, Date: "2019-06-30"},
		Cohorts:            []v1alpha1.CohortStatus{{Name: "ready", Agencies: two}, {Name: "remaining", Agencies: three}},
		Milestones: []v1alpha1.MilestoneStatus{
			{Name: "pilot", Cohort: "ready", Deadline: v1alpha1.Deadline{Boundary: v1alpha1.DeadlineBefore, Date: "2018-12-31"},
				Pending: zero, OnTrack: zero, AtRisk: zero, Overdue: one, Met: zero, MetLate: one, Exempt: zero},
			{Name: "official", Cohort: "ready", Deadline: v1alpha1.Deadline{Boundary: v1alpha1.DeadlineInForceFrom, Date: "2019-01-01"},
				Pending: zero, OnTrack: zero, AtRisk: zero, Overdue: zero, Met: one, MetLate: zero, Exempt: one},
			{Name: "connected", Cohort: "remaining", Deadline: v1alpha1.Deadline{Boundary: v1alpha1.DeadlineBefore, Date: "2019-06-30"},
				Pending: one, OnTrack: one, AtRisk: one, Overdue: zero, Met: zero, MetLate: zero, Exempt: zero},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("status (-want +got):\n%s", diff)
	}
	if want := at(t, "2019-06-30T00:00:00+07:00"); !next.Equal(want) {
		t.Errorf("it changes by time alone at %s, want %s", next, want)
	}
}

// What was counted stays while the plan cannot be honoured.
func TestRefusalKeepsCounts(t *testing.T) {
	s := adding(observed(t), mof, moj, mofa, hue)
	before, _ := judge(s)
	s.plan.Status = before
	s.plan.Generation, s.plan.Spec.TimeZone, s.ledger = 3, "Asia/Hanoi", nil
	after, next := judge(adding(s))
	if !next.IsZero() {
		t.Errorf("it is to change by time alone at %s", next)
	}
	if after.ObservedGeneration != 3 || !meta.IsStatusConditionTrue(after.Conditions, v1alpha1.ConditionStalled) {
		t.Errorf("generation %d has the conditions %v", after.ObservedGeneration, after.Conditions)
	}
	before.Conditions, after.Conditions, after.ObservedGeneration = nil, nil, before.ObservedGeneration
	if diff := cmp.Diff(before, after); diff != "" {
		t.Errorf("counts (-before +after):\n%s", diff)
	}
}

// Whatever is recorded, and whoever is in which cohort, the counts of a milestone add up to its cohort, and the cohorts to all.
func TestCountsAddUp(t *testing.T) {
	anyState := rapid.SampledFrom([]v1alpha1.MilestoneState{
		v1alpha1.MilestonePending, v1alpha1.MilestoneOnTrack, v1alpha1.MilestoneAtRisk, v1alpha1.MilestoneOverdue,
		v1alpha1.MilestoneMet, v1alpha1.MilestoneMetLate, v1alpha1.MilestoneExempt,
	})
	rapid.Check(t, func(rt *rapid.T) {
		agencies := rapid.SliceOfNDistinct(rapid.Custom(func(rt *rapid.T) v1alpha1.Agency {
			records := states{}
			for _, m := range []string{"pilot", "official", "connected", "dropped"} {
				if rapid.Bool().Draw(rt, m) {
					records[m] = anyState.Draw(rt, "state")
				}
			}
			name := rapid.SampledFrom([]string{"mof", "moj", "a", "b", "c", "d", "e", "f"}).Draw(rt, "name")
			return agency(name, rapid.SampledFrom([]string{"ready", "remaining", "dropped"}).Draw(rt, "cohort"), records)
		}), 0, 8, func(a v1alpha1.Agency) string { return a.Name }).Draw(rt, "agencies")
		status, _ := judge(adding(observed(t), agencies...))

		size := map[string]int32{}
		var all int32
		for _, c := range status.Cohorts {
			size[c.Name] = *c.Agencies
			all += *c.Agencies
		}
		if *status.Agencies != all || int(all) != len(agencies) {
			rt.Errorf("%d agencies, %d in cohorts, of %d", *status.Agencies, all, len(agencies))
		}
		for _, m := range status.Milestones {
			if sum := *m.Pending + *m.OnTrack + *m.AtRisk + *m.Overdue + *m.Met + *m.MetLate + *m.Exempt; sum != size[m.Cohort] {
				rt.Errorf("the counts of %s add up to %d, and its cohort has %d", m.Name, sum, size[m.Cohort])
			}
		}
	})
}

// What the controller of reports wrote stays, whether the plan is accepted or not, and what became of a request is told beside Ready.
func TestReportsAreKept(t *testing.T) {
	tests := map[string]struct {
		edit func(*scope)
		want string
	}{
		"accepted":     {nil, "False Waiting: The report requested at 2019-03-01T00:00:00Z waits until the agencies are judged."},
		"not accepted": {func(s *scope) { s.hubFound = false }, "False Waiting: The report requested at 2019-03-01T00:00:00Z waits until the plan is accepted."},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := observed(t)
			s.plan.Annotations = map[string]string{v1alpha1.AnnotationReportRequestedAt: "2019-03-01T00:00:00Z"}
			chain := &v1alpha1.ReportChainStatus{Count: ptr.To[int32](3), LastRequest: "2019-02-01T00:00:00Z"}
			s.plan.Status.Reports = chain.DeepCopy()
			if tt.edit != nil {
				tt.edit(s)
			}
			status, _ := judge(adding(s, mof, moj))
			if diff := cmp.Diff(chain, status.Reports); diff != "" {
				t.Errorf("reports (-before +after):\n%s", diff)
			}
			c := meta.FindStatusCondition(status.Conditions, v1alpha1.ConditionReportWritten)
			if got := fmt.Sprintf("%s %s: %s", c.Status, c.Reason, c.Message); got != tt.want {
				t.Errorf("the condition is %s, want %s", got, tt.want)
			}
		})
	}
}
