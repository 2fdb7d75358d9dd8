//go:build e2e

package install

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers"
	"lienthong.gov.vn/connector-operator/hack/stage"
)

const (
	operatorChart = "charts/connector-operator"
	agencyChart   = "charts/agency-connector"
	// waiting bounds what helm and kubectl wait for.
	waiting = "5m"
	// documentSize is that of a letter with a scanned annex.
	documentSize = 1 << 20
)

// ministry is one of those who are connected. Its values are the example of its code, with a level of its own.
type ministry struct {
	name, code string
	level      int
	operator   person
	installed  time.Time
}

func (m *ministry) connector() v1alpha1.Connector {
	return v1alpha1.Connector{
		TypeMeta:   metav1.TypeMeta{APIVersion: v1alpha1.GroupVersion.String(), Kind: "Connector"},
		ObjectMeta: metav1.ObjectMeta{Namespace: m.name, Name: m.name},
		Spec: v1alpha1.ConnectorSpec{
			AgencyRef: v1alpha1.ObjectReference{Name: m.name}, HubRef: v1alpha1.ObjectReference{Name: stage.HubName},
			SecurityLevel: v1alpha1.SecurityLevel(m.level),
		},
	}
}

// values are the flags with which the ministry installs its chart.
func (m *ministry) values() []string {
	return []string{
		"--namespace", m.name, "--values", filepath.Join(agencyChart, "examples", m.name+".yaml"),
		"--set", fmt.Sprintf("connector.securityLevel=%d", m.level),
	}
}

// world is what the steps hand to each other.
type world struct {
	platform, assessor person
	ministries         []*ministry
	operator           []string
	operatorInstalled  time.Time
}

// TestNewcomers runs the steps in their order; each needs those before it.
func TestNewcomers(t *testing.T) {
	w := &world{ministries: []*ministry{{name: "g22", code: "G22", level: 4}, {name: "g12", code: "G12", level: 3}, {name: "h29", code: "H29", level: 2}}}
	w.meet(t)
	for _, step := range []struct {
		name string
		run  func(*testing.T, *world)
	}{
		{"definitions of cert-manager", installDefinitions},
		{"platform", setPlatform},
		{"operator", installOperator},
		{"hub", declareHub},
		{"requests", askToBeConnected},
		{"connectors", installConnectors},
		{"records", recordLevels},
		{"ready", everybodyIsReady},
		{"documents", documentsFlow},
		{"rights", tenantsAreBounded},
		{"change", ministryChangesItsValues},
		{"uninstalled", operatorIsRemovedUnderTraffic},
		{"leaving", ministryLeaves},
	} {
		begin := time.Now()
		if !t.Run(step.name, func(t *testing.T) { step.run(t, w) }) {
			t.Fatal("the next step needs this one")
		}
		t.Logf("MEASURED the step %s took %s", step.name, round(time.Since(begin)))
	}
}

// meet makes the people. A ministry's operator uses the driver of helm that needs no right on Secrets.
func (w *world) meet(t *testing.T) {
	t.Helper()
	w.platform = platform(t)
	w.platform.run(t, "kubectl", "create", "namespace", people)
	w.assessor = newPerson(t.Context(), t, "assessor")
	for _, m := range w.ministries {
		m.operator = newPerson(t.Context(), t, m.name)
		m.operator.driver = "configmap"
	}
}

// installDefinitions has helm install cert-manager's definitions into a cluster that has none, from the release that its controllers here
// are built from.
func installDefinitions(t *testing.T, w *world) {
	definitions, err := os.ReadFile(filepath.Join(shared.stage.Root, definitionsFile))
	if err != nil {
		t.Fatal(err)
	}
	chart := t.TempDir()
	for name, text := range map[string]string{
		"Chart.yaml":             "apiVersion: v2\nname: cert-manager-crds\nversion: 0.0.0\n",
		"crds/cert-manager.yaml": string(definitions),
	} {
		file := filepath.Join(chart, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	w.platform.run(t, "helm", "install", "cert-manager-crds", chart, "--namespace", "cert-manager", "--create-namespace", "--wait")
	w.platform.run(t, "kubectl", "wait", "--for=condition=Established", "--timeout="+waiting, "crd/certificates.cert-manager.io")
}

// setPlatform sets up what is there before anybody installs the operator.
func setPlatform(t *testing.T, _ *world) {
	if err := shared.stage.SetPlatform(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// installOperator installs the chart as docs/getting-started.md does.
func installOperator(t *testing.T, w *world) {
	repository, digest, _ := strings.Cut(shared.stage.Images.Operator, "@")
	registry, repository, _ := strings.Cut(repository, "/")
	w.operator = []string{
		"connector-operator", operatorChart, "--namespace", controllers.DefaultNamespace, "--wait", "--timeout", waiting,
		"--set", "image.registry=" + registry, "--set", "image.repository=" + repository, "--set", "image.digest=" + digest,
		// From level 4 on, a profile bounds how old the image may be.
		"--set-string", "class.imageBuiltOn=" + time.Now().UTC().Format(time.DateOnly),
		"--set-json", `hubs=[{"name":"national-hub","secretName":"connector-operator-identity","certificate":{"trustDomain":"lienthong.gov.vn",` +
			`"issuerRef":{"name":"lienthong-platform","kind":"Issuer"}}}]`,
	}
	w.operatorInstalled = time.Now()
	w.platform.run(t, "helm", append([]string{"install"}, w.operator...)...)
	t.Logf("MEASURED helm install of the operator took %s until its pods were ready", round(time.Since(w.operatorInstalled)))
	if out := w.platform.run(t, "helm", "test", "connector-operator", "--namespace", controllers.DefaultNamespace); !strings.Contains(out, "Succeeded") {
		t.Errorf("helm test did not succeed:\n%s", out)
	}
}

// declareHub declares the hub, and tells the stand-in for it where the three connectors are going to be.
func declareHub(t *testing.T, w *world) {
	w.platform.run(t, "kubectl", "apply", "--server-side", "-f", "config/samples/decision-28/hub.yaml")
	var connectors []v1alpha1.Connector
	for _, m := range w.ministries {
		connectors = append(connectors, m.connector())
	}
	if err := shared.stage.Route(t.Context(), connectors); err != nil {
		t.Fatal(err)
	}
}

// askToBeConnected has each ministry write its request and the platform engineer approve it. Before, a ministry can do nothing.
func askToBeConnected(t *testing.T, w *world) {
	for _, m := range w.ministries {
		m.operator.refused(t, "forbidden", "helm", append([]string{"install", m.name, agencyChart}, m.values()...)...)
		request := m.operator.run(t, "helm", append([]string{
			"template", m.name, agencyChart, "--set", "render=request", "--set-json", fmt.Sprintf(
				`request.operators=[{"kind":"ServiceAccount","name":%q,"namespace":%q}]`, m.name, people),
			"--set-json", fmt.Sprintf(`request.assessors=[{"kind":"ServiceAccount","name":"assessor","namespace":%q}]`, people),
		}, m.values()...)...)
		w.platform.runOn(t, request, "kubectl", "apply", "-f", "-")
	}
}

// installConnectors is what each ministry does by itself.
func installConnectors(t *testing.T, w *world) {
	var connectors []v1alpha1.Connector
	for _, m := range w.ministries {
		connectors = append(connectors, m.connector())
	}
	if err := shared.stage.AgencySystems(t.Context(), connectors); err != nil {
		t.Fatal(err)
	}
	for _, m := range w.ministries {
		m.installed = time.Now()
		m.operator.run(t, "helm", append([]string{"install", m.name, agencyChart}, m.values()...)...)
	}
}

// recordLevels has the assessor record what the levels ask people to do, because no Connector is Ready without.
func recordLevels(t *testing.T, w *world) {
	var connectors []v1alpha1.Connector
	for _, m := range w.ministries {
		connectors = append(connectors, m.connector())
	}
	records, err := shared.stage.Records(t.Context(), connectors)
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	for _, record := range records {
		one, err := yaml.Marshal(record.Object)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&text, "---\n%s", one)
	}
	w.assessor.runOn(t, text.String(), "kubectl", "create", "-f", "-")
}

// everybodyIsReady waits with kubectl, as each ministry's operator may, and tells how long it took.
func everybodyIsReady(t *testing.T, w *world) {
	for _, m := range w.ministries {
		m.operator.run(t, "kubectl", "wait", "--namespace", m.name, "--for=condition=Ready", "--timeout="+waiting, "connector/"+m.name)
		t.Logf("MEASURED %s, level %d: Ready %s after its helm install, and %s after that of the operator", m.code, m.level,
			round(time.Since(m.installed)), round(time.Since(w.operatorInstalled)))
	}
}

// documentsFlow sends a document from each ministry to each other.
func documentsFlow(t *testing.T, w *world) {
	for _, from := range w.ministries {
		for _, to := range w.ministries {
			if from == to {
				continue
			}
			delivery, err := shared.stage.SendDocument(t.Context(), from.name, to.name, documentSize)
			if err != nil {
				t.Errorf("no document from %s to %s: %v", from.code, to.code, err)
			} else if delivery.Sent != delivery.Received {
				t.Errorf("the document from %s to %s was sent as %s and received as %s", from.code, to.code, delivery.Sent, delivery.Received)
			}
		}
	}
}

// tenantsAreBounded tries with real requests what no ministry may do. The whole matrix of rights has a test of its own.
func tenantsAreBounded(t *testing.T, w *world) {
	one, other := w.ministries[0], w.ministries[1]
	for _, args := range [][]string{
		{"get", "connectors", "--namespace", other.name},
		{"get", "secrets", "--namespace", one.name},
		{"get", "configmaps", "--namespace", other.name},
		{"annotate", "agency", one.name, "a=b"},
		{"delete", "deployment", one.name + "-gateway", "--namespace", one.name},
		{"patch", "connector", one.name, "--namespace", one.name, "--subresource=status", "--type=merge", "--patch", `{"status":{"conditions":[]}}`},
		{"create", "token", "assessor", "--namespace", people},
	} {
		one.operator.refused(t, "forbidden", "kubectl", args...)
	}
	one.operator.refused(t, "forbidden", "helm", append([]string{"install", "mine", agencyChart}, other.values()...)...)
}

// ministryChangesItsValues upgrades a release with a tenant's rights. What the pods are made of does not change, so none is restarted.
func ministryChangesItsValues(t *testing.T, w *world) {
	m := w.ministries[1]
	before := pods(t, m.name)
	m.operator.run(t, "helm", append([]string{"upgrade", m.name, agencyChart, "--set-json",
		`connector.maintenanceWindows=[{"start":"22:00","duration":"4h","timeZone":"Asia/Ho_Chi_Minh"}]`}, m.values()...)...)
	m.operator.run(t, "kubectl", "wait", "--namespace", m.name, "--for=condition=Ready", "--timeout="+waiting, "connector/"+m.name)
	var connector v1alpha1.Connector
	if err := shared.stage.Client.Get(t.Context(), client.ObjectKey{Namespace: m.name, Name: m.name}, &connector); err != nil {
		t.Fatal(err)
	}
	if got := len(connector.Spec.MaintenanceWindows); got != 1 {
		t.Errorf("Connector %s has %d maintenance windows, want 1", m.name, got)
	}
	samePods(t, m.name, before)
}

// operatorIsRemovedUnderTraffic removes the operator's release and installs it again. Documents flow meanwhile, and no pod of a gateway is
// restarted.
func operatorIsRemovedUnderTraffic(t *testing.T, w *world) {
	before := map[string]map[string]types.UID{}
	for _, m := range w.ministries {
		before[m.name] = pods(t, m.name)
	}
	w.platform.run(t, "helm", "uninstall", "connector-operator", "--namespace", controllers.DefaultNamespace, "--wait", "--timeout", waiting)
	documentsFlow(t, w)
	begin := time.Now()
	w.platform.run(t, "helm", append([]string{"install"}, w.operator...)...)
	for _, m := range w.ministries {
		m.operator.run(t, "kubectl", "wait", "--namespace", m.name, "--for=condition=Ready", "--timeout="+waiting, "connector/"+m.name)
		samePods(t, m.name, before[m.name])
	}
	t.Logf("MEASURED installed again, and every Connector Ready, after %s", round(time.Since(begin)))
	documentsFlow(t, w)
}

// ministryLeaves uninstalls with a tenant's rights, after which nothing of the connector runs.
func ministryLeaves(t *testing.T, w *world) {
	m := w.ministries[2]
	m.operator.run(t, "helm", "uninstall", m.name, "--namespace", m.name, "--wait", "--timeout", waiting)
	w.platform.run(t, "kubectl", "wait", "--namespace", m.name, "--for=delete", "--timeout="+waiting, "pods",
		"--selector", "app.kubernetes.io/name=connector-gateway")
	w.ministries = w.ministries[:2]
	documentsFlow(t, w)
}

// pods are those of a ministry's gateway, by name.
func pods(t *testing.T, namespace string) map[string]types.UID {
	t.Helper()
	var list corev1.PodList
	err := shared.stage.Client.List(t.Context(), &list, client.InNamespace(namespace), client.MatchingLabels{"app.kubernetes.io/name": "connector-gateway"})
	if err != nil {
		t.Fatal(err)
	}
	uids := map[string]types.UID{}
	for i := range list.Items {
		pod := &list.Items[i]
		restarts := 0
		for j := range pod.Status.ContainerStatuses {
			restarts += int(pod.Status.ContainerStatuses[j].RestartCount)
		}
		uids[fmt.Sprintf("%s, restarted %d times", pod.Name, restarts)] = pod.UID
	}
	if len(uids) == 0 {
		t.Fatalf("no gateway runs in the namespace %s", namespace)
	}
	return uids
}

func samePods(t *testing.T, namespace string, want map[string]types.UID) {
	t.Helper()
	if got := pods(t, namespace); !maps.Equal(got, want) {
		t.Errorf("the gateways of %s were %v, and are %v", namespace, want, got)
	}
}

func round(d time.Duration) time.Duration { return d.Round(100 * time.Millisecond) }
