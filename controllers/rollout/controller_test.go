package rollout

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/sets"
	clocktesting "k8s.io/utils/clock/testing"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

// reads counts what a pass asks for, and can let the reading of Agencies fail.
type reads struct {
	lists, gets, writes int
	fail                error
}

func (r *reads) funcs() interceptor.Funcs {
	return interceptor.Funcs{
		List: func(ctx context.Context, c client.WithWatch, list client.ObjectList, opts ...client.ListOption) error {
			if _, ok := list.(*v1alpha1.AgencyList); ok {
				r.lists++
			}
			return c.List(ctx, list, opts...)
		},
		Get: func(ctx context.Context, c client.WithWatch, key client.ObjectKey, obj client.Object, opts ...client.GetOption) error {
			if _, ok := obj.(*v1alpha1.Agency); ok {
				r.gets++
				if r.fail != nil {
					return r.fail
				}
			}
			return c.Get(ctx, key, obj, opts...)
		},
		SubResourcePatch: func(
			ctx context.Context, c client.Client, sub string, obj client.Object, p client.Patch, opts ...client.SubResourcePatchOption,
		) error {
			r.writes++
			return c.SubResource(sub).Patch(ctx, obj, p, opts...)
		},
	}
}

func newReconciler(t *testing.T, objects ...client.Object) (*Reconciler, *reads) {
	t.Helper()
	scheme := runtime.NewScheme()
	if err := v1alpha1.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	counted := &reads{}
	c := fake.NewClientBuilder().WithScheme(scheme).WithObjects(objects...).WithStatusSubresource(&v1alpha1.RolloutPlan{}).
		WithInterceptorFuncs(counted.funcs()).Build()
	return &Reconciler{Client: c, Clock: clocktesting.NewFakePassiveClock(at(t, "2019-03-01T00:00:00+07:00"))}, counted
}

// pass reconciles the plan and tells how many agencies are counted, and what it cost.
func pass(t *testing.T, r *Reconciler, counted *reads) (agencies int32, cost reads) {
	t.Helper()
	before := *counted
	if _, err := r.Reconcile(t.Context(), ctrl.Request{NamespacedName: client.ObjectKey{Name: "decision-28"}}); err != nil {
		t.Fatal(err)
	}
	plan := &v1alpha1.RolloutPlan{}
	if err := r.Client.Get(t.Context(), client.ObjectKey{Name: "decision-28"}, plan); err != nil {
		t.Fatal(err)
	}
	return *plan.Status.Agencies, reads{lists: counted.lists - before.lists, gets: counted.gets - before.gets, writes: counted.writes - before.writes}
}

// All agencies are read once, and then each as it changes; once more when the plan has changed, and when the operator has started.
func TestOnlyWhatChangedIsRead(t *testing.T) {
	hub := &v1alpha1.ExchangeHub{ObjectMeta: metav1.ObjectMeta{Name: "axis"}}
	plan := observed(t).plan
	plan.UID = "first"
	objects := []client.Object{hub, plan, mof.DeepCopy(), moj.DeepCopy()}
	for _, a := range country(50) {
		objects = append(objects, &a)
	}
	r, counted := newReconciler(t, objects...)
	expect := func(what string, wantAgencies int32, want reads) {
		t.Helper()
		if agencies, cost := pass(t, r, counted); agencies != wantAgencies || cost != want {
			t.Errorf("%s: %d agencies, for %+v; want %d for %+v", what, agencies, cost, wantAgencies, want)
		}
	}
	expect("at the start", 52, reads{lists: 1, writes: 1})
	expect("when nothing has changed", 52, reads{})

	if err := r.Client.Delete(t.Context(), mof.DeepCopy()); err != nil {
		t.Fatal(err)
	}
	r.ofAgency(t.Context(), &mof)
	r.ofAgency(t.Context(), &mof)
	r.ofAgency(t.Context(), &moj)
	expect("when one is gone and another was touched", 51, reads{gets: 2, writes: 1})

	if err := r.Client.Get(t.Context(), client.ObjectKeyFromObject(plan), plan); err != nil {
		t.Fatal(err)
	}
	plan.Generation++
	plan.Spec.Cohorts[1].AllOthers = nil
	plan.Spec.Cohorts[1].Agencies = []string{"a0001"}
	if err := r.Client.Update(t.Context(), plan); err != nil {
		t.Fatal(err)
	}
	expect("when the plan has changed", 2, reads{lists: 1, writes: 1})

	plan.ResourceVersion, plan.UID, plan.Spec.Cohorts[1].Agencies = "", "second", []string{"a0001", "a0002"}
	if err := r.Client.Delete(t.Context(), plan.DeepCopy()); err != nil {
		t.Fatal(err)
	}
	if err := r.Client.Create(t.Context(), plan); err != nil {
		t.Fatal(err)
	}
	expect("when the plan was created again", 3, reads{lists: 1, writes: 1})

	r.books = books{}
	expect("after a restart", 3, reads{lists: 1})
}

// A change that could not be read is not forgotten.
func TestAFailedPassLosesNothing(t *testing.T) {
	hub := &v1alpha1.ExchangeHub{ObjectMeta: metav1.ObjectMeta{Name: "axis"}}
	r, counted := newReconciler(t, hub, observed(t).plan, mof.DeepCopy(), moj.DeepCopy())
	pass(t, r, counted)
	if err := r.Client.Delete(t.Context(), mof.DeepCopy()); err != nil {
		t.Fatal(err)
	}
	r.ofAgency(t.Context(), &mof)
	counted.fail = errors.New("the cache has stopped")
	if _, err := r.Reconcile(t.Context(), ctrl.Request{NamespacedName: client.ObjectKey{Name: "decision-28"}}); !errors.Is(err, counted.fail) {
		t.Errorf("the pass ends with %v, want %v", err, counted.fail)
	}
	counted.fail = nil
	if agencies, _ := pass(t, r, counted); agencies != 1 {
		t.Errorf("%d agencies are counted after the failure, want 1", agencies)
	}
}

// A change that comes while a new ledger is filled is taken up by the next pass.
func TestAChangeDuringAFillIsNoted(t *testing.T) {
	var b books
	plan := observed(t).plan
	if l, _ := b.take(plan); l != nil {
		t.Fatal("there is a ledger before the first was filled")
	}
	b.note("mof")
	b.keep(plan.Name, adding(observed(t)).ledger)
	l, changed := b.take(plan)
	if l == nil || !changed.Equal(sets.New("mof")) {
		t.Errorf("ledger %v with the changes %v, want one with mof", l, changed)
	}
	if _, changed := b.take(plan); len(changed) != 0 {
		t.Errorf("%v are told of twice", changed)
	}
	b.drop(plan.Name)
	if l, _ := b.take(plan); l != nil {
		t.Error("a ledger that was dropped is there")
	}
}

// Changes that come from several sides while passes are made all end in the ledger, the last of each agency.
func TestNoChangeIsLost(t *testing.T) {
	const sides, changes = 4, 500
	var b books
	var lock sync.Mutex
	cache := map[string]*v1alpha1.Agency{}
	s := adding(observed(t))
	b.take(s.plan)
	b.keep(s.plan.Name, s.ledger)
	var writers sync.WaitGroup
	for side := range sides {
		writers.Go(func() {
			for i := range changes {
				state := []v1alpha1.MilestoneState{v1alpha1.MilestoneOverdue, v1alpha1.MilestoneMet}[i%2]
				a := agency(fmt.Sprintf("a%d-%d", side, i%5), "remaining", states{"connected": state})
				lock.Lock()
				cache[a.Name] = &a
				lock.Unlock()
				b.note(a.Name)
			}
		})
	}
	done := make(chan struct{})
	go func() { writers.Wait(); close(done) }()
	bring := func() {
		kept, changed := b.take(s.plan)
		for name := range changed {
			lock.Lock()
			now := cache[name]
			lock.Unlock()
			kept.update(name, now)
		}
	}
	for ended := false; !ended; bring() {
		select {
		case <-done:
			ended = true
		default:
		}
	}
	var all []v1alpha1.Agency
	for _, a := range cache {
		all = append(all, *a)
	}
	want, _ := judge(adding(observed(t), all...))
	got, _ := judge(s)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("status (-new +kept):\n%s", diff)
	}
}
