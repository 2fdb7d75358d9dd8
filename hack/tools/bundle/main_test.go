package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/operator-framework/api/pkg/manifests"
	"github.com/operator-framework/api/pkg/validation"
	interfaces "github.com/operator-framework/api/pkg/validation/interfaces"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"
)

// root of the repository, from here.
const root = "../../.."

// checkedIn reads the bundle of the repository, as a catalogue would.
func checkedIn(t *testing.T) *manifests.Bundle {
	t.Helper()
	read, err := manifests.GetBundleFromDir(filepath.Join(root, "bundle"))
	if err != nil {
		t.Fatal(err)
	}
	return read
}

// known are the warnings that say nothing about this bundle: only the operator writes these kinds, and events are those of events.k8s.io/v1,
// which the validator takes for an older version because it looks at their name alone.
var known = regexp.MustCompile(`Kind=(MilestoneRecord|NoticeQueue|ReadinessReport): provided API should have an example|Migrate the API\(s\) for events: \(`)

// TestBundleIsValid asks every validator that applies and needs no registry; a warning is as bad as an error here.
func TestBundleIsValid(t *testing.T) {
	read := checkedIn(t)
	validators := map[string]interfaces.Validator{
		"ClusterServiceVersion": validation.ClusterServiceVersionValidator, "definitions": validation.CustomResourceDefinitionValidator,
		"bundle": validation.BundleValidator, "OperatorHub": validation.OperatorHubV2Validator,
		"capabilities": validation.StandardCapabilitiesValidator, "categories": validation.StandardCategoriesValidator,
		"objects": validation.ObjectValidator, "good practices": validation.GoodPracticesValidator,
		"removed APIs": validation.AlphaDeprecatedAPIsValidator,
	}
	for name, validator := range validators {
		t.Run(name, func(t *testing.T) {
			for _, result := range validator.Validate(read.ObjectsToValidate()...) {
				for _, problem := range append(result.Errors, result.Warnings...) {
					if !known.MatchString(problem.Error()) {
						t.Errorf("%s: %v", result.Name, problem)
					}
				}
			}
		})
	}
}

func TestBundleSaysWhatConsolesShow(t *testing.T) {
	read := checkedIn(t)
	csv := read.CSV
	if csv.Name != packageName+".v"+csv.Spec.Version.String() || read.Package != packageName || !slices.Equal(read.Channels, []string{channel}) {
		t.Errorf("the bundle is %s of the package %s in %v", csv.Name, read.Package, read.Channels)
	}
	container := csv.Spec.InstallStrategy.StrategySpec.DeploymentSpecs[0].Spec.Template.Spec.Containers[0]
	if image := container.Image; csv.Annotations["containerImage"] != image || csv.Spec.RelatedImages[0].Image != image {
		t.Errorf("the deployment has the image %s; told are %s and %+v", image, csv.Annotations["containerImage"], csv.Spec.RelatedImages)
	}
	var examples []unstructured.Unstructured
	if err := json.Unmarshal([]byte(csv.Annotations["alm-examples"]), &examples); err != nil {
		t.Fatal(err)
	}
	var kinds []string
	for _, example := range examples {
		kinds = append(kinds, example.GetKind())
	}
	// People write all kinds but those that only the operator does.
	want := []string{"Agency", "ComplianceEvidence", "ConnectorClass", "Connector", "DutyWaiver", "ExchangeHub", "RolloutPlan", "SecurityProfile"}
	if !slices.Equal(kinds, want) {
		t.Errorf("there are examples of %v, want %v", kinds, want)
	}
	for _, owned := range csv.Spec.CustomResourceDefinitions.Owned {
		if owned.Description == "" || owned.DisplayName == "" {
			t.Errorf("nothing is said of %s", owned.Name)
		}
	}
	if len(read.V1CRDs) != len(csv.Spec.CustomResourceDefinitions.Owned) {
		t.Errorf("there are %d definitions, and %d kinds are owned", len(read.V1CRDs), len(csv.Spec.CustomResourceDefinitions.Owned))
	}
}

// operator is the least that a bundle can be made of.
const operator = `
apiVersion: operators.coreos.com/v1alpha1
kind: ClusterServiceVersion
metadata: {name: x, annotations: {}}
spec: {version: 0.1.0, displayName: x, install: {strategy: deployment}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: op, namespace: here}
spec:
  selector: {}
  strategy: {}
  template: {metadata: {}, spec: {serviceAccountName: op, containers: [{name: c, image: "old:1", resources: {}}]}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: manager}
rules: [{apiGroups: [""], resources: [pods], verbs: [get]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: leases, namespace: here}
rules: [{apiGroups: [coordination.k8s.io], resources: [leases], verbs: [get]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: auditor}
rules: [{apiGroups: [""], resources: [nodes], verbs: [get]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: manager}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: manager}
subjects: [{kind: ServiceAccount, name: op, namespace: here}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: leases, namespace: here}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: leases}
subjects: [{kind: ServiceAccount, name: op, namespace: here}]
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: op, namespace: here}
`

func TestPermissionsAreThoseOfTheServiceAccount(t *testing.T) {
	objects, err := readText(t, operator)
	if err != nil {
		t.Fatal(err)
	}
	b, err := generate(objects, nil, options{image: "registry.example/op@sha256:00", version: "v1.2.3", created: "2026-01-02T03:04:05Z"})
	if err != nil {
		t.Fatal(err)
	}
	strategy := b.csv.Spec.InstallStrategy.StrategySpec
	if len(strategy.ClusterPermissions) != 1 || len(strategy.ClusterPermissions[0].Rules) != 1 || strategy.ClusterPermissions[0].Rules[0].Resources[0] != "pods" {
		t.Errorf("in the whole cluster, %+v is permitted", strategy.ClusterPermissions)
	}
	if len(strategy.Permissions) != 1 || len(strategy.Permissions[0].Rules) != 1 || strategy.Permissions[0].Rules[0].Resources[0] != "leases" {
		t.Errorf("in its namespace, %+v is permitted", strategy.Permissions)
	}
	if len(b.beside) != 1 || b.beside[0].GetName() != "auditor" {
		t.Errorf("beside stand %+v; want the role that is bound to nobody", b.beside)
	}
	if b.csv.Name != packageName+".v1.2.3" || b.csv.Annotations["createdAt"] != "2026-01-02T03:04:05Z" {
		t.Errorf("the release is %s of %s", b.csv.Name, b.csv.Annotations["createdAt"])
	}
}

func readText(t *testing.T, text string) ([]unstructured.Unstructured, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "operator.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return read(path)
}

func TestGenerateSaysWhatIsWrong(t *testing.T) {
	tests := map[string]struct{ text, version, want string }{
		"nothing to fill":           {text: "", want: "0 ClusterServiceVersions"},
		"no version":                {text: operator, version: "first", want: "no semantic version"},
		"two deployments":           {text: operator + "---" + strings.Split(operator, "---")[1], want: "2 Deployments"},
		"a kind of unknown use":     {text: operator + "---\napiVersion: v1\nkind: Secret\nmetadata: {name: s}\n", want: "not known whether a bundle may hold this kind"},
		"rights of somebody else":   {text: strings.Replace(operator, "{kind: ServiceAccount, name: op,", "{kind: ServiceAccount, name: other,", 1), want: "can only tell what the ServiceAccount op may do"},
		"a role that is not there":  {text: strings.Replace(operator, "metadata: {name: manager}\nrules", "metadata: {name: managers}\nrules", 1), want: "which is not there"},
		"a field that is not known": {text: strings.Replace(operator, "displayName: x", "displayedName: x", 1), want: "displayedName"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			objects, err := readText(t, test.text)
			if err != nil {
				t.Fatal(err)
			}
			_, err = generate(objects, nil, options{version: test.version})
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("the error is %v; it should say %q", err, test.want)
			}
		})
	}
}

func TestWords(t *testing.T) {
	for kind, want := range map[string]string{"Agency": "Agency", "ExchangeHub": "Exchange hub", "ReadinessReport": "Readiness report"} {
		if got := words(kind); got != want {
			t.Errorf("%s is written %q, want %q", kind, got, want)
		}
	}
}

func TestBundlesImageSaysWhatItsAnnotationsDo(t *testing.T) {
	said, err := os.ReadFile(filepath.Join(root, "bundle", "bundle.Dockerfile"))
	if err != nil {
		t.Fatal(err)
	}
	for key, value := range (&bundle{}).annotations() {
		if !bytes.Contains(said, []byte("LABEL "+key+"="+value+"\n")) {
			t.Errorf("bundle.Dockerfile lacks the label %s=%s", key, value)
		}
	}
}

// TestBundleAndChartAgree holds the two ways of installing the same release against each other.
func TestBundleAndChartAgree(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root, "charts", "connector-operator", "Chart.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var chart struct {
		Version     string `json:"version"`
		KubeVersion string `json:"kubeVersion"`
	}
	if err := yaml.Unmarshal(text, &chart); err != nil {
		t.Fatal(err)
	}
	csv := checkedIn(t).CSV
	if csv.Spec.Version.String() != chart.Version {
		t.Errorf("the bundle has the version %s, and the chart %s", csv.Spec.Version, chart.Version)
	}
	if want := ">=" + csv.Spec.MinKubeVersion + "-0"; chart.KubeVersion != want {
		t.Errorf("the chart asks for Kubernetes %s, and the bundle for %s", chart.KubeVersion, want)
	}
}
