//go:build charts

package charts

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"lienthong.gov.vn/connector-operator/hack/manifests"
)

// root of the repository, as seen from this package.
const root = "../.."

// namespace that charts are rendered for: the one of config/.
const namespace = "lienthong-system"

// chart is the directory of a chart in charts/.
func chart(name string) string { return filepath.Join(root, "charts", name) }

// render renders a chart with values that are written as YAML, on top of the values file that makes it render: it gives the objects, or what helm said.
func render(ctx context.Context, name, base, values string) ([]*unstructured.Unstructured, error) {
	directory, err := os.MkdirTemp("", "charts")
	if err != nil {
		return nil, fmt.Errorf("making a directory: %w", err)
	}
	defer func() { _ = os.RemoveAll(directory) }()
	file := filepath.Join(directory, "values.yaml")
	if err := os.WriteFile(file, []byte(values), 0o600); err != nil {
		return nil, fmt.Errorf("writing values: %w", err)
	}
	args := []string{"template", "release", chart(name), "--namespace", namespace, "--include-crds"}
	if base != "" {
		args = append(args, "--values", filepath.Join(chart(name), base))
	}
	command := exec.CommandContext(ctx, filepath.Join(root, "bin", "helm"), append(args, "--values", file)...)
	var out, said bytes.Buffer
	command.Stdout, command.Stderr = &out, &said
	if err := command.Run(); err != nil {
		return nil, fmt.Errorf("helm template: %w: %s", err, &said)
	}
	return manifests.Read("the chart "+name, &out)
}

// mustRender fails the test where a chart does not render.
func mustRender(t *testing.T, name, base, values string) []*unstructured.Unstructured {
	t.Helper()
	objects, err := render(t.Context(), name, base, values)
	if err != nil {
		t.Fatal(err)
	}
	return objects
}
