package rights

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/utils/ptr"

	"lienthong.gov.vn/connector-operator/hack/manifests"
)

// policiesAndBindings reads config/admission.
func policiesAndBindings(t *testing.T) (
	policies map[string]admissionv1.ValidatingAdmissionPolicy, bindings map[string]admissionv1.ValidatingAdmissionPolicyBinding,
) {
	t.Helper()
	objects, err := manifests.Kustomize(filepath.Join("..", "..", "config", "admission"))
	if err != nil {
		t.Fatal(err)
	}
	policies, bindings = map[string]admissionv1.ValidatingAdmissionPolicy{}, map[string]admissionv1.ValidatingAdmissionPolicyBinding{}
	for _, object := range objects {
		switch object.GetKind() {
		case "ValidatingAdmissionPolicy":
			var p admissionv1.ValidatingAdmissionPolicy
			if err := runtime.DefaultUnstructuredConverter.FromUnstructuredWithValidation(object.Object, &p, true); err != nil {
				t.Fatal(err)
			}
			policies[p.Name] = p
		case "ValidatingAdmissionPolicyBinding":
			var b admissionv1.ValidatingAdmissionPolicyBinding
			if err := runtime.DefaultUnstructuredConverter.FromUnstructuredWithValidation(object.Object, &b, true); err != nil {
				t.Fatal(err)
			}
			bindings[b.Spec.PolicyName] = b
		default:
			t.Errorf("config/admission has a %s", object.GetKind())
		}
	}
	if len(policies) == 0 {
		t.Fatal("config/admission has no policies, so this shows nothing")
	}
	return policies, bindings
}

// TestPoliciesAreInForce holds each policy to what all have in common: it is bound, it denies, it fails closed unless it depends on kinds
// that may not be there, it says why in a whole sentence, and whoever is exempt is so in all of them alike.
func TestPoliciesAreInForce(t *testing.T) {
	policies, bindings := policiesAndBindings(t)
	exempt := map[string]string{}
	for name, p := range policies {
		isBound(t, p, bindings[name])
		if !explains(t, p) {
			t.Errorf("policy %s lets nobody break the glass", name)
		}
		for _, c := range p.Spec.MatchConditions {
			if said, known := exempt[c.Name]; known && said != c.Expression {
				t.Errorf("policy %s has another condition %s than the others", name, c.Name)
			}
			exempt[c.Name] = c.Expression
		}
	}
}

// isBound checks where a policy holds, and what becomes of a request when it cannot be evaluated.
func isBound(t *testing.T, p admissionv1.ValidatingAdmissionPolicy, b admissionv1.ValidatingAdmissionPolicyBinding) {
	t.Helper()
	if !slices.Equal(b.Spec.ValidationActions, []admissionv1.ValidationAction{admissionv1.Deny}) || b.Spec.MatchResources != nil {
		t.Errorf("policy %s is not bound so that it denies everywhere: %+v", p.Name, b.Spec)
	}
	want := admissionv1.Fail
	if p.Spec.ParamKind != nil {
		want = admissionv1.Ignore
		if r := b.Spec.ParamRef; r == nil || r.Selector == nil || ptr.Deref(r.ParameterNotFoundAction, "") != admissionv1.AllowAction {
			t.Errorf("policy %s does not let pass where there are none of its parameters: %+v", p.Name, r)
		}
	}
	if got := ptr.Deref(p.Spec.FailurePolicy, ""); got != want {
		t.Errorf("policy %s has the failure policy %s, want %s", p.Name, got, want)
	}
}

// explains checks what a policy says when it refuses, and tells whether it asks for the right to pass it.
func explains(t *testing.T, p admissionv1.ValidatingAdmissionPolicy) (override bool) {
	t.Helper()
	for _, v := range p.Spec.Variables {
		override = override || strings.Contains(v.Expression, "check('override')")
	}
	for _, v := range p.Spec.Validations {
		override = override || strings.Contains(v.Expression, "check('override')")
		sentence := strings.TrimRight(v.Message+v.MessageExpression, "'")
		if !strings.HasSuffix(sentence, ".") || v.Reason == nil {
			t.Errorf("policy %s refuses with %q, which is no sentence, or without a reason", p.Name, sentence)
		}
	}
	return override
}
