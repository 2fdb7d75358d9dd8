package integration

import (
	"fmt"
	"strings"
	"testing"

	authorizationv1 "k8s.io/api/authorization/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/test/harness"
)

// allVerbs are what anybody could do to an object.
func allVerbs() []string {
	return []string{"get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"}
}

// may asks the API server whether somebody may do something in the world's namespace. The resource may have a subresource behind a slash.
func (w *world) may(t *testing.T, user string, groups []string, verb, resource string) bool {
	t.Helper()
	resource, subresource, _ := strings.Cut(resource, "/")
	review := &authorizationv1.SubjectAccessReview{Spec: authorizationv1.SubjectAccessReviewSpec{
		User: user, Groups: groups,
		ResourceAttributes: &authorizationv1.ResourceAttributes{
			Namespace: w.namespace, Group: v1alpha1.GroupName, Verb: verb, Resource: resource, Subresource: subresource,
		},
	}}
	if err := w.Client.Create(t.Context(), review); err != nil {
		t.Fatal(err)
	}
	return review.Status.Allowed
}

// bound gives users one role each: the tenant and an assessor in the world's namespace, the auditor and another assessor everywhere.
func (w *world) bound(t *testing.T) {
	t.Helper()
	ref := func(role string) rbacv1.RoleRef {
		return rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: role}
	}
	subjects := func(user string) []rbacv1.Subject {
		return []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: rbacv1.UserKind, Name: user + "@" + w.namespace}}
	}
	for user, role := range map[string]string{"tenant": "connector-operator-tenant", "assessor": "connector-operator-assessor"} {
		w.Create(t, &rbacv1.RoleBinding{
			ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: user}, RoleRef: ref(role), Subjects: subjects(user),
		})
	}
	for user, role := range map[string]string{"auditor": "connector-operator-auditor", "central-assessor": "connector-operator-assessor"} {
		w.Create(t, &rbacv1.ClusterRoleBinding{
			ObjectMeta: metav1.ObjectMeta{Name: w.namespace + "-" + user}, RoleRef: ref(role), Subjects: subjects(user),
		})
	}
}

// TestWhoMayRecordAndWaive asks for every verb: what is not in the list of a role is refused.
func TestWhoMayRecordAndWaive(t *testing.T) {
	const read, record = "get list watch", "get list watch create"
	rights := map[string]map[string]string{
		"tenant": {
			"complianceevidences": read, "dutywaivers": read, "connectors": "get list watch create update patch delete",
			"complianceevidences/status": "get", "dutywaivers/status": "get", "connectors/status": "get", "securityprofiles": "",
			"milestonerecords": "",
		},
		"assessor": {
			"complianceevidences": record, "dutywaivers": read, "connectors": read, "securityprofiles": read,
			"complianceevidences/status": "get", "dutywaivers/status": "get", "connectors/status": "get", "milestonerecords": "",
		},
		"auditor": {
			"complianceevidences": read, "dutywaivers": read, "connectors": read, "securityprofiles": read,
			"complianceevidences/status": "get", "dutywaivers/status": "get", "connectors/status": "get", "milestonerecords": read,
		},
		"operator": {
			"complianceevidences": read, "dutywaivers": read, "connectors": read, "securityprofiles": read,
			"complianceevidences/status": "patch", "dutywaivers/status": "patch", "connectors/status": "patch",
			"milestonerecords": record,
		},
	}
	rights["central-assessor"] = rights["assessor"]
	w := newWorld(t)
	w.bound(t)
	for user, resources := range rights {
		name, groups := user+"@"+w.namespace, []string(nil)
		if user == "operator" {
			name, groups = harness.OperatorUser, harness.OperatorGroups()
		}
		w.Eventually(t, func() error {
			if !w.may(t, name, groups, "get", "complianceevidences") {
				return fmt.Errorf("the API server has not seen the rights of %s yet", name)
			}
			return nil
		})
		for resource, allowed := range resources {
			for _, verb := range allVerbs() {
				want := strings.Contains(" "+allowed+" ", " "+verb+" ")
				if got := w.may(t, name, groups, verb, resource); got != want {
					t.Errorf("%s may %s %s: %t, want %t", user, verb, resource, got, want)
				}
			}
		}
	}
}
