package connector

import (
	"context"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/controller/priorityqueue"
	"sigs.k8s.io/controller-runtime/pkg/event"

	"lienthong.gov.vn/connector-operator/controllers/apply"
	"lienthong.gov.vn/connector-operator/controllers/desired"
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
	drift{children}.Update(context.Background(), event.UpdateEvent{ObjectOld: &before, ObjectNew: &after}, q)
	if n := q.Len(); n != 0 {
		t.Errorf("the operator's own change put %d Connectors into the queue", n)
	}
	drift{children}.Update(context.Background(), event.UpdateEvent{ObjectOld: &after, ObjectNew: foreign}, q)
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
