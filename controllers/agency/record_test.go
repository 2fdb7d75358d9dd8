package agency

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/milestonerecord"
)

const (
	noon     = "2018-11-01T12:00:00+07:00"
	recorded = "2018-10-01T03:00:00Z"
	planName = "decision-28"
)

// body is an Agency for which a namespace of its own acts, and its Connector, which is ready.
func body(name string) (*v1alpha1.Agency, *v1alpha1.Connector) {
	agency := &v1alpha1.Agency{
		ObjectMeta: metav1.ObjectMeta{Name: name, Generation: 1},
		Spec: v1alpha1.AgencySpec{
			Code: "T01." + strings.ToUpper(name), TimeZone: "Asia/Ho_Chi_Minh", Namespaces: []string{name}, Lifecycle: v1alpha1.AgencyActive,
		},
	}
	c := connector("gateway", metav1.ConditionTrue, "Ready")
	c.Namespace, c.Spec.AgencyRef.Name = name, name
	return agency, &c
}

// into merges the Agency into another.
func into(agency *v1alpha1.Agency, successor string) *v1alpha1.Agency {
	agency.Spec.Lifecycle, agency.Spec.SupersededBy = v1alpha1.AgencySuperseded, &v1alpha1.ObjectReference{Name: successor}
	return agency
}

// metRecord is the record of an agency that met m0 of the plan some time ago.
func metRecord(t *testing.T, agency string) *v1alpha1.MilestoneRecord {
	t.Helper()
	return &v1alpha1.MilestoneRecord{
		ObjectMeta: metav1.ObjectMeta{Name: milestonerecord.Name(planName, "m0", agency)},
		Spec: v1alpha1.MilestoneRecordSpec{
			Plan: planName, Milestone: "m0", Agency: agency, Cohort: "all", MetAt: metav1.Time{Time: at(t, recorded)},
		},
	}
}

// met is m0 in the status of an Agency that met it.
func met(t *testing.T) v1alpha1.AgencyMilestone {
	t.Helper()
	return v1alpha1.AgencyMilestone{
		Plan: planName, Milestone: "m0", Cohort: "all", State: v1alpha1.MilestoneMet, MetAt: &metav1.Time{Time: at(t, recorded)},
		Deadline: v1alpha1.Deadline{Boundary: v1alpha1.DeadlineBefore, Date: "2018-12-31"},
	}
}

// judged lets the Agency pass once, and gives its milestones.
func judged(t *testing.T, r *Reconciler, name string) []v1alpha1.AgencyMilestone {
	t.Helper()
	if _, err := r.Reconcile(t.Context(), request(name)); err != nil {
		t.Fatal(err)
	}
	agency := &v1alpha1.Agency{}
	if err := r.Client.Get(t.Context(), client.ObjectKey{Name: name}, agency); err != nil {
		t.Fatal(err)
	}
	return agency.Status.Milestones
}

// recordsThere are all records in words: who met what of which plan when, and by whom.
func recordsThere(t *testing.T, r *Reconciler) []string {
	t.Helper()
	var list v1alpha1.MilestoneRecordList
	if err := r.Client.List(t.Context(), &list); err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, m := range list.Items {
		words := strings.Join([]string{m.Spec.Agency, m.Spec.Plan, m.Spec.Milestone, m.Spec.MetAt.UTC().Format(time.RFC3339)}, " ")
		if m.Spec.MetBy != "" {
			words += " by " + m.Spec.MetBy
		}
		all = append(all, words)
	}
	slices.Sort(all)
	return all
}

func expectRecords(t *testing.T, r *Reconciler, want ...string) {
	t.Helper()
	if got := recordsThere(t, r); !slices.Equal(got, want) {
		t.Errorf("the records are %q, want %q", got, want)
	}
}

// What is met is recorded with everything that an auditor asks for, once, however often the agency is judged.
func TestWhatIsMetIsRecordedOnce(t *testing.T) {
	agency, ready := body("mof")
	asked := plan("decision-28", 1)
	r, clock := newReconciler(t, at(t, noon), agency, ready, &asked)
	for range 3 {
		if got := judged(t, r, "mof"); got[0].State != v1alpha1.MilestoneMet || !got[0].MetAt.Time.Equal(at(t, noon)) {
			t.Fatalf("the milestone is %+v", got[0])
		}
		clock.SetTime(clock.Now().Add(time.Hour))
	}
	record := &v1alpha1.MilestoneRecord{}
	if err := r.Client.Get(t.Context(), client.ObjectKey{Name: "decision-28.m0.mof"}, record); err != nil {
		t.Fatal(err)
	}
	got := record.Spec
	if !got.MetAt.Time.Equal(at(t, noon)) || got.Code != "T01.MOF" || got.Cohort != "all" || got.TimeZone != "Asia/Ho_Chi_Minh" ||
		got.Deadline != asked.Spec.Milestones[0].Deadline || len(record.OwnerReferences) != 0 {
		t.Errorf("the record is %+v, owned by %v", got, record.OwnerReferences)
	}
}

// A milestone that was recorded counts when the plan comes back, when the status is lost, and when the Agency is created again.
func TestARecordOutlivesEverything(t *testing.T) {
	agency, gone := body("mof")
	gone.Status.Conditions = nil
	asked := plan("decision-28", 1)
	r, _ := newReconciler(t, at(t, noon), agency, gone, &asked, metRecord(t, "mof"))
	if got := judged(t, r, "mof")[0]; got.State != v1alpha1.MilestoneMet || !got.MetAt.Time.Equal(at(t, recorded)) || got.Regressed == "" {
		t.Errorf("the milestone is %+v, want it met at %s, and lost since", got, recorded)
	}
	expectRecords(t, r, "mof decision-28 m0 "+recorded)
}

// What stands in a status and in no record, as after an upgrade, is recorded before the status can lose it.
func TestAStatusIsRecordedBeforeItGoes(t *testing.T) {
	tests := map[string]struct {
		plan func(*v1alpha1.RolloutPlan)
		edit func(*v1alpha1.Agency)
		want int
	}{
		"still asked":            {func(*v1alpha1.RolloutPlan) {}, func(*v1alpha1.Agency) {}, 1},
		"of a plan that is gone": {func(p *v1alpha1.RolloutPlan) { p.Name = "another" }, func(*v1alpha1.Agency) {}, 1},
		"in no cohort any more": {
			func(p *v1alpha1.RolloutPlan) { p.Spec.Cohorts[0].AllOthers.Types = []v1alpha1.AgencyType{"Mission"} }, func(*v1alpha1.Agency) {}, 0,
		},
		"merged into another":       {func(*v1alpha1.RolloutPlan) {}, func(a *v1alpha1.Agency) { into(a, "moj") }, 0},
		"of a plan that is refused": {func(p *v1alpha1.RolloutPlan) { p.Status.Conditions[0].Status = metav1.ConditionFalse }, func(*v1alpha1.Agency) {}, 1},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			agency, _ := body("mof")
			agency.Status.Milestones = []v1alpha1.AgencyMilestone{met(t)}
			asked := plan("decision-28", 1)
			tt.plan(&asked)
			tt.edit(agency)
			r, _ := newReconciler(t, at(t, noon), agency, &asked)
			if got := judged(t, r, "mof"); len(got) != tt.want {
				t.Errorf("%d milestones stand in the status, want %d: %+v", len(got), tt.want, got)
			}
			expectRecords(t, r, "mof decision-28 m0 "+recorded)
			if err := r.Client.DeleteAllOf(t.Context(), &v1alpha1.MilestoneRecord{}); err != nil {
				t.Fatal(err)
			}
			judged(t, r, "mof")
			if stays := tt.want == 1 && asked.Name == "decision-28"; stays {
				expectRecords(t, r, "mof decision-28 m0 "+recorded)
			} else {
				expectRecords(t, r)
			}
		})
	}
}

// A record that the cache did not show yet is found when it is to be created, and counts: it is the earlier one.
func TestTheFirstRecordCounts(t *testing.T) {
	agency, ready := body("mof")
	asked := plan("decision-28", 1)
	r, _ := newReconciler(t, at(t, noon), agency, ready, &asked, metRecord(t, "mof"))
	hidden := interceptor.Funcs{
		List: func(ctx context.Context, c client.WithWatch, list client.ObjectList, opts ...client.ListOption) error {
			if _, ok := list.(*v1alpha1.MilestoneRecordList); ok {
				return nil
			}
			return c.List(ctx, list, opts...)
		},
	}
	whole, ok := r.Client.(client.WithWatch)
	if !ok {
		t.Fatalf("%T cannot be intercepted", r.Client)
	}
	r.Client = interceptor.NewClient(whole, hidden)
	if got := judged(t, r, "mof")[0]; !got.MetAt.Time.Equal(at(t, recorded)) {
		t.Errorf("metAt is %s, want %s", got.MetAt, recorded)
	}
}

// No status tells of a milestone that could not be recorded.
func TestNoRecordNoStatus(t *testing.T) {
	agency, ready := body("mof")
	asked := plan("decision-28", 1)
	r, _ := newReconciler(t, at(t, noon), agency, ready, &asked)
	refused := errors.New("no room")
	whole, ok := r.Client.(client.WithWatch)
	if !ok {
		t.Fatalf("%T cannot be intercepted", r.Client)
	}
	r.Client = interceptor.NewClient(whole, interceptor.Funcs{
		Create: func(context.Context, client.WithWatch, client.Object, ...client.CreateOption) error { return refused },
	})
	if _, err := r.Reconcile(t.Context(), request("mof")); !errors.Is(err, refused) {
		t.Errorf("the pass ends with %v, want %v", err, refused)
	}
	if err := r.Client.Get(t.Context(), client.ObjectKey{Name: "mof"}, agency); err != nil || len(agency.Status.Milestones) > 0 {
		t.Errorf("the status tells of %+v, %v", agency.Status.Milestones, err)
	}
}

// What somebody else put in the place of a record is no proof of anything.
func TestAStrangersRecordIsNotTaken(t *testing.T) {
	agency, ready := body("mof")
	asked := plan("decision-28", 1)
	strange := metRecord(t, "moj")
	strange.Name = milestonerecord.Name("decision-28", "m0", "mof")
	r, _ := newReconciler(t, at(t, noon), agency, ready, &asked, strange)
	_, err := r.Reconcile(t.Context(), request("mof"))
	want := "MilestoneRecord decision-28.m0.mof tells of Agency moj and milestone m0 of plan decision-28, and not of Agency mof and milestone m0 of plan " +
		"decision-28; the operator did not write it, so find out who did, and delete it"
	if err == nil || !strings.HasSuffix(err.Error(), want) {
		t.Errorf("the pass ends with %v, want %s", err, want)
	}
}
