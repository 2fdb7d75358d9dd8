package main

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// program tells what a build decided; its path would show where it was built.
const program = `package main

import (
	"crypto/fips140"
	"fmt"
)

var version = "dev"

func main() { fmt.Print(version, " ", fips140.Enabled(), " ", fips140.Version()) }
`

// source writes the program into a directory of its own, and goes there.
func source(t *testing.T) {
	t.Helper()
	directory := t.TempDir()
	for name, text := range map[string]string{"go.mod": "module example.test/program\n\ngo 1.26.0\n", "main.go": program} {
		if err := os.WriteFile(filepath.Join(directory, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(directory)
}

func TestSameSourceSameBytes(t *testing.T) {
	environments := []map[string]string{
		{},
		{"GOFLAGS": "-tags=netgo -ldflags=-w", "GOAMD64": "v3", "GOARM64": "v9.0", "GOEXPERIMENT": "nogreenteagc", "GOFIPS140": "latest", "CGO_ENABLED": "1"},
	}
	var digests []string
	for _, environment := range environments {
		source(t)
		for key, value := range environment {
			t.Setenv(key, value)
		}
		var out bytes.Buffer
		if err := run(t.Context(), []string{"-o", "program", "-version", "v1.2.3"}, &out); err != nil {
			t.Fatal(err)
		}
		digests = append(digests, out.String())
	}
	if digests[0] != digests[1] {
		t.Errorf("two builds of the same source gave %q and %q", digests[0], digests[1])
	}
}

func TestFIPSChoosesTheModule(t *testing.T) {
	tests := map[string]struct{ fips, want string }{
		"as the Go release is": {"off", "v1.2.3 false latest"},
		"certified":            {"certified", "v1.2.3 true v1.0.0"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			source(t)
			if err := build(t.Context(), options{out: "out/program", version: "v1.2.3", goos: runtime.GOOS, goarch: runtime.GOARCH, fips: test.fips}); err != nil {
				t.Fatal(err)
			}
			said, err := exec.CommandContext(context.Background(), "./out/program").Output()
			if err != nil {
				t.Fatal(err)
			}
			if !strings.HasPrefix(string(said), test.want) {
				t.Errorf("the program says %q, want %q", said, test.want)
			}
		})
	}
}

func TestRunSaysWhatIsWrong(t *testing.T) {
	source(t)
	tests := map[string]struct {
		args []string
		want string
	}{
		"version with a space":    {[]string{"-version", "v1 -X main.other=x"}, "is no version"},
		"no such module for FIPS": {[]string{"-fips", "v9.9.9"}, "the compiler's words are above"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if err := run(t.Context(), test.args, &bytes.Buffer{}); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("the error is %v; it should say %q", err, test.want)
			}
		})
	}
}
