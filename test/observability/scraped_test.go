package observability

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"

	"lienthong.gov.vn/connector-operator/controllers/desired"
	"lienthong.gov.vn/connector-operator/hack/manifests"
)

// object is the one of a kind and a name in a kustomization.
func object(t *testing.T, directory, kind, name string) map[string]any {
	t.Helper()
	all, err := manifests.Kustomize("../../config/" + directory)
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range all {
		if o.GetKind() == kind && o.GetName() == name {
			return o.Object
		}
	}
	t.Fatalf("config/%s has no %s %s", directory, kind, name)
	return nil
}

func text(t *testing.T, in map[string]any, path ...string) string {
	t.Helper()
	value, found, err := unstructured.NestedString(in, path...)
	if err != nil || !found {
		t.Fatalf("there is no %s: %v", strings.Join(path, "."), err)
	}
	return value
}

func pairs(t *testing.T, in map[string]any, path ...string) labels.Set {
	t.Helper()
	value, found, err := unstructured.NestedStringMap(in, path...)
	if err != nil || !found {
		t.Fatalf("there is no %s: %v", strings.Join(path, "."), err)
	}
	return value
}

// items are the objects of a list.
func items(t *testing.T, in map[string]any, path ...string) []map[string]any {
	t.Helper()
	list, found, err := unstructured.NestedSlice(in, path...)
	if err != nil || !found {
		t.Fatalf("there is no %s: %v", strings.Join(path, "."), err)
	}
	var all []map[string]any
	for _, item := range list {
		if o, ok := item.(map[string]any); ok {
			all = append(all, o)
		}
	}
	return all
}

// The ServiceMonitor finds the Service, the Service finds the operator's port for metrics, and the certificate that is asked for is the one
// that the operator shows and that the scraper checks.
func TestOperatorIsScraped(t *testing.T) {
	service := object(t, "prometheus", "Service", "connector-operator-metrics")
	monitor := object(t, "prometheus", "ServiceMonitor", "connector-operator")
	certificate := object(t, "prometheus", "Certificate", "connector-operator-metrics")
	pod := object(t, "default", "Deployment", "connector-operator")

	if !pairs(t, monitor, "spec", "selector", "matchLabels").AsSelector().Matches(pairs(t, service, "metadata", "labels")) {
		t.Error("the ServiceMonitor does not select the Service")
	}
	if !pairs(t, service, "spec", "selector").AsSelector().Matches(pairs(t, pod, "spec", "template", "metadata", "labels")) {
		t.Error("the Service does not select the operator's pods")
	}
	endpoint, port := items(t, monitor, "spec", "endpoints")[0], items(t, service, "spec", "ports")[0]
	if text(t, endpoint, "port") != text(t, port, "name") {
		t.Errorf("the ServiceMonitor names the port %s and the Service %s", text(t, endpoint, "port"), text(t, port, "name"))
	}
	container := items(t, pod, "spec", "template", "spec", "containers")[0]
	if named := items(t, container, "ports")[0]; text(t, named, "name") != text(t, port, "targetPort") {
		t.Errorf("the Service leads to the port %s and the operator has %s", text(t, port, "targetPort"), text(t, named, "name"))
	}
	if job := pairs(t, service, "metadata", "labels")[text(t, monitor, "spec", "jobLabel")]; job != "connector-operator" {
		t.Errorf("the job is %q, and rules ask for connector-operator", job)
	}

	secret := text(t, certificate, "spec", "secretName")
	if trusted := text(t, endpoint, "tlsConfig", "ca", "secret", "name"); trusted != secret {
		t.Errorf("the scraper trusts %s and the certificate lies in %s", trusted, secret)
	}
	names, _, err := unstructured.NestedStringSlice(certificate, "spec", "dnsNames")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(names, []string{text(t, endpoint, "tlsConfig", "serverName")}); diff != "" {
		t.Errorf("the names of the certificate are not what the scraper asks for:\n%s", diff)
	}
	mounted := ""
	for _, volume := range items(t, pod, "spec", "template", "spec", "volumes") {
		if text(t, volume, "name") == "metrics-certificate" {
			mounted = text(t, volume, "secret", "secretName")
		}
	}
	if mounted != secret {
		t.Errorf("the operator mounts %q and the certificate lies in %s", mounted, secret)
	}
}

// The PodMonitor finds the gateways that the operator makes, on the port that their network policy opens to monitoring, and names their
// Connector and their agency from the labels that they have.
func TestGatewaysAreScraped(t *testing.T) {
	monitor := object(t, "prometheus", "PodMonitor", "connector-gateway")
	want := labels.Set{desired.LabelName: "connector-gateway", desired.LabelManagedBy: desired.ManagedBy}
	if diff := cmp.Diff(want, pairs(t, monitor, "spec", "selector", "matchLabels")); diff != "" {
		t.Errorf("the PodMonitor selects others than the operator makes (-want +got):\n%s", diff)
	}
	if label := text(t, monitor, "spec", "jobLabel"); want[label] != "connector-gateway" {
		t.Errorf("the job comes from the label %s, and rules ask for connector-gateway", label)
	}
	endpoint := items(t, monitor, "spec", "podMetricsEndpoints")[0]
	if got := text(t, endpoint, "port"); got != desired.PortProbes {
		t.Errorf("the PodMonitor asks the port %s and not %s", got, desired.PortProbes)
	}
	from := map[string]string{}
	for _, relabeling := range items(t, endpoint, "relabelings") {
		sources, _, err := unstructured.NestedStringSlice(relabeling, "sourceLabels")
		if err != nil || len(sources) != 1 {
			t.Fatalf("%v: %v", sources, err)
		}
		from[text(t, relabeling, "targetLabel")] = sources[0]
	}
	discovered := func(label string) string {
		return "__meta_kubernetes_pod_label_" + strings.NewReplacer(".", "_", "/", "_", "-", "_").Replace(label)
	}
	named := map[string]string{"connector": discovered(desired.LabelConnector), "agency_code": discovered(desired.LabelAgencyCode)}
	if diff := cmp.Diff(named, from); diff != "" {
		t.Errorf("the labels are taken from others than gateways have (-want +got):\n%s", diff)
	}
}
