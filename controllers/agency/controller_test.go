package agency

import (
	"context"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	clocktesting "k8s.io/utils/clock/testing"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/index"
)

// indexer lets the fake client have the indexes of the manager's cache.
type indexer struct{ builder *fake.ClientBuilder }

func (i indexer) IndexField(_ context.Context, obj client.Object, field string, value client.IndexerFunc) error {
	i.builder.WithIndex(obj, field, value)
	return nil
}

func newReconciler(t *testing.T, now time.Time, objects ...client.Object) (*Reconciler, *clocktesting.FakePassiveClock) {
	t.Helper()
	scheme := runtime.NewScheme()
	if err := v1alpha1.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	builder := fake.NewClientBuilder().WithScheme(scheme).WithObjects(objects...).WithStatusSubresource(objects...)
	if err := index.Register(t.Context(), indexer{builder}); err != nil {
		t.Fatal(err)
	}
	clock := clocktesting.NewFakePassiveClock(now)
	return &Reconciler{Client: builder.Build(), Clock: clock}, clock
}

// Time alone leads an Agency from pending over at risk to overdue, in three passes and no more.
func TestPassesFollowTheCalendar(t *testing.T) {
	agency := &v1alpha1.Agency{ObjectMeta: metav1.ObjectMeta{Name: "mof", Generation: 1}, Spec: v1alpha1.AgencySpec{Code: "G12"}}
	asked := plan("decision-28", 1)
	r, clock := newReconciler(t, at(t, "2018-01-01T00:00:00+07:00"), agency, &asked)
	steps := []struct {
		state v1alpha1.MilestoneState
		until string
	}{
		{v1alpha1.MilestonePending, "2018-12-17T00:00:00+07:00"},
		{v1alpha1.MilestoneAtRisk, "2018-12-31T00:00:00+07:00"},
		{v1alpha1.MilestoneOverdue, ""},
	}
	for _, step := range steps {
		result, err := r.Reconcile(t.Context(), request("mof"))
		if err != nil {
			t.Fatal(err)
		}
		if err := r.Client.Get(t.Context(), client.ObjectKey{Name: "mof"}, agency); err != nil {
			t.Fatal(err)
		}
		if got := agency.Status.Milestones[0].State; got != step.state {
			t.Fatalf("on %s the milestone is %s, want %s", clock.Now(), got, step.state)
		}
		if step.until == "" {
			if result != (ctrl.Result{}) {
				t.Fatalf("after the deadline there is another pass in %s", result.RequeueAfter)
			}
			return
		}
		clock.SetTime(clock.Now().Add(result.RequeueAfter))
		if want := at(t, step.until); !clock.Now().Equal(want) {
			t.Fatalf("the next pass is at %s, want %s", clock.Now(), want)
		}
	}
}

func TestAgencyThatIsGone(t *testing.T) {
	r, _ := newReconciler(t, at(t, "2018-01-01T00:00:00+07:00"))
	if result, err := r.Reconcile(t.Context(), request("mof")); err != nil || result != (ctrl.Result{}) {
		t.Errorf("an Agency that is gone gives %v and %v", result, err)
	}
}

// A Connector in a namespace that is not listed must not hold up the milestones of the Agency that it names.
func TestStrangersDoNotCount(t *testing.T) {
	agency := &v1alpha1.Agency{
		ObjectMeta: metav1.ObjectMeta{Name: "mof", Generation: 1},
		Spec:       v1alpha1.AgencySpec{Code: "G12", Namespaces: []string{"g12"}},
	}
	own, stranger := connector("gateway", metav1.ConditionTrue, "Ready"), connector("gateway", metav1.ConditionFalse, "NamespaceNotListed")
	stranger.Namespace = "g99"
	for _, c := range []*v1alpha1.Connector{&own, &stranger} {
		c.Spec.AgencyRef.Name = "mof"
	}
	asked := plan("decision-28", 1)
	r, _ := newReconciler(t, at(t, "2018-01-01T00:00:00+07:00"), agency, &asked, &own, &stranger)
	if _, err := r.Reconcile(t.Context(), request("mof")); err != nil {
		t.Fatal(err)
	}
	if err := r.Client.Get(t.Context(), client.ObjectKey{Name: "mof"}, agency); err != nil {
		t.Fatal(err)
	}
	if got := agency.Status.Milestones[0].State; got != v1alpha1.MilestoneMet || *agency.Status.Connectors.Total != 1 {
		t.Errorf("the milestone is %s with %d Connectors, want Met with 1", got, *agency.Status.Connectors.Total)
	}
}

// evidence is a record of the contract, for a Connector in the namespace g12.
func evidence(connector string, accepted metav1.ConditionStatus) *v1alpha1.ComplianceEvidence {
	r := &v1alpha1.ComplianceEvidence{ObjectMeta: metav1.ObjectMeta{Namespace: "g12", Name: connector + "-contract", Generation: 1}}
	r.Spec.ConnectorRef.Name, r.Spec.Kind, r.Spec.Outcome.Result = connector, "ContractSigned", v1alpha1.EvidencePassed
	r.Status.Conditions = []metav1.Condition{{
		Type: v1alpha1.ConditionAccepted, Status: accepted, Reason: v1alpha1.ReasonAccepted, ObservedGeneration: 1,
	}}
	return r
}

// A milestone that asks for a record is met by one for each acting Connector, and by none of a stranger with the same name.
func TestRecordsMeetMilestones(t *testing.T) {
	agency := &v1alpha1.Agency{
		ObjectMeta: metav1.ObjectMeta{Name: "mof", Generation: 1},
		Spec:       v1alpha1.AgencySpec{Code: "G12", Namespaces: []string{"g12"}},
	}
	own, second := connector("gateway", metav1.ConditionTrue, "Ready"), connector("second", metav1.ConditionTrue, "Ready")
	own.Spec.AgencyRef.Name, second.Spec.AgencyRef.Name = "mof", "mof"
	asked := plan("decision-28", 1)
	asked.Spec.Milestones[0].Requires = []v1alpha1.MilestoneRequirement{{Evidence: "ContractSigned"}}
	foreign := evidence("second", metav1.ConditionTrue)
	foreign.Namespace = "g99"
	r, _ := newReconciler(t, at(t, "2018-01-01T00:00:00+07:00"), agency, &asked, &own, &second, evidence("gateway", metav1.ConditionTrue), foreign)
	for _, want := range []v1alpha1.MilestoneState{v1alpha1.MilestoneOnTrack, v1alpha1.MilestoneMet} {
		if _, err := r.Reconcile(t.Context(), request("mof")); err != nil {
			t.Fatal(err)
		}
		if err := r.Client.Get(t.Context(), client.ObjectKey{Name: "mof"}, agency); err != nil {
			t.Fatal(err)
		}
		if got := agency.Status.Milestones[0]; got.State != want {
			t.Errorf("the milestone is %s (%s), want %s", got.State, got.Message, want)
		}
		if want == v1alpha1.MilestoneMet {
			return
		}
		last := evidence("second", metav1.ConditionTrue)
		if err := r.Client.Create(t.Context(), last); err != nil {
			t.Fatal(err)
		}
		if got := r.ofRecord(t.Context(), last); len(got) != 1 || got[0].Name != "mof" {
			t.Errorf("the record asks for %v, want the Agency mof", got)
		}
	}
}
