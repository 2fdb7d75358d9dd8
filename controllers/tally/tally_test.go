package tally

import (
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/event"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

func connectorWith(class string, ready metav1.ConditionStatus, observed int64) *v1alpha1.Connector {
	c := &v1alpha1.Connector{ObjectMeta: metav1.ObjectMeta{Generation: 2}, Spec: v1alpha1.ConnectorSpec{ClassName: class}}
	c.Status.Conditions = []metav1.Condition{{Type: v1alpha1.ConditionReady, Status: ready, ObservedGeneration: observed}}
	return c
}

func TestOf(t *testing.T) {
	got := Of([]v1alpha1.Connector{
		{}, // without any condition
		*connectorWith("gateway", metav1.ConditionTrue, 2),
		*connectorWith("gateway", metav1.ConditionTrue, 1), // of an earlier spec
		*connectorWith("gateway", metav1.ConditionUnknown, 2),
	})
	if *got.Total != 4 || *got.Ready != 1 {
		t.Errorf("counted %d, of which %d are ready; want 4 and 1", *got.Total, *got.Ready)
	}
	if none := Of(nil); *none.Total != 0 || *none.Ready != 0 {
		t.Errorf("of no Connectors, counted %d and %d", *none.Total, *none.Ready)
	}
}

func TestChanged(t *testing.T) {
	changed := Changed(func(c *v1alpha1.Connector) string { return c.Spec.ClassName })
	base := connectorWith("gateway", metav1.ConditionFalse, 2)
	unknown := connectorWith("gateway", metav1.ConditionUnknown, 2)
	tests := map[string]struct {
		after *v1alpha1.Connector
		want  bool
	}{
		"became ready":            {connectorWith("gateway", metav1.ConditionTrue, 2), true},
		"moved to another class":  {connectorWith("other", metav1.ConditionFalse, 2), true},
		"still not ready":         {unknown, false},
		"ready, but of old specs": {connectorWith("gateway", metav1.ConditionTrue, 1), false},
	}
	for name, tt := range tests {
		if got := changed.Update(event.UpdateEvent{ObjectOld: base, ObjectNew: tt.after}); got != tt.want {
			t.Errorf("%s: %v, want %v", name, got, tt.want)
		}
	}
	if !changed.Create(event.CreateEvent{Object: base}) || !changed.Delete(event.DeleteEvent{Object: base}) {
		t.Error("a new Connector or one that is gone changes no count")
	}
}
