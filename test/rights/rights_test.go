package rights

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the table in docs/rights.md anew")

// The table in the document stands between these.
const (
	begin = "<!-- the table begins; go test ./test/rights -update writes it -->\n"
	end   = "\n<!-- the table ends -->"
)

// TestDocumentHasTheTable compares docs/rights.md with the matrix.
func TestDocumentHasTheTable(t *testing.T) {
	path := filepath.Join("..", "..", "docs", "rights.md")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, found := strings.Cut(string(text), begin)
	old, after, ended := strings.Cut(rest, end)
	if !found || !ended {
		t.Fatalf("%s has no place for the table, between %q and %q", path, begin, end)
	}
	if *update {
		if err := os.WriteFile(path, []byte(before+begin+Markdown()+end+after), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if old != Markdown() {
		t.Errorf("the table in %s is not the matrix any more; run go test ./test/rights -update", path)
	}
}

// TestMatrixIsConsistent finds rows that contradict or repeat each other, and rights that nobody asks about.
func TestMatrixIsConsistent(t *testing.T) {
	seen := map[string]bool{}
	known := map[string]bool{}
	for _, p := range Personas() {
		known[p.Name] = true
	}
	for _, r := range Matrix() {
		key := string(r.Place) + " " + r.Title()
		if seen[key] {
			t.Errorf("%s is there twice", key)
		}
		seen[key] = true
		for persona, verbs := range r.Allowed {
			if !known[persona] {
				t.Errorf("%s speaks of %s, who is no persona", key, persona)
			}
			for _, verb := range verbs {
				if !strings.Contains(" "+strings.Join(r.Asked(), " ")+" ", " "+verb+" ") {
					t.Errorf("%s allows %s to %s, which is not asked about", key, persona, verb)
				}
			}
		}
	}
}

func TestSummary(t *testing.T) {
	for want, verbs := range map[string][]string{
		Nothing: nil, "read": read(), "read, write": write(), "get, update, patch": {"get", "update", "patch"}, "read, create": readAnd("create"),
	} {
		if got := Summary(verbs); got != want {
			t.Errorf("%v is %q, want %q", verbs, got, want)
		}
	}
}
