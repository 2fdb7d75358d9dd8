//go:build charts

package agency

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"lienthong.gov.vn/connector-operator/hack/manifests"
)

const (
	repository = "../../.."
	chart      = repository + "/charts/agency-connector"
)

// object is a manifest, or a part of one.
type object = map[string]any

// template renders the chart and gives what helm prints, and what it says when it refuses.
func template(t *testing.T, namespace string, arguments ...string) (rendered, refusal string) {
	t.Helper()
	helm, err := filepath.Abs(filepath.Join(repository, "bin", "helm"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(helm); err != nil {
		t.Fatalf("there is no helm: %v; run \"make chart-tools\"", err)
	}
	var out, errs bytes.Buffer
	command := exec.CommandContext(t.Context(), helm, append([]string{"template", namespace, chart, "--namespace", namespace}, arguments...)...)
	command.Stdout, command.Stderr = &out, &errs
	var exit *exec.ExitError
	if err := command.Run(); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return out.String(), errs.String()
}

// objects renders the chart into its objects, by kind and name.
func objects(t *testing.T, namespace string, arguments ...string) map[string]object {
	t.Helper()
	rendered, refusal := template(t, namespace, arguments...)
	if refusal != "" {
		t.Fatalf("helm template refuses:\n%s", refusal)
	}
	return read(t, []byte(rendered))
}

// read gives the objects of a YAML file by kind and name.
func read(t *testing.T, text []byte) map[string]object {
	t.Helper()
	objects, err := manifests.Read("what was rendered", bytes.NewReader(text))
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	found := map[string]object{}
	for _, o := range objects {
		name := o.GetKind() + "/" + o.GetName()
		if _, twice := found[name]; twice {
			t.Fatalf("%s is there twice", name)
		}
		found[name] = o.Object
	}
	return found
}

// at is what lies at a path in an object, or nothing.
func at[T any](o object, path ...string) T {
	var value any = o
	for _, key := range path {
		inner, _ := value.(object)
		value = inner[key]
	}
	typed, _ := value.(T)
	return typed
}
