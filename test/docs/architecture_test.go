package docs

import (
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// place is a path of the project in a row of the map: its beginning is one of the folders of the root.
var place = regexp.MustCompile("`((?:api|charts|config|controllers|docs|gateway|hack|install|report|test|\\.ci)(?:/[A-Za-z0-9._-]+)*)`")

// Every package of the module is in the map of the architecture, by itself or by a folder that it lies in; and every place of the map exists.
func TestArchitectureMap(t *testing.T) {
	named := map[string]bool{}
	for _, found := range place.FindAllStringSubmatch(read(t, "docs/architecture.md"), -1) {
		named[found[1]] = true
		if _, err := os.Stat(filepath.Join(root, found[1])); err != nil {
			t.Errorf("docs/architecture.md names %s, which does not exist", found[1])
		}
	}
	for _, p := range packages(t) {
		if !covered(named, p) {
			t.Errorf("docs/architecture.md does not name the package %s; add it to a row", p)
		}
	}
}

// covered tells whether the package or a folder above it is named. Of the three halves of the binary each package counts by itself.
func covered(named map[string]bool, p string) bool {
	for dir := p; dir != "."; dir = path.Dir(dir) {
		if named[dir] {
			return true
		}
		switch path.Dir(dir) {
		case "controllers", "gateway", "report":
			return false
		}
	}
	return false
}

// packages are the folders with Go code of the root module.
func packages(t *testing.T) []string {
	t.Helper()
	seen, all := map[string]bool{}, []string{}
	err := fs.WalkDir(os.DirFS(root), ".", func(p string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			return skipped(p, entry.Name())
		}
		if dir := path.Dir(p); path.Ext(p) == ".go" && dir != "." && !seen[dir] {
			seen[dir] = true
			all = append(all, dir)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 80 {
		t.Fatalf("only %d packages were found", len(all))
	}
	return all
}

// skipped leaves out what is no package of the root module.
func skipped(p, name string) error {
	if p == "." {
		return nil
	}
	if _, err := os.Stat(filepath.Join(root, p, "go.mod")); err == nil || strings.HasPrefix(name, ".") || name == "testdata" || name == "node_modules" {
		return fs.SkipDir
	}
	return nil
}
