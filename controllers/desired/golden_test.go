package desired_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/desired"
	"lienthong.gov.vn/connector-operator/test/levels"
)

// With -update, the golden files are written anew.
var update = flag.Bool("update", false, "write the golden files anew")

// inputs are those of a level of the regime in force.
func inputs(t *testing.T, level v1alpha1.SecurityLevel) desired.Inputs {
	t.Helper()
	return levels.Inputs(t, levels.Profile(t, "nd331-2026", level))
}

func TestObjectsOfEachLevel(t *testing.T) {
	for _, profile := range levels.Profiles(t) {
		t.Run(profile.Name, func(t *testing.T) {
			compare(t, profile.Name, render(t, levels.Inputs(t, profile)))
		})
	}
}

// TestObjectsOfAProfileThatAsksForEverything shows what no shipped profile asks for.
func TestObjectsOfAProfileThatAsksForEverything(t *testing.T) {
	compare(t, "everything", render(t, everything(t)))
}

func render(t *testing.T, in desired.Inputs) []byte {
	t.Helper()
	objects, err := desired.All(in)
	if err != nil {
		t.Fatal(err)
	}
	if len(objects) != desired.Children {
		t.Errorf("a Connector consists of %d objects, want %d", len(objects), desired.Children)
	}
	var got bytes.Buffer
	for _, object := range objects {
		document, err := yaml.Marshal(object)
		if err != nil {
			t.Fatal(err)
		}
		got.WriteString("---\n")
		got.Write(document)
	}
	return got.Bytes()
}

func compare(t *testing.T, name string, got []byte) {
	t.Helper()
	file := filepath.Join("testdata", name+".golden.yaml")
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s differs; if the change is meant, run go test ./controllers/desired -update (-want +got):\n%s", file, diff)
	}
}

// TestGoldenFilesAreAllInUse: a file that no test compares shows what is no longer so.
func TestGoldenFilesAreAllInUse(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("testdata", "*.golden.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if want := len(levels.Profiles(t)) + 1; len(files) != want {
		t.Errorf("testdata has %d golden files, and %d are compared; remove the others", len(files), want)
	}
}
