package report

import (
	"testing"
	"time"
	_ "time/tzdata" // so that the zones are the same on every machine

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

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

func zoneOf(t testing.TB, name string) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

func before(day v1alpha1.CivilDate) v1alpha1.Deadline {
	return v1alpha1.Deadline{Boundary: v1alpha1.DeadlineBefore, Date: day}
}

// planOf is a plan that was created in July 2018, has the pilot before the end of that year and official operation from the next on, and
// wants reports at deadlines only.
func planOf(t testing.TB, edit ...func(*v1alpha1.RolloutPlan)) *v1alpha1.RolloutPlan {
	t.Helper()
	plan := &v1alpha1.RolloutPlan{ObjectMeta: metav1.ObjectMeta{
		Name: "decision-28", Generation: 2, CreationTimestamp: metav1.NewTime(at(t, "2018-07-12T08:00:00+07:00")),
	}}
	plan.Spec = v1alpha1.RolloutPlanSpec{
		TimeZone: "Asia/Ho_Chi_Minh", HubRef: v1alpha1.ObjectReference{Name: "axis"}, AtRiskDays: new(int32(14)),
		Reports: &v1alpha1.ReportPolicy{Cadence: v1alpha1.CadenceNever},
		Cohorts: []v1alpha1.Cohort{{Name: "ready", Agencies: []string{"mof", "moj"}}, {Name: "remaining", AllOthers: &v1alpha1.AllOthers{}}},
		Milestones: []v1alpha1.Milestone{
			{Name: "pilot", Cohort: "ready", Deadline: before("2018-12-31")},
			{Name: "official", Cohort: "ready", Deadline: v1alpha1.Deadline{Boundary: v1alpha1.DeadlineInForceFrom, Date: "2019-01-01"}},
			{Name: "connected", Cohort: "remaining", Deadline: before("2019-06-30")},
		},
	}
	for _, e := range edit {
		e(plan)
	}
	return plan
}

func readyOf(t testing.TB, plan *v1alpha1.RolloutPlan) *milestone.Plan {
	t.Helper()
	ready, problem := milestone.Compile(plan)
	if problem != nil {
		t.Fatal(problem.Message)
	}
	return ready
}

func every(cadence v1alpha1.ReportCadence) func(*v1alpha1.RolloutPlan) {
	return func(p *v1alpha1.RolloutPlan) { p.Spec.Reports.Cadence = cadence }
}

// done are reports of one part each, the first of which has sequence 1.
func done(specs ...v1alpha1.ReadinessReportSpec) []v1alpha1.ReadinessReport {
	reports := make([]v1alpha1.ReadinessReport, len(specs))
	for i, s := range specs {
		s.Plan.Name, s.Sequence = "decision-28", int64(i+1)
		if s.Part == nil {
			s.Part, s.Parts = new(int32(1)), new(int32(1))
		}
		reports[i].Spec = s
	}
	return reports
}

func deadlineReport(dueAt time.Time, deadlines ...v1alpha1.Deadline) v1alpha1.ReadinessReportSpec {
	s := v1alpha1.ReadinessReportSpec{DueAt: metav1.NewTime(dueAt), Trigger: v1alpha1.ReportTrigger{Type: v1alpha1.ReportAtDeadline}}
	for _, d := range deadlines {
		s.Trigger.Deadlines = append(s.Trigger.Deadlines, v1alpha1.ReportedDeadline{Deadline: d})
	}
	return s
}

func periodReport(dueAt time.Time, period string) v1alpha1.ReadinessReportSpec {
	return v1alpha1.ReadinessReportSpec{
		DueAt: metav1.NewTime(dueAt), Trigger: v1alpha1.ReportTrigger{Type: v1alpha1.ReportAtCadence, Period: period},
	}
}

func requestReport(t testing.TB, value string) v1alpha1.ReadinessReportSpec {
	t.Helper()
	return v1alpha1.ReadinessReportSpec{
		DueAt: metav1.NewTime(at(t, value)), Trigger: v1alpha1.ReportTrigger{Type: v1alpha1.ReportOnRequest, RequestedAt: value},
	}
}
