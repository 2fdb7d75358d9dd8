package replay

import (
	"context"
	"maps"
	"slices"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	clocktesting "k8s.io/utils/clock/testing"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/agency"
	"lienthong.gov.vn/connector-operator/controllers/index"
	"lienthong.gov.vn/connector-operator/controllers/rollout"
	"lienthong.gov.vn/connector-operator/hack/manifests"
)

const planName = "decision-28-2018"

// country is the 27 agencies, their hub and their plan, with the operator's controllers. A pass is made when something happens and when a pass
// asked for it, as in a cluster, and at no other time.
type country struct {
	client client.Client
	clock  *clocktesting.FakePassiveClock
	// plan is as Git has it.
	plan     *v1alpha1.RolloutPlan
	agencies *agency.Reconciler
	// names of the agencies, and when each asked for its next pass.
	names []string
	due   map[string]time.Time
	// standing is what each agency's status says.
	standing map[string][]v1alpha1.AgencyMilestone
	status   v1alpha1.RolloutPlanStatus
	passes   int
}

type indexer struct{ builder *fake.ClientBuilder }

// IndexField teaches the fake client an index of the cache.
func (i indexer) IndexField(_ context.Context, obj client.Object, field string, value client.IndexerFunc) error {
	i.builder.WithIndex(obj, field, value)
	return nil
}

// samples are the objects of a kind in the samples of the first roll-out.
func samples[T any](t *testing.T, kind string) []*T {
	t.Helper()
	objects, err := manifests.Kustomize("../../config/samples/decision-28")
	if err != nil {
		t.Fatal(err)
	}
	var all []*T
	for _, object := range objects {
		if object.GetKind() != kind {
			continue
		}
		typed := new(T)
		if err := runtime.DefaultUnstructuredConverter.FromUnstructuredWithValidation(object.Object, typed, true); err != nil {
			t.Fatal(err)
		}
		all = append(all, typed)
	}
	return all
}

// samplePlan is the plan of 2018 with the defaults of the API, under one reading. Working days, which the decision does not speak of, are left out.
func samplePlan(t *testing.T, r reading) *v1alpha1.RolloutPlan {
	t.Helper()
	all := samples[v1alpha1.RolloutPlan](t, "RolloutPlan")
	at := slices.IndexFunc(all, func(p *v1alpha1.RolloutPlan) bool { return p.Name == planName })
	if at < 0 {
		t.Fatalf("the samples have no RolloutPlan %s", planName)
	}
	plan := all[at]
	plan.Generation, plan.Spec.AtRiskDays = 1, new(int32(14))
	plan.Spec.WorkingCalendar, plan.Spec.MarginWorkingDays = nil, nil
	for i := range plan.Spec.Milestones {
		m := &plan.Spec.Milestones[i]
		if r == onOrBefore && m.Deadline.Boundary == v1alpha1.DeadlineBefore {
			m.Deadline.Boundary = v1alpha1.DeadlineOnOrBefore
		}
		for j := range m.Requires {
			m.Requires[j].WorkingDays = nil
		}
	}
	return plan
}

func newCountry(t *testing.T, r reading, start time.Time) *country {
	t.Helper()
	scheme := runtime.NewScheme()
	if err := v1alpha1.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	c := &country{
		clock: clocktesting.NewFakePassiveClock(start), plan: samplePlan(t, r), due: map[string]time.Time{},
		standing: map[string][]v1alpha1.AgencyMilestone{},
	}
	objects := []client.Object{&v1alpha1.ExchangeHub{ObjectMeta: metav1.ObjectMeta{Name: c.plan.Spec.HubRef.Name}}, c.plan.DeepCopy()}
	for _, a := range samples[v1alpha1.Agency](t, "Agency") {
		a.Generation = 1
		c.names, objects = append(c.names, a.Name), append(objects, a)
	}
	if len(c.names) != 27 {
		t.Fatalf("the samples have %d agencies, and the first roll-out had 27", len(c.names))
	}
	slices.Sort(c.names)
	builder := fake.NewClientBuilder().WithScheme(scheme).WithObjects(objects...).
		WithStatusSubresource(&v1alpha1.Agency{}, &v1alpha1.RolloutPlan{}, &v1alpha1.Connector{}, &v1alpha1.ComplianceEvidence{})
	if err := index.Register(t.Context(), indexer{builder}); err != nil {
		t.Fatal(err)
	}
	c.client = builder.Build()
	c.agencies = &agency.Reconciler{Client: c.client, Clock: c.clock}
	return c
}

// passOf lets the operator look at agencies, and notes when each asks for the next look.
func (c *country) passOf(t *testing.T, names ...string) {
	t.Helper()
	for _, name := range names {
		c.passes++
		result, err := c.agencies.Reconcile(t.Context(), request(name))
		if err != nil {
			t.Fatal(err)
		}
		delete(c.due, name)
		if result.RequeueAfter > 0 {
			c.due[name] = c.clock.Now().Add(result.RequeueAfter)
		}
		got := &v1alpha1.Agency{}
		if err := c.client.Get(t.Context(), client.ObjectKey{Name: name}, got); err != nil {
			t.Fatal(err)
		}
		c.standing[name] = got.Status.Milestones
	}
	c.passOfPlan(t)
}

// passOfPlan lets the operator count the plan, as after a start: from all agencies.
func (c *country) passOfPlan(t *testing.T) {
	t.Helper()
	plans := &rollout.Reconciler{Client: c.client, Clock: c.clock}
	if _, err := plans.Reconcile(t.Context(), request(planName)); err != nil {
		t.Fatal(err)
	}
	plan := &v1alpha1.RolloutPlan{}
	if err := client.IgnoreNotFound(c.client.Get(t.Context(), client.ObjectKey{Name: planName}, plan)); err != nil {
		t.Fatal(err)
	}
	c.status = plan.Status
}

// advance moves the clock to a moment, and makes every pass on the way that was asked for by then.
func (c *country) advance(t *testing.T, until time.Time) {
	t.Helper()
	for {
		var next time.Time
		for _, at := range c.due {
			if !at.After(until) && (next.IsZero() || at.Before(next)) {
				next = at
			}
		}
		if next.IsZero() {
			break
		}
		c.clock.SetTime(next)
		var names []string
		for _, name := range slices.Sorted(maps.Keys(c.due)) {
			if !c.due[name].After(next) {
				names = append(names, name)
			}
		}
		c.passOf(t, names...)
	}
	c.clock.SetTime(until)
}

func request(name string) ctrl.Request {
	return ctrl.Request{NamespacedName: client.ObjectKey{Name: name}}
}
