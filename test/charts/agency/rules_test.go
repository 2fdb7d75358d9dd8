//go:build charts

package agency

import (
	"path/filepath"
	"strings"
	"testing"

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/json"
	"k8s.io/apimachinery/pkg/util/validation/field"
	celconfig "k8s.io/apiserver/pkg/apis/cel"

	"lienthong.gov.vn/connector-operator/hack/manifests"
)

// TestRulesOfTheAPI holds everything that is rendered against the definitions, as the API server does: what the values' schema lets pass is not
// refused later, when half of a release may be there already.
func TestRulesOfTheAPI(t *testing.T) {
	rules := readRules(t)
	examples, err := filepath.Glob(filepath.Join(chart, "examples", "*.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	more, err := filepath.Glob(filepath.Join(chart, "ci", "*-values.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	judged := 0
	for _, values := range append(examples, more...) {
		arguments := []string{"--values", values}
		if filepath.Base(filepath.Dir(values)) == "examples" {
			arguments = append(arguments, "--set", "render=all")
		}
		for name, o := range objects(t, "g12", arguments...) {
			kind, _, _ := strings.Cut(name, "/")
			if rule, ours := rules[kind]; ours {
				judged++
				for _, problem := range rule.judge(t, o) {
					t.Errorf("%s: %s is refused: %v", filepath.Base(values), name, problem)
				}
			}
		}
	}
	if judged < 2*len(examples) {
		t.Errorf("only %d objects were judged", judged)
	}
}

// rule is what the API server holds objects of a kind against.
type rule struct {
	shape     validation.SchemaValidator
	structure *schema.Structural
	cel       *cel.Validator
}

func (r rule) judge(t *testing.T, o object) (problems field.ErrorList) {
	t.Helper()
	text, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	var whole object // as the API server reads it: whole numbers are such
	if err := json.Unmarshal(text, &whole); err != nil {
		t.Fatal(err)
	}
	problems = validation.ValidateCustomResource(nil, whole, r.shape)
	found, _ := r.cel.Validate(t.Context(), nil, r.structure, whole, nil, celconfig.RuntimeCELCostBudget)
	return append(problems, found...)
}

// readRules gives the rules of the kinds of this project.
func readRules(t *testing.T) map[string]rule {
	t.Helper()
	definitions, err := manifests.ReadFiles(filepath.Join(repository, "config", "crd", "bases"))
	if err != nil {
		t.Fatal(err)
	}
	rules := map[string]rule{}
	for _, definition := range definitions {
		var typed apiextensionsv1.CustomResourceDefinition
		if err := runtime.DefaultUnstructuredConverter.FromUnstructured(definition.Object, &typed); err != nil {
			t.Fatal(err)
		}
		var properties apiextensions.JSONSchemaProps
		if err := apiextensionsv1.Convert_v1_JSONSchemaProps_To_apiextensions_JSONSchemaProps(
			typed.Spec.Versions[0].Schema.OpenAPIV3Schema, &properties, nil); err != nil {
			t.Fatal(err)
		}
		structure, err := schema.NewStructural(&properties)
		if err != nil {
			t.Fatal(err)
		}
		shape, _, err := validation.NewSchemaValidator(&properties)
		if err != nil {
			t.Fatal(err)
		}
		rules[typed.Spec.Names.Kind] = rule{shape: shape, structure: structure, cel: cel.NewValidator(structure, true, celconfig.PerCallLimit)}
	}
	return rules
}
