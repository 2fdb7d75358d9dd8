package layout

import (
	"strings"
	"testing"
)

func TestNamesThatCanBeUsed(t *testing.T) {
	for name, want := range map[string]bool{
		"demo": true, "a": true, "test-2": true, "bin": false, "": false, "Demo": false, "-x": false, "x-": false, "../x": false,
		"2x": false, strings.Repeat("a", 20): true, strings.Repeat("a", 21): false,
	} {
		if _, err := New("/data", name); (err == nil) != want {
			t.Errorf("New(%q) gives %v, want it accepted: %v", name, err, want)
		}
	}
}

func TestClustersOfOneNameInTwoPlacesDoNotShareNames(t *testing.T) {
	a, _ := New("/a", "demo")
	b, _ := New("/b", "demo")
	if a.ID() == b.ID() || a.CgroupRoot() == b.CgroupRoot() {
		t.Errorf("clusters in /a and /b share the names %s and %s", a.ID(), a.CgroupRoot())
	}
}

func TestSocketPathsThatTheKernelRefuses(t *testing.T) {
	short, _ := New("/data", "demo")
	long, _ := New("/"+strings.Repeat("d", 100), "demo")
	if err := short.CheckSocket(); err != nil {
		t.Errorf("a short path is refused: %v", err)
	}
	if err := long.CheckSocket(); err == nil || !strings.Contains(err.Error(), "--data-dir") {
		t.Errorf("a long path gives %v, want an error that names --data-dir", err)
	}
}
