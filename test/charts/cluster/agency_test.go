//go:build charts

package cluster

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/types"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

// person runs programs with nobody's rights but their own.
type person struct {
	user, group string
	driver      string
}

// anAgencyConnects takes the chart of an agency from its request to its removal, as a platform engineer, an operator of the agency and an
// assessor would. The chart of the operator is installed, so its roles and its policies hold. The steps build on each other.
func anAgencyConnects(t *testing.T) {
	const agency, other = "g15", "G17"
	values := filepath.Join(chart("agency-connector"), "examples", agency+".yaml")
	with := func(command string, more ...string) []string {
		return append([]string{command, agency, chart("agency-connector"), "--namespace", agency, "--values", values}, more...)
	}
	platform, tenant := person{}, person{user: "operator", group: agency + "-operators", driver: "configmap"}
	withSecrets := tenant
	withSecrets.driver = "secret"

	tenant.refused(t, "forbidden", "", "helm", with("install")...)
	request := platform.run(t, "", "helm", with("template", "--set", "render=request")...)
	platform.run(t, request, "kubectl", "apply", "--server-side", "-f", "-")
	withSecrets.refused(t, "secrets is forbidden", "", "helm", with("install")...)
	tenant.run(t, "", "helm", with("install")...)
	first := uidOf(t, agency)
	if out := tenant.run(t, "", "helm", "list", "--namespace", agency); !strings.Contains(out, "deployed") {
		t.Errorf("the operator of the agency does not see the release:\n%s", out)
	}

	tenant.refused(t, "Put agency.code back.", "", "helm", with("upgrade", "--set", "agency.code="+other)...)
	tenant.refused(t, "Put agency.code back.", "", "helm", with("upgrade", "--set", "agency.code="+other, "--set", "connector.name="+agency)...)
	tenant.refused(t, "Put hub back.", "", "helm", with("upgrade", "--set", "hub=second-hub")...)
	unseen := tenant.run(t, "", "helm", with("template", "--set", "agency.code="+other, "--set", "connector.name="+agency)...)
	tenant.refused(t, "agencyRef cannot be changed", unseen, "kubectl", "apply", "--server-side", "--force-conflicts", "-f", "-")
	tenant.refused(t, "forbidden", "", "helm", with("upgrade", "--set", "render=all")...)

	evidence := platform.run(t, "", "helm", with("template", "--values", filepath.Join(chart("agency-connector"), "ci", "evidence-values.yaml"),
		"--set", "agency.code=G15", "--set", "evidence[0].performedBy.agency="+agency)...)
	tenant.refused(t, "forbidden", evidence, "kubectl", "create", "-f", "-")
	platform.run(t, evidence, "kubectl", "create", "-f", "-")

	tenant.run(t, "", "helm", with("upgrade", "--set", "keepOnUninstall=true")...)
	tenant.run(t, "", "helm", "uninstall", agency, "--namespace", agency)
	tenant.run(t, "", "helm", with("install")...)
	if again := uidOf(t, agency); again == "" || again != first {
		t.Errorf("a Connector that was kept has the UID %q after it was taken over again, and had %q", again, first)
	}
	tenant.run(t, "", "helm", "uninstall", agency, "--namespace", agency)
	if uidOf(t, agency) != "" {
		t.Error("the Connector is still there after the removal")
	}

	platform.refused(t, "invalid ownership metadata", "", "helm", with("install", "--set", "render=all")...)
	platform.run(t, "", "helm", with("install", "--set", "render=all", "--take-ownership")...)
	platform.run(t, "", "helm", "uninstall", agency, "--namespace", agency)
	if err := as(t, "").Get(t.Context(), types.NamespacedName{Name: agency}, &v1alpha1.Agency{}); err != nil {
		t.Errorf("the Agency did not outlive a release that had it: %v", err)
	}
	out := platform.run(t, "", "kubectl", "get", "complianceevidence", "--namespace", agency, "--output", "name")
	if got := strings.Count(out, "\n"); got != 2 {
		t.Errorf("%d records outlived the releases, want 2:\n%s", got, out)
	}
}

// uidOf is the UID of the Connector of an agency, or nothing if there is none.
func uidOf(t *testing.T, agency string) types.UID {
	t.Helper()
	var connectors v1alpha1.ConnectorList
	if err := as(t, "").List(t.Context(), &connectors); err != nil {
		t.Fatal(err)
	}
	for i := range connectors.Items {
		if c := &connectors.Items[i]; c.Namespace == agency && c.Name == agency {
			return c.UID
		}
	}
	return ""
}

func (p person) run(t *testing.T, input, program string, args ...string) string {
	t.Helper()
	out, err := p.try(t.Context(), input, program, args...)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// refused holds that something fails, and that what is said of it has these words.
func (p person) refused(t *testing.T, words, input, program string, args ...string) {
	t.Helper()
	out, err := p.try(t.Context(), input, program, args...)
	if err == nil {
		t.Errorf("%s may run %s %v:\n%s", p.user, program, args, out)
	} else if !strings.Contains(err.Error(), words) {
		t.Errorf("the refusal does not say %q: %v", words, err)
	}
}

func (p person) try(ctx context.Context, input, program string, args ...string) (string, error) {
	path, err := filepath.Abs(filepath.Join(root, "bin", program))
	if err != nil {
		return "", fmt.Errorf("finding %s: %w", program, err)
	}
	if p.user != "" {
		user, group := "--as", "--as-group"
		if program == "helm" {
			user, group = "--kube-as-user", "--kube-as-group"
		}
		args = append(args, user, p.user, group, p.group, group, "system:authenticated")
	}
	command := exec.CommandContext(ctx, path, args...)
	command.Env = append(os.Environ(), "KUBECONFIG="+shared.Kubeconfig, "HELM_DRIVER="+p.driver)
	command.Stdin = strings.NewReader(input)
	var out, said bytes.Buffer
	command.Stdout, command.Stderr = &out, &said
	if err := command.Run(); err != nil {
		return out.String(), fmt.Errorf("%s %v: %w: %s%s", program, args, err, &out, &said)
	}
	return out.String(), nil
}
