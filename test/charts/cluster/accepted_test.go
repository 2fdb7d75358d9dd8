//go:build charts

package cluster

import (
	"path/filepath"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/hack/manifests"
)

// everyValuesFileIsAccepted sends every object that a chart renders to the API server, which judges it and stores nothing.
func everyValuesFileIsAccepted(t *testing.T) {
	admin := as(t, "")
	for _, file := range valuesFiles(t) {
		name := strings.TrimPrefix(file, chart("")+"/")
		t.Run(name, func(t *testing.T) {
			of, _, _ := strings.Cut(name, "/")
			args := []string{"template", release, "--kube-version=1.36.0", chart(of), "--values", file}
			if of == "agency-connector" {
				// It refuses the platform's namespace, which is that of the other chart.
				args = append(args, "--namespace", "an-agency")
			}
			text := mustHelm(t, args...)
			objects, err := manifests.Read(name, strings.NewReader(text))
			if err != nil {
				t.Fatal(err)
			}
			judged := 0
			for _, object := range objects {
				// The Prometheus operator is not in the cluster; kubeconform has its types.
				if object.GroupVersionKind().Group == "monitoring.coreos.com" {
					continue
				}
				judge(t, admin, object)
				judged++
			}
			if judged == 0 {
				t.Error("nothing was rendered")
			}
		})
	}
}

func judge(t *testing.T, c client.Client, object *unstructured.Unstructured) {
	t.Helper()
	if of := object.GetNamespace(); of != "" {
		ns := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: of}}
		if err := client.IgnoreAlreadyExists(c.Create(t.Context(), ns)); err != nil {
			t.Fatal(err)
		}
	}
	err := c.Apply(t.Context(), client.ApplyConfigurationFromUnstructured(object.DeepCopy()),
		client.DryRunAll, client.ForceOwnership, client.FieldOwner("charts-test"))
	if err != nil {
		t.Errorf("%s %s/%s: %v", object.GetKind(), object.GetNamespace(), object.GetName(), err)
	}
}

func valuesFiles(t *testing.T) []string {
	t.Helper()
	var files []string
	for _, pattern := range []string{"ci/*-values.yaml", "examples/*.yaml", "examples/*/*.yaml"} {
		found, err := filepath.Glob(filepath.Join(chart("*"), pattern))
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, found...)
	}
	return files
}
