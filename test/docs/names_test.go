package docs

import (
	"bytes"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	ctrl "sigs.k8s.io/controller-runtime"

	"lienthong.gov.vn/connector-operator/controllers"
	"lienthong.gov.vn/connector-operator/report/cli"
)

// foreign are flags of programs that are not of this project.
func foreign() []string {
	return []string{
		"--all", "--as", "--as-group", "--cacert", "--cascade", "--context", "--enable-certificate-owner-ref", "--force", "--insecure", "--kubeconfig",
		"--namespace", "--pass-authorization-header", "--server-side", "--set", "--show-managed-fields", "--take-ownership", "--values", "--wait",
	}
}

// flags are those of the project's own programs, as their own help tells them.
func flags(t *testing.T) []string {
	t.Helper()
	all := foreign()
	set := flag.NewFlagSet("manager", flag.ContinueOnError)
	var options controllers.Options
	options.BindFlags(set)
	ctrl.RegisterFlags(set)
	set.VisitAll(func(f *flag.Flag) { all = append(all, "--"+f.Name) })
	for _, command := range [][]string{{"help", "status"}, {"help", "report"}, {"help", "explain"}} {
		var out bytes.Buffer
		code := cli.Run(t.Context(), cli.Call{
			Program: "kubectl lienthong", Args: command, Stdout: &out, Stderr: &out, Getenv: func(string) string { return "" },
		})
		if code != 0 {
			t.Fatalf("%v: %s", command, out.String())
		}
		all = append(all, longFlag.FindAllString(out.String(), -1)...)
	}
	// Programs whose main functions declare their flags.
	for _, source := range []string{
		"main.go", "report/verify/verify.go", "hack/apply/main.go", "hack/demo/main.go", "hack/localcluster/main.go", "test/noticesink/main.go",
	} {
		for _, found := range declared.FindAllStringSubmatch(read(t, source), -1) {
			all = append(all, "--"+found[1])
		}
	}
	return all
}

var (
	longFlag = regexp.MustCompile(`--[a-z][a-z-]+`)
	declared = regexp.MustCompile(`(?:Var|String|Bool|Duration|Int|Int64)P?\((?:&[\w.]+, )?"([a-z][a-z-]*)"`)
	target   = regexp.MustCompile(`\bmake ((?:[a-z][a-z0-9-]*[ ,]*)+)`)
	goTest   = regexp.MustCompile(`^(Test|Fuzz|Benchmark)[A-Z]\w+$`)
	program  = regexp.MustCompile(`\./(?:hack|test)/[a-z/]+`)
)

// Every flag that a sentence names is one of the project's programs or of a program that everybody has.
func TestFlagsExist(t *testing.T) {
	known := flags(t)
	if !slices.Contains(known, "--metrics-bind-address") || !slices.Contains(known, "--exit-code") || !slices.Contains(known, "--head") {
		t.Fatalf("the flags were not found: %v", known)
	}
	for _, document := range documents(t) {
		for _, span := range document.Code {
			if strings.HasPrefix(span.Text, "helm ") || strings.HasPrefix(span.Text, "kubectl ") && !strings.HasPrefix(span.Text, "kubectl lienthong") {
				continue
			}
			for _, name := range longFlag.FindAllString(span.Text, -1) {
				if !slices.Contains(known, name) {
					t.Errorf("%s:%d: there is no flag %s", document.Path, span.Line, name)
				}
			}
		}
	}
}

// Every make target, and every program that is run from its source, exists.
func TestTargetsAndProgramsExist(t *testing.T) {
	known := targets(t)
	check := func(path string, line int, text string) {
		for _, found := range target.FindAllStringSubmatch(text, -1) {
			for _, name := range strings.FieldsFunc(found[1], func(r rune) bool { return r == ' ' || r == ',' }) {
				if !slices.Contains(known, name) {
					t.Errorf("%s:%d: there is no target %q in the Makefile", path, line, name)
				}
			}
		}
		for _, name := range program.FindAllString(text, -1) {
			if _, err := os.Stat(filepath.Join(root, name)); err != nil {
				t.Errorf("%s:%d: there is no %s", path, line, name)
			}
		}
	}
	for _, document := range documents(t) {
		for _, span := range document.Code {
			if strings.HasPrefix(span.Text, "make ") || strings.HasPrefix(span.Text, "go ") {
				check(document.Path, span.Line, span.Text)
			}
		}
		for _, block := range document.Blocks() {
			if block.Language == "sh" {
				for line := range strings.Lines(block.Text) {
					code, _, _ := strings.Cut(line, "#")
					if trimmed := strings.TrimSpace(code); strings.HasPrefix(trimmed, "make ") || strings.HasPrefix(trimmed, "go ") {
						check(document.Path, block.Line, trimmed)
					}
				}
			}
		}
	}
}

// Every test that a document names exists somewhere in the project.
func TestTestsExist(t *testing.T) {
	var sources strings.Builder
	err := fs.WalkDir(os.DirFS(root), ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && (strings.HasPrefix(entry.Name(), ".") && path != "." || entry.Name() == "node_modules") {
			return fs.SkipDir
		}
		if strings.HasSuffix(path, "_test.go") {
			sources.WriteString(read(t, path))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	text := sources.String()
	for _, document := range documents(t) {
		for _, span := range document.Code {
			if goTest.MatchString(span.Text) && !strings.Contains(text, "func "+span.Text+"(") {
				t.Errorf("%s:%d: there is no test %s", document.Path, span.Line, span.Text)
			}
		}
	}
}
