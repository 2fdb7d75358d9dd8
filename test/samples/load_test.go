package samples

import (
	"os"
	"path/filepath"
	"testing"

	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/yaml"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/hack/manifests"
)

const samples = "../../config/samples/decision-28"

// citation begins the key of every annotation that says where a figure comes from.
const citation = "citation." + v1alpha1.GroupName + "/"

// rollout is everything that the kustomization renders, by kind.
type rollout struct {
	agencies   map[string]*v1alpha1.Agency
	connectors map[string]*v1alpha1.Connector
	profiles   map[string]*v1alpha1.SecurityProfile
	hubs       map[string]*v1alpha1.ExchangeHub
	plans      map[string]*v1alpha1.RolloutPlan
	namespaces map[string]map[string]string
}

func load(t *testing.T) rollout {
	t.Helper()
	objects, err := manifests.Kustomize(samples)
	if err != nil {
		t.Fatal(err)
	}
	r := rollout{
		agencies:   map[string]*v1alpha1.Agency{},
		connectors: map[string]*v1alpha1.Connector{},
		profiles:   map[string]*v1alpha1.SecurityProfile{},
		hubs:       map[string]*v1alpha1.ExchangeHub{},
		plans:      map[string]*v1alpha1.RolloutPlan{},
		namespaces: map[string]map[string]string{},
	}
	for _, object := range objects {
		switch object.GetKind() {
		case "Agency":
			r.agencies[object.GetName()] = convert(t, object.Object, &v1alpha1.Agency{})
		case "Connector":
			r.connectors[object.GetNamespace()+"/"+object.GetName()] = convert(t, object.Object, &v1alpha1.Connector{})
		case "SecurityProfile":
			r.profiles[object.GetName()] = convert(t, object.Object, &v1alpha1.SecurityProfile{})
		case "ExchangeHub":
			r.hubs[object.GetName()] = convert(t, object.Object, &v1alpha1.ExchangeHub{})
		case "RolloutPlan":
			r.plans[object.GetName()] = convert(t, object.Object, &v1alpha1.RolloutPlan{})
		case "Namespace":
			r.namespaces[object.GetName()] = object.GetLabels()
		}
	}
	return r
}

// convert fails on a field that the type does not know, as the API server with strict validation would.
func convert[T any](t *testing.T, object map[string]any, into T) T {
	t.Helper()
	if err := runtime.DefaultUnstructuredConverter.FromUnstructuredWithValidation(object, into, true); err != nil {
		t.Fatal(err)
	}
	return into
}

// read reads a file of the data.
func read[T any](t *testing.T, file string) T {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(samples, "data", file))
	if err != nil {
		t.Fatal(err)
	}
	var into T
	if err := yaml.Unmarshal(text, &into); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return into
}
