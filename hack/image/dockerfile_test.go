package main

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// root of the repository, from here.
const root = "../.."

// buildContext copies what an engine would be sent for the Dockerfile: everything that .dockerignore does not name.
func buildContext(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, ".dockerignore"))
	if err != nil {
		t.Fatal(err)
	}
	ignored := strings.Fields(string(text))
	for _, line := range ignored {
		// Names without patterns leave no doubt about what engines make of them.
		if strings.ContainsAny(line, "*?!#[/") {
			t.Fatalf(".dockerignore has %q; write names of files and directories at the root only", line)
		}
	}
	into := t.TempDir()
	err = filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(root, path)
		switch {
		case err != nil:
			return err
		case slices.Contains(ignored, relative), entry.Name() == "node_modules":
			if entry.IsDir() {
				return filepath.SkipDir
			}
			return nil
		case entry.IsDir():
			return os.MkdirAll(filepath.Join(into, relative), 0o755)
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(into, relative), content, 0o600)
	})
	if err != nil {
		t.Fatal(err)
	}
	return into
}

// TestDockerfileHasAllThatTheBuildNeeds resolves every import and every embedded file of the binary, and of the program that builds it, in
// what an engine would be sent; that is what a forgotten directory breaks, without the minutes that a build takes.
func TestDockerfileHasAllThatTheBuildNeeds(t *testing.T) {
	command := exec.CommandContext(t.Context(), "go", "list", "-deps", "-f", "{{.ImportPath}}", ".", "./hack/image")
	command.Dir = buildContext(t)
	command.Env = append(os.Environ(), settings(options{goos: "linux", goarch: "amd64", fips: "off"})...)
	said, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("the binary cannot be built from what .dockerignore leaves: %v\n%s", err, said)
	}
	if !strings.Contains(string(said), "lienthong.gov.vn/connector-operator/gateway\n") {
		t.Errorf("the binary is built of\n%s\nwithout the gateway", said)
	}
}

func TestDockerfileBuildsAsMakeDoes(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root, "Dockerfile"))
	if err != nil {
		t.Fatal(err)
	}
	module, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	language := regexp.MustCompile(`(?m)^go (\d+\.\d+)`).FindSubmatch(module)
	if language == nil {
		t.Fatal("go.mod names no version of Go")
	}
	for what, pattern := range map[string]string{
		"the Go release of go.mod":              `(?m)^ARG GO_VERSION=` + regexp.QuoteMeta(string(language[1])) + `\.\d+$`,
		"everything copied":                     `(?m)^COPY \. \.$`,
		"the program that make builds with":     `(?m)^RUN go run \./hack/image .*-fips "\$\{FIPS\}"`,
		"an image without a system in it":       `(?m)^FROM scratch$`,
		"a user without rights":                 `(?m)^USER 65532:65532$`,
		"no other toolchain than the builder's": `(?m)^ENV GOTOOLCHAIN=local$`,
	} {
		if !regexp.MustCompile(pattern).Match(text) {
			t.Errorf("the Dockerfile does not say %s (%s)", what, pattern)
		}
	}
}
