package report

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/tools/events"
	testclock "k8s.io/utils/clock/testing"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/index"
	"lienthong.gov.vn/connector-operator/report/chain"
	"lienthong.gov.vn/connector-operator/report/locale"
)

// stage is a plan with its agencies on an API server that exists in memory only, and an operator with a clock.
type stage struct {
	t      *testing.T
	clock  *testclock.FakePassiveClock
	server client.WithWatch
	plan   *v1alpha1.RolloutPlan
	events *events.FakeRecorder
	// fails is asked before each write of a report; an error stands for a call that does not arrive.
	fails func(*v1alpha1.ReadinessReport) error
	// hidden are names of reports that the operator's cache does not have yet.
	hidden map[string]bool
	// writes counts what the operators have written, statuses included.
	writes int
}

func stageOf(t *testing.T, agencies int, edit ...func(*v1alpha1.RolloutPlan)) *stage {
	t.Helper()
	scheme := runtime.NewScheme()
	if err := v1alpha1.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	s := &stage{t: t, clock: testclock.NewFakePassiveClock(at(t, "2018-12-30T17:00:00Z")), events: events.NewFakeRecorder(100), hidden: map[string]bool{}}
	s.plan = planOf(t, edit...)
	s.plan.Status.Conditions = []metav1.Condition{
		{Type: v1alpha1.ConditionAccepted, Status: metav1.ConditionTrue, ObservedGeneration: 2, Reason: "Accepted"},
		{Type: v1alpha1.ConditionReady, Status: metav1.ConditionTrue, ObservedGeneration: 2, Reason: "Ready"},
	}
	count := int32(agencies)
	s.plan.Status.Agencies = &count
	s.plan.Status.Milestones = []v1alpha1.MilestoneStatus{{Name: "pilot", Cohort: "ready", Overdue: &count}}
	objects := []client.Object{s.plan}
	for i := range agencies {
		objects = append(objects, overdue(i))
	}
	s.server = fake.NewClientBuilder().WithScheme(scheme).WithStatusSubresource(&v1alpha1.RolloutPlan{}).WithObjects(objects...).
		WithIndex(&v1alpha1.ReadinessReport{}, index.ReportByPlan, func(o client.Object) []string {
			r, ok := o.(*v1alpha1.ReadinessReport)
			if !ok {
				return nil
			}
			return []string{r.Spec.Plan.Name}
		}).Build()
	return s
}

// overdue is an agency that missed the pilot.
func overdue(i int) *v1alpha1.Agency {
	a := &v1alpha1.Agency{ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprintf("agency-%04d", i)}}
	a.Spec.Code = fmt.Sprintf("G%02d.%02d", i/100, i%100)
	a.Status.Milestones = []v1alpha1.AgencyMilestone{{
		Plan: "decision-28", Milestone: "pilot", Cohort: "ready", State: v1alpha1.MilestoneOverdue, Deadline: before("2018-12-31"), PlanGeneration: 2,
		Message: "Overdue: it was due before 2018-12-31. No Connector to hub axis acts for the agency.",
	}}
	return a
}

// operator is one that has just started; its cache is what it reads from, and is behind by what is hidden.
func (s *stage) operator(limits Limits) *Reconciler {
	cached := interceptor.NewClient(s.server, interceptor.Funcs{
		Create: func(ctx context.Context, c client.WithWatch, obj client.Object, opts ...client.CreateOption) error {
			s.writes++
			if r, ok := obj.(*v1alpha1.ReadinessReport); ok && s.fails != nil {
				if err := s.fails(r); err != nil {
					return err
				}
			}
			return c.Create(ctx, obj, opts...)
		},
		SubResourcePatch: func(
			ctx context.Context, c client.Client, sub string, obj client.Object, patch client.Patch, opts ...client.SubResourcePatchOption,
		) error {
			s.writes++
			return c.SubResource(sub).Patch(ctx, obj, patch, opts...)
		},
		List: func(ctx context.Context, c client.WithWatch, list client.ObjectList, opts ...client.ListOption) error {
			err := c.List(ctx, list, opts...)
			if reports, ok := list.(*v1alpha1.ReadinessReportList); ok {
				reports.Items = slices.DeleteFunc(reports.Items, func(r v1alpha1.ReadinessReport) bool { return s.hidden[r.Name] })
			}
			return err
		},
	})
	return &Reconciler{Client: cached, Live: s.server, Clock: s.clock, Recorder: s.events, Limits: limits}
}

// pass reconciles once.
func (s *stage) pass(r *Reconciler) (time.Duration, error) {
	s.t.Helper()
	result, err := r.Reconcile(s.t.Context(), ctrl.Request{NamespacedName: client.ObjectKeyFromObject(s.plan)})
	return result.RequeueAfter, err
}

// settle reconciles until nothing is to be done soon.
func (s *stage) settle(r *Reconciler) {
	s.t.Helper()
	for range 100 {
		wait, err := s.pass(r)
		if err != nil {
			s.t.Fatal(err)
		}
		if wait == 0 || wait > lookAgain {
			return
		}
	}
	s.t.Fatal("there is no end to what is to be done")
}

// reports are all there are, in the order of their names, with what verify says of them and of the head that the plan recorded.
func (s *stage) reports() ([]v1alpha1.ReadinessReport, string) {
	s.t.Helper()
	var list v1alpha1.ReadinessReportList
	if err := s.server.List(s.t.Context(), &list); err != nil {
		s.t.Fatal(err)
	}
	var heads []chain.Head
	if told := s.told(); told != nil && told.Last != nil {
		heads = []chain.Head{{Plan: s.plan.Name, SHA256: told.Last.SHA256, Sequence: told.Last.Sequence}}
	}
	var links []chain.Link
	for i := range list.Items {
		link, err := chain.Of(&list.Items[i])
		if err != nil {
			s.t.Fatal(err)
		}
		links = append(links, link)
	}
	var findings []string
	for _, c := range chain.Verify(links, heads) {
		for _, f := range c.Findings {
			findings = append(findings, f.Sentence(locale.English))
		}
	}
	return list.Items, strings.Join(findings, "\n")
}

// told is what the plan tells of its chain.
func (s *stage) told() *v1alpha1.ReportChainStatus {
	s.t.Helper()
	plan := &v1alpha1.RolloutPlan{}
	if err := s.server.Get(s.t.Context(), client.ObjectKeyFromObject(s.plan), plan); err != nil {
		s.t.Fatal(err)
	}
	return plan.Status.Reports
}

// expect compares the reports, written as sequence part/parts, and what is found to be wrong with them.
func (s *stage) expect(want, finding string) []v1alpha1.ReadinessReport {
	s.t.Helper()
	reports, findings := s.reports()
	var got []string
	for _, r := range reports {
		text := fmt.Sprintf("%d %d/%d", r.Spec.Sequence, *r.Spec.Part, *r.Spec.Parts)
		if a := r.Spec.Abandoned; a != nil {
			text += fmt.Sprintf(" after %d from %d on", *a.Parts, a.Sequence)
		}
		got = append(got, text)
	}
	if all := strings.Join(got, ", "); all != want {
		s.t.Errorf("reports are %s, want %s", all, want)
	}
	if findings != finding {
		s.t.Errorf("verify finds %q, want %q", findings, finding)
	}
	return reports
}

func TestReportIsWrittenOnce(t *testing.T) {
	s := stageOf(t, 3)
	r := s.operator(DefaultLimits())
	s.settle(r)
	reports := s.expect("1 1/1", "")
	if n := len(reports[0].Spec.Content.Entries); n != 3 || reports[0].Spec.Content.Unsettled != nil {
		t.Errorf("%d entries, unsettled %v", n, reports[0].Spec.Content.Unsettled)
	}
	if s.writes != 2 {
		t.Errorf("a report and what the plan tells of it cost %d writes, want 2", s.writes)
	}
	s.settle(r)
	s.settle(s.operator(DefaultLimits()))
	s.expect("1 1/1", "")
	if s.writes != 2 {
		t.Errorf("an idle operator, and one that has just started, have written %d times", s.writes-2)
	}
	if told := s.told(); told.Last.Name != "decision-28-000001" || *told.Count != 1 {
		t.Errorf("the plan tells of %+v", told)
	}
	if e := <-s.events.Events; e != "Normal ReportWritten decision-28-000001 was written: the deadline 2018-12-31 passed." {
		t.Errorf("event is %q", e)
	}
}

// Of 2,500 agencies in a report, each is told in one part, and no part is longer than it may be.
func TestManyAgenciesAreSplit(t *testing.T) {
	s := stageOf(t, 2500)
	s.settle(s.operator(DefaultLimits()))
	reports, findings := s.reports()
	if findings != "" || len(reports) < 3 {
		t.Fatalf("%d reports, and verify finds %q", len(reports), findings)
	}
	told := map[string]bool{}
	for _, r := range reports {
		size, err := chain.Seal(r.Spec.DeepCopy())
		if err != nil {
			t.Fatal(err)
		}
		if n := len(r.Spec.Content.Entries); n > 1000 || size > 256<<10 || n < 100 {
			t.Errorf("%s has %d entries and %d bytes", r.Name, n, size)
		}
		for _, e := range r.Spec.Content.Entries {
			if told[e.Agency] {
				t.Errorf("%s is told twice", e.Agency)
			}
			told[e.Agency] = true
		}
		if counted := *r.Spec.Content.Milestones[0].States[0].Agencies; counted != 2500 {
			t.Errorf("%s counts %d agencies", r.Name, counted)
		}
	}
	if len(told) != 2500 {
		t.Errorf("%d agencies are told", len(told))
	}
}

// An operator that is killed between two parts leaves them; the next one states it and reports anew.
func TestKilledBetweenParts(t *testing.T) {
	s := stageOf(t, 5)
	limits := Limits{Entries: 2, Bytes: 256 << 10}
	killed := errors.New("killed")
	s.fails = func(r *v1alpha1.ReadinessReport) error {
		if r.Spec.Sequence == 3 {
			return killed
		}
		return nil
	}
	if _, err := s.pass(s.operator(limits)); !errors.Is(err, killed) {
		t.Fatalf("the operator was not killed: %v", err)
	}
	s.expect("1 1/3, 2 2/3", "The report that begins with decision-28-000001 is incomplete: it has 2 of 3 parts.")
	// It is killed once more before it has written all, and then not any more.
	s.fails = func(r *v1alpha1.ReadinessReport) error {
		if r.Spec.Sequence == 4 {
			return killed
		}
		return nil
	}
	if _, err := s.pass(s.operator(limits)); !errors.Is(err, killed) {
		t.Fatalf("the operator was not killed: %v", err)
	}
	s.fails = nil
	s.settle(s.operator(limits))
	s.expect("1 1/3, 2 2/3, 3 1/3 after 2 from 1 on, 4 1/3 after 1 from 3 on, 5 2/3, 6 3/3", "")
}

// A cache that is behind, of reports and of the plan, leads to a refusal and never to a second report of one deadline.
func TestStaleCacheDoesNotFork(t *testing.T) {
	s := stageOf(t, 5)
	limits := Limits{Entries: 2, Bytes: 256 << 10}
	s.settle(s.operator(limits))
	s.expect("1 1/3, 2 2/3, 3 3/3", "")
	for _, behind := range [][]string{{"3"}, {"2", "3"}, {"1", "2", "3"}} {
		for _, forgotten := range []bool{false, true} {
			t.Run(fmt.Sprintf("without %s, status forgotten %t", strings.Join(behind, " and "), forgotten), func(t *testing.T) {
				s.t = t
				clear(s.hidden)
				for _, n := range behind {
					s.hidden["decision-28-00000"+n] = true
				}
				if forgotten {
					s.forget()
				}
				r := s.operator(limits)
				for range 3 {
					if wait, err := s.pass(r); err != nil || wait != lookAgain {
						t.Errorf("a pass gives %s, %v", wait, err)
					}
				}
				clear(s.hidden)
				s.settle(r)
				s.expect("1 1/3, 2 2/3, 3 3/3", "")
			})
		}
	}
}

// forget removes what the plan tells of its chain, as a plan that is created anew does.
func (s *stage) forget() {
	s.t.Helper()
	plan := &v1alpha1.RolloutPlan{}
	if err := s.server.Get(s.t.Context(), client.ObjectKeyFromObject(s.plan), plan); err != nil {
		s.t.Fatal(err)
	}
	plan.Status.Reports = nil
	if err := s.server.Status().Update(s.t.Context(), plan); err != nil {
		s.t.Fatal(err)
	}
}

// Two operators that write at the same time write one report.
func TestTwoWritersMeet(t *testing.T) {
	s := stageOf(t, 5)
	limits := Limits{Entries: 2, Bytes: 256 << 10}
	other := s.operator(limits)
	meanwhile := true
	s.fails = func(r *v1alpha1.ReadinessReport) error {
		if meanwhile && r.Spec.Sequence == 2 {
			meanwhile = false
			s.settle(other) // sees one part, takes it for abandoned, and writes the second place itself
		}
		return nil
	}
	s.settle(s.operator(limits))
	s.expect("1 1/3, 2 1/3 after 1 from 1 on, 3 2/3, 4 3/3", "")
}

// What somebody removes or replaces with an administrator's rights shows in the chain for ever.
func TestTamperedChainIsNotMended(t *testing.T) {
	tests := map[string]struct {
		replace bool
		finding string
	}{
		"removed":  {false, "Report decision-28-000002 is missing."},
		"replaced": {true, "Report decision-28-000003 follows a report with the digest"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := stageOf(t, 1)
			r := s.operator(DefaultLimits())
			s.settle(r)
			s.request("2018-12-30T16:00:00Z")
			s.settle(r)
			last := s.expect("1 1/1, 2 1/1", "")[1]
			if err := s.server.Delete(t.Context(), &last); err != nil {
				t.Fatal(err)
			}
			if tt.replace {
				forged := v1alpha1.ReadinessReport{ObjectMeta: metav1.ObjectMeta{Name: last.Name}, Spec: last.Spec}
				forged.Spec.Content.Entries[0].State = v1alpha1.MilestoneMet
				if _, err := chain.Seal(&forged.Spec); err != nil {
					t.Fatal(err)
				}
				if err := s.server.Create(t.Context(), &forged); err != nil {
					t.Fatal(err)
				}
			}
			s.request("2018-12-30T16:30:00Z")
			s.settle(r)
			if _, findings := s.reports(); !strings.HasPrefix(findings, tt.finding) {
				t.Errorf("verify finds %q, want %q", findings, tt.finding)
			}
			var told []string
			for len(s.events.Events) > 0 {
				told = append(told, <-s.events.Events)
			}
			if !slices.ContainsFunc(told, func(e string) bool { return strings.HasPrefix(e, "Warning ReportsTampered decision-28-000002") }) {
				t.Errorf("events are %q", told)
			}
		})
	}
}
