package install

import (
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// object has one condition, for its generation 2.
func object(kind, condition, status string, observed int64) *unstructured.Unstructured {
	return &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "lienthong.gov.vn/v1alpha1",
		"kind":       kind,
		"metadata":   map[string]any{"name": "x", "generation": int64(2)},
		"status": map[string]any{
			"observedGeneration": observed,
			"conditions":         []any{map[string]any{"type": condition, "status": status, "message": "because"}},
		},
	}}
}

func TestVerdicts(t *testing.T) {
	tests := map[string]struct {
		is     verdict
		object *unstructured.Unstructured
		want   bool
	}{
		"an established definition":    {isEstablished, object("CustomResourceDefinition", "Established", "True", 2), true},
		"a definition not established": {isEstablished, object("CustomResourceDefinition", "Established", "False", 2), false},
		"a definition just created":    {isEstablished, &unstructured.Unstructured{Object: map[string]any{}}, false},
		"a ready object":               {isCurrent, object("Connector", "Ready", "True", 2), true},
		"an object that is not ready":  {isCurrent, object("Connector", "Ready", "False", 2), false},
		"ready for an older spec":      {isCurrent, object("Connector", "Ready", "True", 1), false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			done, why, err := test.is(test.object)
			if err != nil {
				t.Fatal(err)
			}
			if done != test.want {
				t.Errorf("done is %v (%s), want %v", done, why, test.want)
			}
			if !done && why == "" {
				t.Error("it is not done, and does not say why")
			}
		})
	}
}

func TestTitle(t *testing.T) {
	tests := map[string]struct{ namespace, want string }{
		"cluster-scoped": {"", "Connector g12"},
		"namespaced":     {"g12", "Connector g12/g12"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			o := &unstructured.Unstructured{}
			o.SetKind("Connector")
			o.SetName("g12")
			o.SetNamespace(test.namespace)
			if got := title(o); got != test.want {
				t.Errorf("the title is %q, want %q", got, test.want)
			}
		})
	}
}
