package integration

import (
	"os"
	"slices"
	"testing"

	authorizationv1 "k8s.io/api/authorization/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"lienthong.gov.vn/connector-operator/test/harness"
)

// TestOperatorHasNoPermissionOnSecrets looks at the generated role, asks the API server, and tries.
func TestOperatorHasNoPermissionOnSecrets(t *testing.T) {
	env := suite(t)
	text, err := os.ReadFile(repository(t, "config", "rbac", "role.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var role rbacv1.ClusterRole
	if err := yaml.UnmarshalStrict(text, &role); err != nil {
		t.Fatal(err)
	}
	if len(role.Rules) == 0 {
		t.Fatal("the generated role has no rules, so this test shows nothing")
	}
	for _, rule := range role.Rules {
		for _, resource := range []string{"secrets", "*", "pods/exec", "pods/attach", "serviceaccounts/token"} {
			if slices.Contains(rule.Resources, resource) {
				t.Errorf("the generated role names the resource %s: %+v", resource, rule)
			}
		}
		tooWide := func(verb string) bool {
			return verb == "*" || verb == "escalate" || verb == "bind" || verb == "impersonate"
		}
		if slices.Contains(rule.APIGroups, "*") || slices.ContainsFunc(rule.Verbs, tooWide) {
			t.Errorf("the generated role has a rule that is too wide: %+v", rule)
		}
	}
	for _, verb := range []string{"get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"} {
		review := &authorizationv1.SubjectAccessReview{Spec: authorizationv1.SubjectAccessReviewSpec{
			User:               harness.OperatorUser,
			Groups:             harness.OperatorGroups(),
			ResourceAttributes: &authorizationv1.ResourceAttributes{Verb: verb, Resource: "secrets"},
		}}
		if err := env.Client.Create(t.Context(), review); err != nil {
			t.Fatal(err)
		}
		if review.Status.Allowed {
			t.Errorf("the operator may %s Secrets: %s", verb, review.Status.Reason)
		}
	}
	operator, err := client.New(env.OperatorConfig(), client.Options{Scheme: env.Scheme})
	if err != nil {
		t.Fatal(err)
	}
	if err := operator.List(t.Context(), &corev1.SecretList{}); !apierrors.IsForbidden(err) {
		t.Errorf("listing Secrets as the operator gives %v, want a refusal", err)
	}
}
