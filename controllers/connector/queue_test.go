package connector

import (
	"bytes"
	"context"
	"maps"
	"slices"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/controller/priorityqueue"
	"sigs.k8s.io/controller-runtime/pkg/event"

	"lienthong.gov.vn/connector-operator/controllers/apply"
	"lienthong.gov.vn/connector-operator/controllers/delivery"
	"lienthong.gov.vn/connector-operator/controllers/desired"
	"lienthong.gov.vn/connector-operator/gateway/config"
)

func gatewayConfig(value string) *corev1.ConfigMap {
	return &corev1.ConfigMap{
		TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "ConfigMap"},
		ObjectMeta: metav1.ObjectMeta{
			Name: "main-gateway", Namespace: "g12", UID: "child", Labels: map[string]string{desired.LabelConnector: "main"},
			Annotations: map[string]string{desired.AnnotationConnectorUID: "owner"},
		},
		Data: map[string]string{desired.ConfigKey: value},
	}
}

// What somebody else changed is mended; what the operator itself has just changed is not looked at again.
func TestDriftKnowsItsOwnWrites(t *testing.T) {
	scheme := runtime.NewScheme()
	if err := clientgoscheme.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	c := fake.NewClientBuilder().WithScheme(scheme).WithObjects(gatewayConfig("old")).Build()
	children := &apply.Children{Client: c, Live: c}
	key := client.ObjectKey{Namespace: "g12", Name: "main-gateway"}
	var before, after corev1.ConfigMap
	if err := c.Get(t.Context(), key, &before); err != nil {
		t.Fatal(err)
	}
	wrote, err := children.Apply(t.Context(), &metav1.ObjectMeta{UID: "owner"}, gatewayConfig("new"), false)
	if err != nil || !wrote {
		t.Fatalf("Apply = %t, %v", wrote, err)
	}
	if err := c.Get(t.Context(), key, &after); err != nil {
		t.Fatal(err)
	}
	foreign := after.DeepCopy()
	foreign.ResourceVersion += "1"
	foreign.Data[desired.ConfigKey] = "broken"

	q := priorityqueue.New[ctrl.Request]("test")
	defer q.ShutDown()
	drift{children, &crowd{}, anything}.Update(context.Background(), event.UpdateEvent{ObjectOld: &before, ObjectNew: &after}, q)
	if n := q.Len(); n != 0 {
		t.Errorf("the operator's own change put %d Connectors into the queue", n)
	}
	drift{children, &crowd{}, anything}.Update(context.Background(), event.UpdateEvent{ObjectOld: &after, ObjectNew: foreign}, q)
	if request, priority, _ := q.GetWithPriority(); request.Name != "main" || priority != priorityRepair {
		t.Errorf("a foreign change put %s with priority %d into the queue, want main with %d", request, priority, priorityRepair)
	}
}

// A Connector that is to be looked at some day does not keep the priority of its last pass until then.
func TestLaterForgetsPriority(t *testing.T) {
	result := later(untilExpiry(nil, clock.RealClock{}.Now()))
	if result.Priority == nil || *result.Priority != priorityFleet {
		t.Errorf("the next look has the priority %v, want %d", result.Priority, priorityFleet)
	}
}

// TestNewsIsWaitedForByItsWorth gives the queue a change of each worth, one after the other.
func TestNewsIsWaitedForByItsWorth(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := priorityqueue.New[ctrl.Request]("test")
		defer q.ShutDown()
		before, after := gatewayConfig("x"), gatewayConfig("x")
		after.ResourceVersion = "2"
		worth := delivery.NoNews
		var all crowd
		handler := told{&all, func(client.Object, client.Object) delivery.News { return worth }}
		for _, step := range []struct {
			worth delivery.News
			// wait is how long the queue keeps the Connector back; 0 if it never hears of it.
			wait time.Duration
		}{
			{delivery.NoNews, 0}, {delivery.Progress, calm}, {delivery.Replacing, leastReplacementPause}, {delivery.Aside, leastReplacementPause},
			{delivery.Outcome, settling},
		} {
			worth = step.worth
			for name, happens := range map[string]func(){
				"created": func() { handler.Create(t.Context(), event.CreateEvent{Object: after}, q) },
				"updated": func() { handler.Update(t.Context(), event.UpdateEvent{ObjectOld: before, ObjectNew: after}, q) },
				"deleted": func() { handler.Delete(t.Context(), event.DeleteEvent{Object: after}, q) },
			} {
				happens()
				if step.wait == 0 {
					time.Sleep(time.Hour) // on the bubble's own clock
					synctest.Wait()
					if n := q.Len(); n != 0 {
						t.Errorf("%s, of no worth: %d Connectors are in the queue", name, n)
					}
					continue
				}
				begin := time.Now()
				request, shutdown := q.Get()
				if shutdown || request.Name != "main" || time.Since(begin).Round(10*time.Millisecond) != step.wait {
					t.Errorf("%s, worth %d: %v came after %s, want %s", name, worth, request, time.Since(begin), step.wait)
				}
				q.Done(request)
			}
		}
	})
}

// A configuration is rendered anew when it changes, and for each Connector by itself.
func TestRenderingsAreRemembered(t *testing.T) {
	var all renderings
	g12, g13 := types.NamespacedName{Namespace: "g12", Name: "main"}, types.NamespacedName{Namespace: "g13", Name: "main"}
	for _, step := range []struct {
		key    types.NamespacedName
		agency string
	}{{g12, "G12"}, {g12, "G12"}, {g13, "G13"}, {g12, "G12.18"}, {g12, "G12"}, {g13, "G13"}} {
		cfg := config.Config{Agency: step.agency}
		want, err := config.Marshal(cfg)
		if err != nil {
			t.Fatal(err)
		}
		got, err := all.of(step.key)(cfg)
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("for %s, rendered is %s, %v, want %s", step.key, got, err, want)
		}
	}
	again := func() *byte {
		text, err := all.of(g12)(config.Config{Agency: "G12"})
		if err != nil {
			t.Fatal(err)
		}
		return &text[0]
	}
	kept := again()
	if again() != kept {
		t.Error("the same configuration was rendered twice")
	}
	all.forget(g12)
	if again() == kept {
		t.Error("what was forgotten is still there")
	}
}

func named(n int) types.NamespacedName {
	return types.NamespacedName{Namespace: "g12", Name: strconv.Itoa(n)}
}

func TestCrowd(t *testing.T) {
	var all crowd
	one, two := named(1), named(2)
	awaited, served := &underWay{awaited: true}, &underWay{}
	for n, step := range []struct {
		key           types.NamespacedName
		seen          *underWay
		many, awaited int
	}{
		{one, nil, 0, 0},
		{one, awaited, 1, 1},
		{one, awaited, 1, 1},
		{two, awaited, 2, 2},
		{one, served, 2, 1},
		{one, nil, 1, 1},
		{one, nil, 1, 1},
		{two, nil, 0, 0},
	} {
		if got := all.with(step.key, step.seen); got != step.many || all.awaited != step.awaited {
			t.Errorf("after step %d there are %d, of which %d are awaited, want %d and %d", n, got, all.awaited, step.many, step.awaited)
		}
	}
}

// Among many, pods take up what is new by themselves for longer; a few make no difference, the most is bounded, and for what serves nobody
// any more nothing waits.
func TestCrowdIsPatient(t *testing.T) {
	for members, want := range map[int]time.Duration{
		1: 0, fewAtOnce: 0, fewAtOnce + 1: 5100 * time.Millisecond, 1000: 100 * time.Second, 5000: mostReplacementPause,
	} {
		var all crowd
		for n := range members {
			all.begins(named(n))
		}
		if got := all.patienceFor(named(0)); got != want {
			t.Errorf("of %d, the patience is %s, want %s", members, got, want)
		}
		all.with(named(0), &underWay{awaited: true, urgent: true})
		if got := all.patienceFor(named(0)); got != 0 {
			t.Errorf("of %d, the patience with an urgent one is %s, want none", members, got)
		}
		all.begins(named(0))
		if got := all.patienceFor(named(0)); got != 0 {
			t.Errorf("of %d, the patience with an urgent one that has begun is %s, want none", members, got)
		}
	}
}

// TestIssuedAmongMany has a hundred leaves replaced at once, and tells when each Connector is looked at: those that were issued first when half of
// them are there, or after their bound if that takes too long.
func TestIssuedAmongMany(t *testing.T) {
	const many, urgent = 2 * fewAtOnce, 7
	for name, tt := range map[string]struct {
		issued int
		// first is when the first of those that wait is looked at, and none is later.
		first time.Duration
	}{
		"most are issued": {many, settling},
		"most are not":    {fewAtOnce - 1, settling + replacementPause(many-1)},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				q := priorityqueue.New[ctrl.Request]("test")
				defer q.ShutDown()
				var all crowd
				news := func(n int, worth delivery.News) {
					object := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{
						Namespace: "g12", Name: "leaf", Labels: map[string]string{desired.LabelConnector: strconv.Itoa(n)},
					}}
					all.addNews(q, object, worth, priorityqueue.AddOpts{})
				}
				for n := range many {
					all.begins(named(n))
				}
				all.with(named(urgent), &underWay{awaited: true, urgent: true})
				begin := time.Now()
				news(many+1, delivery.Outcome) // whose leaf is its first
				for n := range tt.issued {
					news(n, delivery.Outcome)
				}
				at := map[string]time.Duration{}
				for range tt.issued + 1 {
					request, _ := q.Get()
					at[request.Name] = time.Since(begin).Round(10 * time.Millisecond)
					q.Done(request)
				}
				for name, want := range map[string]time.Duration{
					strconv.Itoa(many + 1): settling, strconv.Itoa(urgent): settling, "0": tt.first,
				} {
					if got, there := at[name]; !there || got != want {
						t.Errorf("Connector %s is looked at after %s (%t), want %s", name, got, there, want)
					}
				}
				if got := slices.Max(slices.Collect(maps.Values(at))); got > tt.first {
					t.Errorf("the last is looked at after %s, want %s at most", got, tt.first)
				}
			})
		})
	}
}

// What a pod answers is told as late as that its Connector's leaf was issued, for both are seen in one look; when most are issued, both are.
func TestAnswersAmongMany(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := priorityqueue.New[ctrl.Request]("test")
		defer q.ShutDown()
		var all crowd
		for n := range 2 * fewAtOnce {
			all.begins(named(n))
		}
		other, begin := named(2*fewAtOnce), time.Now()
		for _, key := range []types.NamespacedName{named(0), other} {
			wakeUp(&all).Generic(t.Context(), event.TypedGenericEvent[types.NamespacedName]{Object: key}, q)
		}
		for _, want := range []struct {
			key  types.NamespacedName
			wait time.Duration
		}{{other, settling}, {named(0), settling + replacementPause(2*fewAtOnce)}} {
			request, _ := q.Get()
			if got := time.Since(begin).Round(10 * time.Millisecond); request.NamespacedName != want.key || got != want.wait {
				t.Errorf("%v was looked at after %s, want %v after %s", request, got, want.key, want.wait)
			}
			q.Done(request)
		}
		wakeUp(&all).Generic(t.Context(), event.TypedGenericEvent[types.NamespacedName]{Object: named(1)}, q)
		var released []types.NamespacedName
		for n := 2; len(released) == 0; n++ {
			_, released = all.ends(named(n))
		}
		if !slices.Contains(released, named(1)) {
			t.Errorf("when most were issued, %v were let go, and one whose pod had answered was not", released)
		}
	})
}
