package connector

import (
	"bytes"
	"context"
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
		}{{delivery.NoNews, 0}, {delivery.Progress, calm}, {delivery.Replacing, leastReplacementPause}, {delivery.Outcome, settling}} {
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

func TestCrowd(t *testing.T) {
	var all crowd
	one, two := types.NamespacedName{Name: "one"}, types.NamespacedName{Name: "two"}
	for n, step := range []struct {
		key    types.NamespacedName
		member bool
		want   int
	}{{one, false, 0}, {one, true, 1}, {one, true, 1}, {two, true, 2}, {one, false, 1}, {one, false, 1}, {two, false, 0}} {
		if got := all.with(step.key, step.member); got != step.want {
			t.Errorf("after step %d there are %d, want %d", n, got, step.want)
		}
	}
}

// Among many, what was issued waits longer for whoever looks; a few make no difference, and the most is bounded.
func TestCrowdIsPatient(t *testing.T) {
	for members, want := range map[int]time.Duration{0: 0, fewAtOnce: 0, fewAtOnce + 100: 3 * time.Second, 1050: mostPatience, 5000: mostPatience} {
		var all crowd
		for n := range members {
			all.with(types.NamespacedName{Name: strconv.Itoa(n)}, true)
		}
		if got := all.patience(); got != want {
			t.Errorf("of %d, the patience is %s, want %s", members, got, want)
		}
	}
}
