package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestSameProgramSameImage(t *testing.T) {
	directory := t.TempDir()
	program := filepath.Join(directory, "program")
	if err := os.WriteFile(program, []byte("program"), 0o700); err != nil {
		t.Fatal(err)
	}
	var references, archives [2]string
	for i := range 2 {
		var out bytes.Buffer
		archive := filepath.Join(directory, "image.tar")
		if err := run(options{binary: program, ref: "registry.example/op:v1", out: archive, goarch: "amd64"}, &out); err != nil {
			t.Fatal(err)
		}
		content, err := os.ReadFile(archive)
		if err != nil {
			t.Fatal(err)
		}
		references[i], archives[i] = out.String(), string(content)
	}
	if references[0] != references[1] || archives[0] != archives[1] {
		t.Error("the same program gave two images")
	}
	if !strings.HasPrefix(references[0], "registry.example/op@sha256:") {
		t.Errorf("the reference is %q; it should be by digest", references[0])
	}
}

func TestImageRunsAsNobody(t *testing.T) {
	program := filepath.Join(t.TempDir(), "program")
	if err := os.WriteFile(program, []byte("program"), 0o700); err != nil {
		t.Fatal(err)
	}
	image, err := assemble(program, "arm64")
	if err != nil {
		t.Fatal(err)
	}
	file, err := image.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	if file.Config.User != user || file.Architecture != "arm64" || file.OS != "linux" || len(file.RootFS.DiffIDs) != 1 {
		t.Errorf("the image is %+v", file)
	}
}

func TestRunSaysWhatIsWrong(t *testing.T) {
	tests := map[string]struct {
		options options
		want    string
	}{
		"no name":    {options{binary: "x"}, "-ref"},
		"no program": {options{binary: "/nowhere", ref: "registry.example/op:v1"}, "make build"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if err := run(test.options, &bytes.Buffer{}); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("the error is %v; it should say %q", err, test.want)
			}
		})
	}
}
