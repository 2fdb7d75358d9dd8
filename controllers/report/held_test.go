package report

import (
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

// A report waits until all agencies are judged, but not for ever.
func TestReportWaitsForJudgement(t *testing.T) {
	s := stageOf(t, 2)
	agency := &v1alpha1.Agency{}
	if err := s.server.Get(t.Context(), client.ObjectKey{Name: "agency-0001"}, agency); err != nil {
		t.Fatal(err)
	}
	agency.Status.Milestones[0].State = v1alpha1.MilestoneAtRisk // as it was before midnight
	if err := s.server.Update(t.Context(), agency); err != nil {
		t.Fatal(err)
	}
	r := s.operator(DefaultLimits())
	s.clock.SetTime(at(t, "2018-12-30T20:00:00Z")) // the operator was down at midnight
	for _, now := range []string{"2018-12-30T20:00:00Z", "2018-12-30T20:04:59Z"} {
		s.clock.SetTime(at(t, now))
		if wait, err := s.pass(r); err != nil || wait != lookAgain {
			t.Errorf("a pass gives %s, %v", wait, err)
		}
		s.expect("", "")
	}
	s.clock.SetTime(at(t, "2018-12-30T20:05:00Z"))
	s.settle(r)
	report := s.expect("1 1/1", "")[0]
	if n := report.Spec.Content.Unsettled; n == nil || *n != 1 || !*report.Spec.Late {
		t.Errorf("unsettled %v, late %t", n, *report.Spec.Late)
	}
}

func TestNothingIsReportedOfARefusedPlan(t *testing.T) {
	s := stageOf(t, 1)
	plan := &v1alpha1.RolloutPlan{}
	if err := s.server.Get(t.Context(), client.ObjectKeyFromObject(s.plan), plan); err != nil {
		t.Fatal(err)
	}
	plan.Status.Conditions[0].Status = metav1.ConditionFalse
	if err := s.server.Status().Update(t.Context(), plan); err != nil {
		t.Fatal(err)
	}
	s.settle(s.operator(DefaultLimits()))
	s.expect("", "")
}

// request asks for a report.
func (s *stage) request(value string) {
	s.t.Helper()
	plan := &v1alpha1.RolloutPlan{}
	if err := s.server.Get(s.t.Context(), client.ObjectKeyFromObject(s.plan), plan); err != nil {
		s.t.Fatal(err)
	}
	plan.Annotations = map[string]string{v1alpha1.AnnotationReportRequestedAt: value}
	if err := s.server.Update(s.t.Context(), plan); err != nil {
		s.t.Fatal(err)
	}
}

// A plan that comes back from Git with a request that was handled before another one asks for nothing, and is told so: nobody waits for it.
func TestRequestThatComesBack(t *testing.T) {
	s := stageOf(t, 1)
	r := s.operator(DefaultLimits())
	const first, second = "2018-12-30T16:00:00Z", "2018-12-30T16:30:00Z"
	for _, value := range []string{first, second, first} {
		s.request(value)
		s.settle(r)
	}
	s.expect("1 1/1, 2 1/1, 3 1/1", "") // that of the deadline, and the two that were asked for
	if told := s.told(); told == nil || told.LastRequest != first {
		t.Errorf("the plan tells of its chain %+v, want the request %s handled", told, first)
	}
}

// A stranger's object in the place of the next link is told, and not taken for a link.
func TestNameIsTaken(t *testing.T) {
	s := stageOf(t, 1)
	stranger := &v1alpha1.ReadinessReport{ObjectMeta: metav1.ObjectMeta{Name: "decision-28-000001"}}
	stranger.Spec.Plan.Name = "decision-29"
	if err := s.server.Create(t.Context(), stranger); err != nil {
		t.Fatal(err)
	}
	if _, err := s.pass(s.operator(DefaultLimits())); err == nil || !strings.Contains(err.Error(), "is about plan decision-29; remove it") {
		t.Errorf("a pass gives %v", err)
	}
	if e := <-s.events.Events; !strings.HasPrefix(e, "Warning ReportNameTaken ReadinessReport decision-28-000001") {
		t.Errorf("event is %q", e)
	}
}
