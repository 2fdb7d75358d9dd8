package rights

import (
	"testing"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	"k8s.io/apimachinery/pkg/util/version"
	plugincel "k8s.io/apiserver/pkg/admission/plugin/cel"
	"k8s.io/apiserver/pkg/cel/environment"

	"github.com/google/cel-go/cel"
)

// expression is one of a policy, as the API server's compiler takes it.
type expression struct {
	name, text string
	returns    []*cel.Type
}

func (e expression) GetExpression() string    { return e.text }
func (e expression) ReturnTypes() []*cel.Type { return e.returns }
func (e expression) GetName() string          { return e.name }

// TestPoliciesCompileOnOldestCluster compiles every expression as Kubernetes 1.30 would, the first with these policies in v1. A policy with
// one that does not compile cannot be created there.
func TestPoliciesCompileOnOldestCluster(t *testing.T) {
	policies, _ := policiesAndBindings(t)
	for name, p := range policies {
		compiler, err := plugincel.NewCompositedCompiler(environment.MustBaseEnvSet(version.MajorMinor(1, 30)))
		if err != nil {
			t.Fatal(err)
		}
		options := plugincel.OptionalVariableDeclarations{HasParams: p.Spec.ParamKind != nil, HasAuthorizer: true}
		for _, v := range p.Spec.Variables {
			variable := expression{v.Name, v.Expression, []*cel.Type{cel.AnyType, cel.DynType}}
			if result := compiler.CompileAndStoreVariable(variable, options, environment.NewExpressions); result.Error != nil {
				t.Errorf("policy %s, variable %s: %v", name, v.Name, result.Error)
			}
		}
		for _, e := range conditionsAndValidations(p) {
			if result := compiler.CompileCELExpression(e, options, environment.NewExpressions); result.Error != nil {
				t.Errorf("policy %s, %q: %v", name, e.name, result.Error)
			}
		}
	}
}

func conditionsAndValidations(p admissionv1.ValidatingAdmissionPolicy) []expression {
	var all []expression
	for _, c := range p.Spec.MatchConditions {
		all = append(all, expression{c.Name, c.Expression, []*cel.Type{cel.BoolType}})
	}
	for _, v := range p.Spec.Validations {
		all = append(all, expression{v.Expression, v.Expression, []*cel.Type{cel.BoolType}})
		if v.MessageExpression != "" {
			all = append(all, expression{v.MessageExpression, v.MessageExpression, []*cel.Type{cel.StringType}})
		}
	}
	return all
}
