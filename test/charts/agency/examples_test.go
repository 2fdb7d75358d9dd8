//go:build charts

package agency

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"
)

// TestExamples renders each example as its agency and the platform engineer would, and compares with the samples, field by field.
func TestExamples(t *testing.T) {
	samples := readSamples(t)
	examples, err := filepath.Glob(filepath.Join(chart, "examples", "*.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if len(examples) != 27 {
		t.Errorf("there are %d examples; the first roll-out has 27 agencies", len(examples))
	}
	for _, example := range examples {
		name := strings.TrimSuffix(filepath.Base(example), ".yaml")
		t.Run(name, func(t *testing.T) {
			request := objects(t, name, "--values", example, "--set", "render=request")
			tenant := objects(t, name, "--values", example)
			compare(t, "Agency/"+name, request, samples)
			compare(t, "Connector/"+name, tenant, samples)
			if len(tenant) != 1 {
				t.Errorf("the operators of the agency would install %d objects, want the Connector alone", len(tenant))
			}
			if got := at[string](request["Namespace/"+name], "metadata", "labels", "pod-security.kubernetes.io/enforce"); got != "restricted" {
				t.Errorf("the namespace that is asked for enforces %q pods", got)
			}
			all := objects(t, name, "--values", example, "--set", "render=all")
			compare(t, "Agency/"+name, all, samples)
			compare(t, "Connector/"+name, all, samples)
		})
	}
}

// compare holds what was rendered against the sample: the whole spec, and the labels and annotations that the sample has.
func compare(t *testing.T, name string, rendered, samples map[string]object) {
	t.Helper()
	got, want := rendered[name], samples[name]
	if got == nil || want == nil {
		t.Errorf("%s: rendered %v, in the samples %v", name, got != nil, want != nil)
		return
	}
	if !reflect.DeepEqual(got["spec"], want["spec"]) || got["apiVersion"] != want["apiVersion"] {
		t.Errorf("%s is rendered as\n%s\nand the samples have\n%s", name, text(t, got), text(t, want))
	}
	if got, want := at[string](got, "metadata", "namespace"), at[string](want, "metadata", "namespace"); got != want {
		t.Errorf("%s is rendered into the namespace %q, and the samples have %q", name, got, want)
	}
	for _, kind := range []string{"labels", "annotations"} {
		for key, value := range at[object](want, "metadata", kind) {
			if at[object](got, "metadata", kind)[key] != value {
				t.Errorf("%s: of the %s, %s is %v, and the samples have %v", name, kind, key, at[object](got, "metadata", kind)[key], value)
			}
		}
	}
}

func readSamples(t *testing.T) map[string]object {
	t.Helper()
	files, err := filepath.Glob(repository + "/config/samples/decision-28/*/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	samples := map[string]object{}
	for _, file := range files {
		if !strings.Contains(file, "/agencies/") && !strings.Contains(file, "/connectors/") {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for name, o := range read(t, text) {
			samples[name] = o
		}
	}
	return samples
}

func text(t *testing.T, o object) string {
	t.Helper()
	text, err := yaml.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
