//go:build charts

package charts

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"lienthong.gov.vn/connector-operator/hack/manifests"
)

// likeConfig are values with which the chart installs what config/default, config/profiles and config/prometheus do together.
const likeConfig = `
metrics: {certificate: {create: true}}
monitoring:
  serviceMonitor: {enabled: true}
  podMonitor: {enabled: true}
  prometheusRule: {enabled: true, runbookBaseURL: https://lienthong.gov.vn/connector-operator/docs/runbooks}
  dashboard: {enabled: true}
`

// onlyKustomize is what the kustomizations have and the chart has not, on purpose.
var onlyKustomize = map[string]string{
	"Namespace /lienthong-system": "helm install --create-namespace makes it",
}

// onlyChart is what the chart has and the kustomizations have not, on purpose.
var onlyChart = map[string]string{
	"ConnectorClass /gateway":                                 "config/samples/decision-28 has it, because it needs the digest of an image",
	"ServiceAccount lienthong-system/connector-operator-crds": "with kustomize, applying again brings definitions up to date",
	"ClusterRole /connector-operator-crds":                    "as above",
	"ClusterRoleBinding /connector-operator-crds":             "as above",
	"NetworkPolicy lienthong-system/connector-operator-crds":  "as above",
	"Job lienthong-system/connector-operator-crds":            "as above",
	"Pod lienthong-system/connector-operator-check":           "helm test runs it",
	"NetworkPolicy lienthong-system/connector-operator-check": "as above",
}

func TestTheChartInstallsWhatTheKustomizationsDo(t *testing.T) {
	t.Parallel()
	kustomized := byName(kustomizations(t, "config/default", "config/profiles", "config/prometheus", "config/grafana"))
	charted := byName(mustRender(t, "connector-operator", "ci/default-values.yaml", likeConfig))
	for name, want := range kustomized {
		if _, intended := onlyKustomize[name]; intended {
			continue
		}
		got, found := charted[name]
		if !found {
			t.Errorf("the chart has no %s", name)
			continue
		}
		if difference := cmp.Diff(content(want), content(got)); difference != "" {
			t.Errorf("%s is not the same (-kustomize +chart):\n%s", name, difference)
		}
		for key, value := range want.GetLabels() {
			if got.GetLabels()[key] != value {
				t.Errorf("%s has the label %s=%q with kustomize and %q with the chart", name, key, value, got.GetLabels()[key])
			}
		}
	}
	for name := range charted {
		if _, both := kustomized[name]; !both && onlyChart[name] == "" {
			t.Errorf("only the chart has %s; add it to config/, or say why not", name)
		}
	}
	for name := range onlyChart {
		if charted[name] == nil {
			t.Errorf("the chart has no %s any more", name)
		}
	}
}

func kustomizations(t *testing.T, directories ...string) []*unstructured.Unstructured {
	t.Helper()
	var all []*unstructured.Unstructured
	for _, directory := range directories {
		objects, err := manifests.Kustomize(filepath.Join(root, directory))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, objects...)
	}
	return all
}

func byName(objects []*unstructured.Unstructured) map[string]*unstructured.Unstructured {
	named := map[string]*unstructured.Unstructured{}
	for _, object := range objects {
		named[object.GetKind()+" "+object.GetNamespace()+"/"+object.GetName()] = object
	}
	return named
}

// content is an object without what differs on purpose: labels and annotations besides those that are compared by themselves, the image, which
// with kustomize is a placeholder, and arguments with which the chart writes down the manager's own defaults.
func content(object *unstructured.Unstructured) map[string]any {
	plain := object.DeepCopy()
	plain.SetLabels(nil)
	plain.SetAnnotations(nil)
	unstructured.RemoveNestedField(plain.Object, "metadata", "creationTimestamp")
	containers, found, _ := unstructured.NestedSlice(plain.Object, "spec", "template", "spec", "containers")
	if !found {
		return plain.Object
	}
	for _, item := range containers {
		container, _ := item.(map[string]any)
		delete(container, "image")
		args, _ := container["args"].([]any)
		container["args"] = slices.DeleteFunc(args, func(arg any) bool {
			text, _ := arg.(string)
			return text == "--concurrency=16" || strings.HasPrefix(text, "--cert-manager-user=system:serviceaccount:cert-manager:cert-manager")
		})
	}
	_ = unstructured.SetNestedSlice(plain.Object, containers, "spec", "template", "spec", "containers")
	return plain.Object
}
