package docs

import (
	"cmp"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"lienthong.gov.vn/connector-operator/test/docs/markdown"
	"lienthong.gov.vn/connector-operator/test/docs/scenario"
)

// root is the folder of the project.
const root = "../.."

// paths are those of all documents of the project.
func paths(t *testing.T) []string {
	t.Helper()
	all := []string{"README.md", "CONTRIBUTING.md"}
	for _, dir := range []string{"docs", "charts", "config", "hack"} {
		err := fs.WalkDir(os.DirFS(root), dir, func(path string, entry fs.DirEntry, err error) error {
			if err == nil && !entry.IsDir() && filepath.Ext(path) == ".md" && !strings.Contains(path, "/testdata/") {
				all = append(all, path)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return all
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, path))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// documents are all of them, read.
func documents(t *testing.T) []*markdown.Document {
	t.Helper()
	var all []*markdown.Document
	for _, path := range paths(t) {
		document, err := markdown.Parse(path, []byte(read(t, path)))
		if err != nil {
			t.Error(err)
			continue
		}
		all = append(all, document)
	}
	if len(all) < 40 {
		t.Fatalf("only %d documents were found", len(all))
	}
	return all
}

// scenarios are what is run of all documents, in the order in which a reader comes to them: a document after the one that it starts from.
func scenarios(t *testing.T) []*scenario.Scenario {
	t.Helper()
	var all []*scenario.Scenario
	for _, document := range documents(t) {
		s, err := scenario.Of(document)
		if err != nil {
			t.Error(err)
			continue
		}
		all = append(all, s)
	}
	depth := func(s *scenario.Scenario) int {
		n := 0
		for ; s != nil && s.Start != scenario.Nothing && n < len(all); n++ {
			s = byPath(all, s.Start)
		}
		return n
	}
	slices.SortStableFunc(all, func(a, b *scenario.Scenario) int { return cmp.Compare(depth(a), depth(b)) })
	return all
}

func byPath(all []*scenario.Scenario, path string) *scenario.Scenario {
	for _, s := range all {
		if s.Path == path {
			return s
		}
	}
	return nil
}

// Every block is run, or says why not and what runs it instead; every script is one.
func TestEveryCommandIsRun(t *testing.T) {
	all := scenarios(t)
	steps := 0
	for _, s := range all {
		if s.Start != "" && s.Start != scenario.Nothing && byPath(all, s.Start) == nil {
			t.Errorf("%s starts from %s, which is no document", s.Path, s.Start)
		}
		for _, step := range slices.Concat(s.Steps, s.Finally) {
			steps++
			if step.Kind == scenario.Run {
				wellFormed(t, s.Path, step)
			}
		}
		for _, omission := range s.NotRun {
			for _, by := range omission.CoveredBy {
				if !covers(t, by) {
					t.Errorf("%s:%d: it is said to be covered by %q, which is no file, no make target and no stage of .ci/run", s.Path, omission.Line, by)
				}
			}
		}
	}
	if steps < 100 {
		t.Errorf("the documents have only %d steps", steps)
	}
}

func wellFormed(t *testing.T, path string, step scenario.Step) {
	t.Helper()
	command := exec.Command("bash", "-n")
	command.Stdin = strings.NewReader(step.Text)
	if out, err := command.CombinedOutput(); err != nil {
		t.Errorf("%s:%d: this is no script: %s", path, step.Line, out)
	}
}

// covers tells whether there is such a file, make target or stage.
func covers(t *testing.T, by string) bool {
	t.Helper()
	if target, ok := strings.CutPrefix(by, "make "); ok {
		return slices.Contains(targets(t), target)
	}
	if stage, ok := strings.CutPrefix(by, "stage "); ok {
		return strings.Contains(read(t, ".ci/run"), `stage "`+stage+`"`)
	}
	_, err := os.Stat(filepath.Join(root, by))
	return err == nil
}

// targets are those of the Makefile.
func targets(t *testing.T) []string {
	t.Helper()
	var all []string
	for _, found := range regexp.MustCompile(`(?m)^([a-z][a-z0-9-]*):`).FindAllStringSubmatch(read(t, "Makefile"), -1) {
		all = append(all, found[1])
	}
	return all
}
