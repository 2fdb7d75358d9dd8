package integration

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	authorizationv1 "k8s.io/api/authorization/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/report/chain"
	"lienthong.gov.vn/connector-operator/report/locale"
	"lienthong.gov.vn/connector-operator/test/harness"
)

// reported is a plan that wants reports at deadlines only, with one milestone due before each day in the zone; it asks for an accepted
// Connector. Its reports are removed after the test, as the operator never does.
func (w *world) reported(t *testing.T, zone string, days []string, agencies ...string) *v1alpha1.RolloutPlan {
	t.Helper()
	plan := planOf(w.namespace, agencies...)
	plan.Spec.TimeZone = zone
	plan.Spec.Reports = &v1alpha1.ReportPolicy{Cadence: v1alpha1.CadenceNever}
	first := plan.Spec.Milestones[0]
	plan.Spec.Milestones = nil
	for i, day := range days {
		m := *first.DeepCopy()
		m.Name, m.Deadline.Date = fmt.Sprintf("milestone-%d", i+1), v1alpha1.CivilDate(day)
		plan.Spec.Milestones = append(plan.Spec.Milestones, m)
	}
	t.Cleanup(func() {
		reports, err := w.reportsOf(context.Background(), plan.Name)
		if err != nil {
			t.Error(err)
		}
		for i := range reports {
			if err := client.IgnoreNotFound(w.Client.Delete(context.Background(), &reports[i])); err != nil {
				t.Error(err)
			}
		}
	})
	return plan
}

// reportsOf are the reports of a plan, in the order of their chain.
func (w *world) reportsOf(ctx context.Context, plan string) ([]v1alpha1.ReadinessReport, error) {
	var list v1alpha1.ReadinessReportList
	err := w.Client.List(ctx, &list, client.MatchingFields{"spec.plan.name": plan})
	slices.SortFunc(list.Items, func(a, b v1alpha1.ReadinessReport) int { return cmp.Compare(a.Spec.Sequence, b.Spec.Sequence) })
	return list.Items, err
}

// chain waits until the plan has so many reports and tells of the last one, checks that the chain is intact, and gives them.
func (w *world) chain(t *testing.T, plan *v1alpha1.RolloutPlan, want int) []v1alpha1.ReadinessReport {
	t.Helper()
	var reports []v1alpha1.ReadinessReport
	w.Eventually(t, func() (err error) {
		if err := w.StatusIsLegal(t.Context(), plan); err != nil {
			return err
		}
		if reports, err = w.reportsOf(t.Context(), plan.Name); err != nil {
			return err
		}
		if len(reports) > want {
			t.Fatalf("there are %d reports, want %d", len(reports), want)
		}
		told := plan.Status.Reports
		if len(reports) < want || told == nil || told.Last == nil || told.Last.SHA256 != reports[want-1].Spec.SHA256 || int(*told.Count) != want {
			return fmt.Errorf("there are %d reports, want %d, and the plan tells of %+v", len(reports), want, told)
		}
		return nil
	})
	var links []chain.Link
	for i := range reports {
		link, err := chain.Of(&reports[i])
		if err != nil {
			t.Fatal(err)
		}
		links = append(links, link)
	}
	head := chain.Head{Plan: plan.Name, Sequence: plan.Status.Reports.Last.Sequence, SHA256: plan.Status.Reports.Last.SHA256}
	for _, c := range chain.Verify(links, []chain.Head{head}) {
		for _, f := range c.Findings {
			t.Error(f.Sentence(locale.English))
		}
	}
	return reports
}

// statesIn are the states of one report, as agency/milestone=state.
func statesIn(r *v1alpha1.ReadinessReport) []string {
	var all []string
	for _, e := range r.Spec.Content.Entries {
		all = append(all, fmt.Sprintf("%s/%s=%s", e.Agency, e.Milestone, e.State))
	}
	slices.Sort(all)
	return all
}

// A deadline passes while the operator runs: one report tells where everybody stood at that midnight, and no second one comes.
func TestReportAtADeadline(t *testing.T) {
	w, m := newWorld(t), nextMidnight()
	idle := w.another("b")
	w.connect(t)
	w.Create(t, idle)
	plan := w.reported(t, m.zone, []string{m.day, "2999-12-31"}, w.agency.Name, idle.Name)
	w.Create(t, plan)
	w.standing(t, w.agency, states{"milestone-1": v1alpha1.MilestoneMet, "milestone-2": v1alpha1.MilestoneMet})
	w.standing(t, idle, states{"milestone-1": v1alpha1.MilestoneAtRisk, "milestone-2": v1alpha1.MilestonePending})

	shared.operator.underClock(t, m.soon())
	r := w.chain(t, plan, 1)[0]
	want := []string{
		w.agency.Name + "/milestone-1=Met", w.agency.Name + "/milestone-2=Met", idle.Name + "/milestone-1=Overdue", idle.Name + "/milestone-2=Pending",
	}
	slices.Sort(want)
	if diff := gocmp.Diff(want, statesIn(&r)); diff != "" {
		t.Errorf("states (-want +got):\n%s", diff)
	}
	if !r.Spec.DueAt.Time.Equal(m.at) || *r.Spec.Late || r.Spec.Content.Unsettled != nil || *r.Spec.Content.Agencies != 2 {
		t.Errorf("due at %s, late %t, %d agencies, unsettled %v", r.Spec.DueAt, *r.Spec.Late, *r.Spec.Content.Agencies, r.Spec.Content.Unsettled)
	}
	trigger := v1alpha1.ReportTrigger{Type: v1alpha1.ReportAtDeadline, Deadlines: []v1alpha1.ReportedDeadline{{
		Deadline: v1alpha1.Deadline{Boundary: v1alpha1.DeadlineBefore, Date: v1alpha1.CivilDate(m.day)}, Milestones: []string{"milestone-1"},
	}}}
	if diff := gocmp.Diff(trigger, r.Spec.Trigger); diff != "" {
		t.Errorf("trigger (-want +got):\n%s", diff)
	}

	// A request is handled after whatever else is due, so that the second report is the one that was asked for.
	w.change(t, plan, func() {
		plan.Annotations = map[string]string{v1alpha1.AnnotationReportRequestedAt: m.at.Format(time.RFC3339)}
	})
	if second := w.chain(t, plan, 2)[1]; second.Spec.Trigger.Type != v1alpha1.ReportOnRequest {
		t.Errorf("a second report came by %+v", second.Spec.Trigger)
	}
}

// Two deadlines pass while the operator is down: both are reported when it is back, the older one first, and as late.
func TestReportsAfterAnOutage(t *testing.T) {
	w, m := newWorld(t), nextMidnight()
	nextDay, err := time.Parse(time.DateOnly, m.day)
	if err != nil {
		t.Fatal(err)
	}
	w.connect(t)
	plan := w.reported(t, m.zone, []string{m.day, nextDay.AddDate(0, 0, 1).Format(time.DateOnly)}, w.agency.Name)
	w.Create(t, plan)
	w.standing(t, w.agency, states{"milestone-1": v1alpha1.MilestoneMet, "milestone-2": v1alpha1.MilestoneMet})
	shared.operator.stop(t)
	shared.operator.again(t, shifted{by: time.Until(m.at) + 25*time.Hour})
	t.Cleanup(func() { shared.operator.end(t) })

	for i, r := range w.chain(t, plan, 2) {
		if want := m.at.AddDate(0, 0, i); !r.Spec.DueAt.Time.Equal(want) || !*r.Spec.Late {
			t.Errorf("report %d was due at %s, want %s, and is late: %t", i+1, r.Spec.DueAt, want, *r.Spec.Late)
		}
	}
}

// A person asks for a report with an annotation; a plan that is created anew goes on with its chain, and remembers what was asked.
func TestReportOnRequest(t *testing.T) {
	w := newWorld(t)
	w.connect(t)
	plan := w.reported(t, "Asia/Ho_Chi_Minh", []string{"2999-12-31"}, w.agency.Name)
	again := plan.DeepCopy()
	w.Create(t, plan)
	w.standing(t, w.agency, states{"milestone-1": v1alpha1.MilestoneMet})
	ask := func(p *v1alpha1.RolloutPlan, value string) {
		w.change(t, p, func() { p.Annotations = map[string]string{v1alpha1.AnnotationReportRequestedAt: value} })
	}
	ask(plan, "at once")
	w.expectMessage(t, plan, v1alpha1.ConditionReportWritten, metav1.ConditionFalse, v1alpha1.ReasonInvalidReportRequest,
		`No report was written: the annotation lienthong.gov.vn/report-requested-at is "at once"; write a time in the form of RFC 3339, such as 2026-11-21T08:00:00Z.`)
	first := time.Now().UTC().Format(time.RFC3339)
	ask(plan, first)
	r := w.chain(t, plan, 1)[0]
	if r.Spec.Trigger.RequestedAt != first || *r.Spec.Late || r.Name != w.namespace+"-000001" {
		t.Errorf("%s was written because of %+v, late: %t", r.Name, r.Spec.Trigger, *r.Spec.Late)
	}
	if diff := gocmp.Diff([]string{w.agency.Name + "/milestone-1=Met"}, statesIn(&r)); diff != "" {
		t.Errorf("states (-want +got):\n%s", diff)
	}
	w.expectMessage(t, plan, v1alpha1.ConditionReportWritten, metav1.ConditionTrue, "Written", "The report requested at "+first+" was written.")

	w.remove(t, plan)
	w.Create(t, again)
	w.expect(t, again, v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonReady)
	ask(again, first)
	w.expectMessage(t, again, v1alpha1.ConditionReportWritten, metav1.ConditionTrue, "Written", "The report requested at "+first+" was written.")
	other := time.Now().UTC().Add(time.Second).Format(time.RFC3339)
	ask(again, other)
	reports := w.chain(t, again, 2)
	if reports[1].Spec.Trigger.RequestedAt != other || reports[1].Spec.PreviousSHA256 != r.Spec.SHA256 {
		t.Errorf("the second report was written because of %+v", reports[1].Spec.Trigger)
	}
}

// fullReport is as large as a report can be.
func (w *world) fullReport(t *testing.T) *v1alpha1.ReadinessReport {
	t.Helper()
	now := metav1.NewTime(time.Now().Truncate(time.Second))
	due := v1alpha1.Deadline{Boundary: v1alpha1.DeadlineBefore, Date: "2999-12-31"}
	r := &v1alpha1.ReadinessReport{}
	r.Name = chain.Name(w.namespace, 1)
	r.Spec = v1alpha1.ReadinessReportSpec{
		Plan:     v1alpha1.ReportedPlan{Name: w.namespace, Generation: 1, TimeZone: "Asia/Ho_Chi_Minh", Hub: w.namespace},
		Sequence: 1, Part: new(int32(1)), Parts: new(int32(2)), DueAt: now, TakenAt: now, Late: new(false),
		Trigger: v1alpha1.ReportTrigger{Type: v1alpha1.ReportAtCadence, Period: "2999-12"},
		Content: v1alpha1.ReportContent{Agencies: new(int32(1000))},
	}
	for i := range 1000 {
		r.Spec.Content.Entries = append(r.Spec.Content.Entries, v1alpha1.ReportEntry{
			Agency: fmt.Sprintf("agency-%d", i), Cohort: "ready", Milestone: "pilot", State: v1alpha1.MilestonePending, Deadline: due, LatestStart: "2999-12-01",
			Message: strings.Repeat("ờ", 40),
		})
	}
	if _, err := chain.Seal(&r.Spec); err != nil {
		t.Fatal(err)
	}
	return r
}

// The API server takes a report as large as they come, and then no change of it, from nobody.
func TestReportIsNeverChanged(t *testing.T) {
	w := newWorld(t)
	r := w.fullReport(t)
	w.Create(t, r)
	for name, edit := range map[string]func(*v1alpha1.ReadinessReport){
		"a state":        func(r *v1alpha1.ReadinessReport) { r.Spec.Content.Entries[999].State = v1alpha1.MilestoneMet },
		"the digest":     func(r *v1alpha1.ReadinessReport) { r.Spec.SHA256 = v1alpha1.SHA256Digest(strings.Repeat("0", 64)) },
		"entries at all": func(r *v1alpha1.ReadinessReport) { r.Spec.Content.Entries = nil },
	} {
		changed := r.DeepCopy()
		edit(changed)
		if err := w.Client.Update(t.Context(), changed); err == nil || !strings.Contains(err.Error(), "A report is never changed.") {
			t.Errorf("changing %s was answered with: %v", name, err)
		}
	}
	for name, tt := range map[string]struct {
		edit func(*v1alpha1.ReadinessReport)
		says string
	}{
		"a part too many": {func(r *v1alpha1.ReadinessReport) { r.Spec.Part = new(int32(3)) }, "part is at most parts."},
		"no previous":     {func(r *v1alpha1.ReadinessReport) { r.Spec.Sequence = 2 }, "Every report but the first has the digest of the one before in previousSHA256."},
		"two reasons":     {func(r *v1alpha1.ReadinessReport) { r.Spec.Trigger.RequestedAt = "2026-11-21T08:00:00Z" }, "A report at a deadline has deadlines"},
		"no digest":       {func(r *v1alpha1.ReadinessReport) { r.Spec.SHA256 = "sha256" }, "spec.sha256"},
	} {
		other := r.DeepCopy()
		other.ResourceVersion, other.UID, other.Name = "", "", r.Name+"-other"
		tt.edit(other)
		if err := w.Client.Create(t.Context(), other, client.DryRunAll); err == nil || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%s was answered with: %v", name, err)
		}
	}
}

// The operator writes reports and never changes or removes one.
func TestOperatorCannotChangeReports(t *testing.T) {
	w := newWorld(t)
	for verb, want := range map[string]bool{"create": true, "update": false, "patch": false, "delete": false, "deletecollection": false} {
		review := &authorizationv1.SubjectAccessReview{Spec: authorizationv1.SubjectAccessReviewSpec{
			User: harness.OperatorUser, Groups: harness.OperatorGroups(),
			ResourceAttributes: &authorizationv1.ResourceAttributes{Verb: verb, Group: v1alpha1.GroupName, Resource: "readinessreports"},
		}}
		if err := w.Client.Create(t.Context(), review); err != nil {
			t.Fatal(err)
		}
		if review.Status.Allowed != want {
			t.Errorf("the operator may %s reports: %t", verb, review.Status.Allowed)
		}
	}
}
