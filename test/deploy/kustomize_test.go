package deploy

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// published puts config/ into a git repository of its own, as a user finds it at an address.
func published(t *testing.T) (address string) {
	t.Helper()
	repository := t.TempDir()
	if err := os.CopyFS(filepath.Join(repository, "config"), os.DirFS(filepath.Join(root(t), "config"))); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{"init", "--quiet", "--initial-branch=main"},
		{"add", "."},
		{"-c", "user.name=test", "-c", "user.email=test@example.org", "commit", "--quiet", "--message=config"},
		{"tag", "v0.0.0"},
	} {
		call(t, "git", append([]string{"-C", repository}, args...)...)
	}
	return "file://" + repository + "//config/"
}

// TestOthersBuildOnIt renders a kustomization of a user with plain kubectl, once for each option and with all of them: on files beside it, and on
// a repository.
func TestOthersBuildOnIt(t *testing.T) {
	entries, err := os.ReadDir(filepath.Join(root(t), "config", "components"))
	if err != nil {
		t.Fatal(err)
	}
	var components []string
	for _, entry := range entries {
		components = append(components, entry.Name())
	}
	adds := map[string]string{
		"grafana": "name: lienthong-dashboard", "profiles": "kind: SecurityProfile", "prometheus": "kind: PrometheusRule", "report": "--report-bind-address=",
	}
	address := published(t)
	for _, component := range components {
		t.Run(component, func(t *testing.T) {
			rendered := render(t, address, "?ref=v0.0.0", []string{component})
			if adds[component] == "" || !strings.Contains(rendered, adds[component]) {
				t.Errorf("the component %s does not add %q", component, adds[component])
			}
		})
	}
	remote := render(t, address, "?ref=v0.0.0", components)
	if beside := render(t, relative(t, filepath.Join(root(t), "config")), "", components); beside != remote {
		t.Error("the same kustomization renders otherwise on files beside it than on a repository")
	}
	if !strings.Contains(remote, "image: "+image) {
		t.Errorf("the image of the kustomization is not that of the Deployment, which has %q", regexp.MustCompile("image: .*").FindAllString(remote, -1))
	}
}

// relative is the path from a directory for temporary files, because kustomize takes no absolute ones.
func relative(t *testing.T, path string) string {
	t.Helper()
	from, err := filepath.EvalSymlinks(filepath.Dir(filepath.Dir(t.TempDir())))
	if err != nil {
		t.Fatal(err)
	}
	to, err := filepath.Rel(from, path)
	if err != nil {
		t.Fatal(err)
	}
	// render makes a directory of its own two levels below.
	return "../../" + to + "/"
}

// render builds on config/default with some components, and sets the image.
func render(t *testing.T, address, reference string, components []string) string {
	t.Helper()
	name, digest, _ := strings.Cut(image, "@")
	text := fmt.Sprintf("apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n- %sdefault%s\n"+
		"images:\n- name: connector-operator\n  newName: %s\n  digest: %s\ncomponents:\n", address, reference, name, digest)
	for _, component := range components {
		text += "- " + address + "components/" + component + reference + "\n"
	}
	directory := t.TempDir()
	if err := os.WriteFile(filepath.Join(directory, "kustomization.yaml"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return kubectl(t, "kustomize", directory)
}

// TestPlainKubectlRendersEverything is for who applies a part with kubectl apply -k.
func TestPlainKubectlRendersEverything(t *testing.T) {
	found := 0
	for _, pattern := range []string{"*", "*/*"} {
		files, err := filepath.Glob(filepath.Join(root(t), "config", pattern, "kustomization.yaml"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			if rendered := kubectl(t, "kustomize", filepath.Dir(file)); !strings.Contains(rendered, "\nkind: ") {
				t.Errorf("%s renders to nothing", file)
			}
			found++
		}
	}
	if found == 0 {
		t.Error("there is no kustomization in config/")
	}
}

// TestProjectNamesEveryKind compares kubebuilder's own file with the definitions.
func TestProjectNamesEveryKind(t *testing.T) {
	project, err := os.ReadFile(filepath.Join(root(t), "PROJECT"))
	if err != nil {
		t.Fatal(err)
	}
	var named []string
	for _, kind := range regexp.MustCompile(`(?m)^  kind: (\w+)$`).FindAllSubmatch(project, -1) {
		named = append(named, string(kind[1]))
	}
	var defined []string
	definitions, err := filepath.Glob(filepath.Join(root(t), "config", "crd", "bases", "*.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range definitions {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		kind := regexp.MustCompile(`(?m)^    kind: (\w+)$`).FindSubmatch(text)
		if kind == nil {
			t.Fatalf("%s names no kind", file)
		}
		defined = append(defined, string(kind[1]))
	}
	slices.Sort(named)
	slices.Sort(defined)
	if !slices.Equal(named, defined) {
		t.Errorf("PROJECT names %v, and there are definitions of %v", named, defined)
	}
}
