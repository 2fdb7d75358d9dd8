package build

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"lienthong.gov.vn/connector-operator/hack/localcluster/internal/kube"
	"lienthong.gov.vn/connector-operator/hack/localcluster/internal/layout"
)

const moduleDir = "../.."

func TestCertManagerManifestsComeFromItsModule(t *testing.T) {
	l, err := layout.New(t.TempDir(), "demo")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(l.Asset(""), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := certManagerAssets(context.Background(), moduleDir, l); err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	for _, name := range Assets() {
		raw, err := os.ReadFile(l.Asset(name))
		if err != nil {
			t.Fatal(err)
		}
		objects, err := kube.Decode(name, raw)
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range objects {
			if _, err := o.Path(); err != nil {
				t.Error(err)
			}
			found[o.String()] = true
		}
	}
	for _, want := range []string{
		"CustomResourceDefinition certificates.cert-manager.io",
		"CustomResourceDefinition certificaterequests.cert-manager.io",
		"CustomResourceDefinition clusterissuers.cert-manager.io",
		"ClusterRole cert-manager-controller-certificates",
		"ClusterRoleBinding cert-manager-controller-certificates",
		"ClusterRole cert-manager-edit",
	} {
		if !found[want] {
			t.Errorf("there is no %s", want)
		}
	}
}

func TestAChartThatUsesMoreOfHelmIsNamed(t *testing.T) {
	if _, err := renderRBAC(`{{ lookup "v1" "Secret" }}`); err == nil || !strings.Contains(err.Error(), "lookup") {
		t.Errorf("got %v, want an error that names the function", err)
	}
}

func TestFingerprintFollowsTheSources(t *testing.T) {
	dir := t.TempDir()
	write := func(path, content string) {
		path = filepath.Join(dir, path)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	sum := func(recipe ...string) string {
		s, err := fingerprint(dir, recipe...)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	for _, path := range []string{"go.mod", "go.sum", "components/main.go", "pause/main.go"} {
		write(path, "1")
	}
	before := sum("a")
	write("components/main_test.go", "2")
	write("main.go", "2")
	if sum("a") != before {
		t.Error("tests, or the sources of the tool itself, count")
	}
	write("components/more.go", "2")
	if sum("a") == before || sum("b") == sum("a") {
		t.Error("a new source, or another recipe, does not count")
	}
}

func TestProgressCountsPackages(t *testing.T) {
	p := &progress{}
	problems := p.read(strings.NewReader("go: downloading x v1\nk8s.io/api\nnet/http\n# k8s.io/api\nfile.go:1:2: broken\n"))
	if p.packages.Load() != 2 || problems != "# k8s.io/api\nfile.go:1:2: broken" {
		t.Errorf("counted %d packages and the problems %q", p.packages.Load(), problems)
	}
}

func TestAProgramThatComesOutTheSameIsLeftAlone(t *testing.T) {
	dir := t.TempDir()
	next, output := filepath.Join(dir, "next"), filepath.Join(dir, "output")
	for _, c := range []struct {
		content string
		kept    bool
	}{{"a", false}, {"a", true}, {"b", false}} {
		before, _ := os.Stat(output)
		if err := os.WriteFile(next, []byte(c.content), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := replace(next, output); err != nil {
			t.Fatal(err)
		}
		after, err := os.Stat(output)
		if err != nil {
			t.Fatal(err)
		}
		if kept := before != nil && os.SameFile(before, after); kept != c.kept {
			t.Errorf("%q was kept: %v, want %v", c.content, kept, c.kept)
		}
		if got, _ := os.ReadFile(output); !bytes.Equal(got, []byte(c.content)) {
			t.Errorf("the program is %q", got)
		}
	}
}

func TestVersions(t *testing.T) {
	if major, minor, ok := majorMinor("v1.36.3"); major != "1" || minor != "36" || !ok {
		t.Errorf("got %s, %s, %v", major, minor, ok)
	}
	if _, _, ok := majorMinor("1.36"); ok {
		t.Error("1.36 is taken for a release")
	}
}
