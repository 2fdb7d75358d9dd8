//go:build charts

package cluster

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/types"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

// aPlatformEngineerAdmits takes the request of an agency as far as the role of platform engineers goes, with the commands that the request itself and
// the chart's README tell: a new agency, the same request again, a later change of the Agency, and one of the bindings, which is an administrator's.
func aPlatformEngineerAdmits(t *testing.T) {
	const agency, group = "g14", "lienthong-platform"
	admin, engineer := person{}, person{user: "engineer", group: group}
	mustHelm(t, "upgrade", release, chart("connector-operator"), "--reuse-values", "--set", "rbac.bindings.platformAdmin.groups={"+group+"}")
	request := func(more ...string) string {
		return admin.run(t, "", "helm", append([]string{
			"template", agency, chart("agency-connector"), "--namespace", agency, "--set", "render=request",
			"--values", filepath.Join(chart("agency-connector"), "examples", agency+".yaml"),
		}, more...)...)
	}
	first := request()
	if command := "#   kubectl apply -f request.yaml\n"; !strings.Contains(first, command) {
		t.Errorf("the request does not say %q, with which it is applied here:\n%s", command, first)
	}
	eventually(t, func() error {
		_, err := engineer.try(t.Context(), "", "kubectl", "get", "agencies")
		return err
	})

	engineer.refused(t, "forbidden", first, "kubectl", "apply", "--server-side", "--dry-run=server", "-f", "-")
	if out := engineer.run(t, first, "kubectl", "apply", "-f", "-"); strings.Count(out, " created\n") < 4 {
		t.Errorf("a namespace, an Agency and two bindings at least are to be created:\n%s", out)
	}
	if out := engineer.run(t, first, "kubectl", "apply", "-f", "-"); strings.Contains(out, "configured") {
		t.Errorf("the same request is to change nothing:\n%s", out)
	}
	engineer.run(t, first, "kubectl", "diff", "-f", "-")

	wider := request("--set", "agency.domains={agency.example}")
	engineer.refused(t, "+  - agency.example", wider, "kubectl", "diff", "-f", "-")
	engineer.run(t, wider, "kubectl", "apply", "-f", "-")
	if got := domainsOf(t, agency); !slices.Equal(got, []string{"agency.example"}) {
		t.Errorf("the Agency has the domains %v, want agency.example", got)
	}
	engineer.run(t, first, "kubectl", "apply", "-f", "-")
	if got := domainsOf(t, agency); len(got) != 0 {
		t.Errorf("the Agency keeps the domains %v that its request does not ask for any more", got)
	}

	others := request("--set", "agency.domains={agency.example}", "--set", "request.operators[0].name=others")
	engineer.refused(t, "forbidden", others, "kubectl", "apply", "-f", "-")
	if got := domainsOf(t, agency); !slices.Equal(got, []string{"agency.example"}) {
		t.Errorf("the rest of the request is to be done all the same: the domains are %v", got)
	}
	admin.run(t, others, "kubectl", "apply", "-f", "-")
	if got := admin.run(t, "", "kubectl", "get", "rolebindings", "--namespace", agency, "--output", "yaml"); !strings.Contains(got, "name: others") {
		t.Errorf("the bindings do not name the other operators:\n%s", got)
	}
}

func domainsOf(t *testing.T, name string) []string {
	t.Helper()
	agency := &v1alpha1.Agency{}
	if err := as(t, "").Get(t.Context(), types.NamespacedName{Name: name}, agency); err != nil {
		t.Fatal(err)
	}
	return agency.Spec.Domains
}
