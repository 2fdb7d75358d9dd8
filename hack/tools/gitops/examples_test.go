package gitops

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	helm "github.com/fluxcd/helm-controller/api/v2"
	source "github.com/fluxcd/source-controller/api/v1"
	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/pruning"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
	"sigs.k8s.io/yaml"
)

// argo is the release whose definition of an Application is asked, with the checksum of its archive. Its code is not compiled.
const (
	argo    = "github.com/argoproj/argo-cd/v3@v3.2.1"
	argoSum = "h1:rvrkW/JdH4V+xJgNDZI9wa/Ygd+fWoGbd1rAhvno22c="
)

var block = regexp.MustCompile("(?s)\n```yaml\n(.*?)\n```")

// examples are the objects of the document whose apiVersion begins so.
func examples(t *testing.T, apiVersion string) [][]byte {
	t.Helper()
	text, err := os.ReadFile("../../../docs/getting-started.md")
	if err != nil {
		t.Fatal(err)
	}
	var all [][]byte
	for _, found := range block.FindAllStringSubmatch(string(text), -1) {
		for document := range strings.SplitSeq(found[1], "\n---\n") {
			if strings.HasPrefix(document, "apiVersion: "+apiVersion) {
				all = append(all, []byte(document))
			}
		}
	}
	if len(all) == 0 {
		t.Fatalf("the document has no example of %s", apiVersion)
	}
	return all
}

func TestFlux(t *testing.T) {
	for _, example := range examples(t, "helm.toolkit.fluxcd.io/v2") {
		var release helm.HelmRelease
		if err := yaml.UnmarshalStrict(example, &release); err != nil {
			t.Errorf("%v\n%s", err, example)
		}
		if release.Spec.Install == nil || release.Spec.Install.CRDs != helm.CreateReplace || release.Spec.Upgrade == nil || release.Spec.Upgrade.CRDs != helm.CreateReplace {
			t.Errorf("it does not keep the definitions up to date:\n%s", example)
		}
	}
	for _, example := range examples(t, "source.toolkit.fluxcd.io/v1") {
		var repository source.GitRepository
		if err := yaml.UnmarshalStrict(example, &repository); err != nil {
			t.Errorf("%v\n%s", err, example)
		}
	}
}

func TestArgo(t *testing.T) {
	definition := application(t)
	for _, example := range examples(t, "argoproj.io/v1alpha1") {
		var object map[string]any
		if err := yaml.Unmarshal(example, &object); err != nil {
			t.Fatal(err)
		}
		validator, _, err := validation.NewSchemaValidator(definition)
		if err != nil {
			t.Fatal(err)
		}
		for _, complaint := range validation.ValidateCustomResource(nil, object, validator) {
			t.Errorf("%v\n%s", complaint, example)
		}
		structural, err := schema.NewStructural(definition)
		if err != nil {
			t.Fatal(err)
		}
		options := schema.UnknownFieldPathOptions{TrackUnknownFieldPaths: true}
		for _, unknown := range pruning.PruneWithOptions(object, structural, true, options) {
			t.Errorf("an Application has no field %s:\n%s", unknown, example)
		}
	}
}

// application is the schema of an Application.
func application(t *testing.T) *apiextensions.JSONSchemaProps {
	t.Helper()
	out, err := exec.Command("go", "mod", "download", "-json", argo).Output()
	var module struct{ Dir, Sum, Error string }
	if jsonErr := json.Unmarshal(out, &module); err != nil || jsonErr != nil {
		t.Fatalf("Argo CD's source cannot be had: %v %s", err, module.Error)
	}
	if module.Sum != argoSum {
		t.Fatalf("the checksum of %s is %s", argo, module.Sum)
	}
	text, err := os.ReadFile(filepath.Join(module.Dir, "manifests/crds/application-crd.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var definition apiextensionsv1.CustomResourceDefinition
	if err := yaml.Unmarshal(text, &definition); err != nil {
		t.Fatal(err)
	}
	var internal apiextensions.JSONSchemaProps
	if err := apiextensionsv1.Convert_v1_JSONSchemaProps_To_apiextensions_JSONSchemaProps(definition.Spec.Versions[0].Schema.OpenAPIV3Schema, &internal, nil); err != nil {
		t.Fatal(err)
	}
	return &internal
}
