package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const repository = "../.."

// TestExamplesAreCurrent also says that nothing else lies in the directory, such as the example of an agency that is gone.
func TestExamplesAreCurrent(t *testing.T) {
	fresh := t.TempDir()
	if err := generate(filepath.Join(repository, samples), fresh); err != nil {
		t.Fatal(err)
	}
	want, got := files(t, fresh), files(t, filepath.Join(repository, examples))
	if len(want) != 27 {
		t.Errorf("%d examples were written; the first roll-out has 27 agencies", len(want))
	}
	for name := range want {
		if got[name] != want[name] {
			t.Errorf("%s/%s differs from what is generated; run \"make manifests\" and commit the result", examples, name)
		}
	}
	for name := range got {
		if _, generated := want[name]; !generated {
			t.Errorf("%s/%s is no example of an agency of the samples; remove it", examples, name)
		}
	}
}

func files(t *testing.T, directory string) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(directory)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	for _, entry := range entries {
		text, err := os.ReadFile(filepath.Join(directory, entry.Name()))
		if err != nil {
			t.Fatal(err)
		}
		found[entry.Name()] = string(text)
	}
	return found
}

// TestNothingIsLost holds the layout against samples that say more than it has a place for.
func TestNothingIsLost(t *testing.T) {
	tests := map[string]struct {
		change func(a *agency)
		says   string
	}{
		"a further field of the Agency":    {func(a *agency) { a.Agency.Spec.OperatedBy = "another unit" }, "the Agency of the samples"},
		"another namespace":                {func(a *agency) { a.Agency.Spec.Namespaces = []string{"g14"} }, "the Agency of the samples"},
		"a further field of the Connector": {func(a *agency) { a.Connector.Spec.Site = "backup" }, "the Connector of the samples"},
		"another name":                     {func(a *agency) { a.Connector.Name = "main" }, "the Connector of the samples"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			agencies, err := read(filepath.Join(repository, samples))
			if err != nil {
				t.Fatal(err)
			}
			test.change(agencies["g12"])
			if _, err := agencies["g12"].values(); err == nil || !strings.Contains(err.Error(), test.says) {
				t.Errorf("the error is %v; it should say %q", err, test.says)
			}
		})
	}
}
