package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	cdx "github.com/CycloneDX/cyclonedx-go"
)

const epoch = "1735689600"

// self is the binary of this test, which consists of a few modules as the operator consists of many.
func self(t *testing.T) string {
	t.Helper()
	path, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// document runs the command on the test itself.
func document(t *testing.T) []byte {
	t.Helper()
	out := filepath.Join(t.TempDir(), "sbom.json")
	if err := run(t.Context(), "v1.2.3", out, epoch, []string{self(t), self(t)}); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestDocumentTellsEveryModuleAndItsLicence(t *testing.T) {
	text := document(t)
	var said cdx.BOM
	if err := json.Unmarshal(text, &said); err != nil {
		t.Fatal(err)
	}
	want, err := modules(self(t))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, component := range *said.Components {
		got = append(got, component.Name+"@"+component.Version)
		if len(identifiers(&component)) == 0 || component.PackageURL == "" {
			t.Errorf("%s has no licence or no address: %+v", component.Name, component)
		}
	}
	slices.Sort(got)
	if !slices.Equal(got, want) || len(got) < 3 {
		t.Errorf("the document tells of %v, and the binary consists of %v", got, want)
	}
	if said.Metadata.Component.Version != "v1.2.3" || said.Metadata.Timestamp != "2025-01-01T00:00:00Z" || !strings.HasPrefix(said.SerialNumber, "urn:uuid:") {
		t.Errorf("the document is %s of %+v", said.SerialNumber, said.Metadata)
	}
	if again := document(t); string(again) != string(text) {
		t.Error("the same binary gave two documents")
	}
}

func TestAModuleThatIsLeftOutIsFound(t *testing.T) {
	var said cdx.BOM
	if err := json.Unmarshal(document(t), &said); err != nil {
		t.Fatal(err)
	}
	fewer := (*said.Components)[1:]
	said.Components = &fewer
	if err := checkModules(&said, self(t)); err == nil || !strings.Contains(err.Error(), "the document tells of") {
		t.Errorf("the error is %v; it should say what is left out", err)
	}
}

func TestLicencesThatAskForMoreAreRefused(t *testing.T) {
	known, err := readLicences()
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		module, found string
		refused       bool
	}{
		"permissive":                           {"example.org/m", "MIT", false},
		"copyleft":                             {"example.org/m", "GPL-3.0-only", true},
		"copyleft over a network":              {"example.org/m", "AGPL-3.0-or-later", true},
		"none":                                 {"example.org/m", "", true},
		"put right":                            {"golang.org/x/net", "BSD-Source-Code", false},
		"put right for others only":            {"example.org/x/net", "BSD-Source-Code", true},
		"changed since it was put right":       {"golang.org/x/net", "GPL-2.0-only", true},
		"the beginning of a name, not a path":  {"golang.org/xyz", "BSD-Source-Code", true},
		"of the project, which nobody detects": {"lienthong.gov.vn/connector-operator", "", false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			component := cdx.Component{Name: test.module, Version: "v1.0.0"}
			if test.found != "" {
				component.Licenses = &cdx.Licenses{{License: &cdx.License{ID: test.found}}}
			}
			known.correct(&component)
			err := known.check(&cdx.BOM{Metadata: &cdx.Metadata{Component: &component}, Components: &[]cdx.Component{}})
			if refused := err != nil && strings.Contains(err.Error(), test.module); refused != test.refused {
				t.Errorf("%s under %q: %v", test.module, test.found, err)
			}
		})
	}
}

func TestRunSaysWhatIsWrong(t *testing.T) {
	text := filepath.Join(t.TempDir(), "text")
	if err := os.WriteFile(text, []byte("text"), 0o600); err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		epoch    string
		binaries []string
		want     string
	}{
		"no binary":   {"", nil, "make build"},
		"no program":  {"", []string{text}, "how " + text + " was built"},
		"wrong epoch": {"yesterday", []string{self(t)}, "SOURCE_DATE_EPOCH"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			err := run(t.Context(), "v1.2.3", filepath.Join(t.TempDir(), "out"), test.epoch, test.binaries)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("the error is %v; it should say %q", err, test.want)
			}
		})
	}
}
