package main

import (
	"bytes"
	"io"
	"log"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/remote"
)

// program builds the smallest static program for a platform.
func program(t *testing.T, goarch string, flags ...string) string {
	t.Helper()
	directory := t.TempDir()
	source := filepath.Join(directory, "main.go")
	if err := os.WriteFile(source, []byte("package main\n\nfunc main() {}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(directory, "program")
	args := append([]string{"build", "-trimpath", "-ldflags=-s -w -buildid=", "-o", out}, flags...)
	command := exec.CommandContext(t.Context(), "go", append(args, source)...)
	command.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH="+goarch)
	if said, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	return out
}

func sbom(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "sbom.json")
	if err := os.WriteFile(path, []byte(`{"bomFormat":"CycloneDX"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// both are the programs of an index.
func both(t *testing.T) binaries {
	t.Helper()
	return binaries{{"linux", "amd64", program(t, "amd64")}, {"linux", "arm64", program(t, "arm64")}}
}

func release() about {
	return about{version: "v1.2.3", revision: "abc", created: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}
}

func TestSameProgramSameImage(t *testing.T) {
	tests := map[string]options{
		"one platform":  {binaries: binaries{{"linux", runtime.GOARCH, program(t, runtime.GOARCH)}}},
		"two platforms": {binaries: both(t), about: release(), sbom: sbom(t)},
	}
	for name, o := range tests {
		t.Run(name, func(t *testing.T) {
			var references, archives [2]string
			for i := range 2 {
				var out bytes.Buffer
				o.ref, o.out = "registry.example/op:v1", filepath.Join(t.TempDir(), "image.tar")
				if err := run(o, &out); err != nil {
					t.Fatal(err)
				}
				content, err := os.ReadFile(o.out)
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
		})
	}
}

func TestImageRunsAsNobodyAndSaysWhatItIs(t *testing.T) {
	a := release()
	a.title = "op"
	made, err := assemble(binaries{{"linux", "arm64", program(t, "arm64")}}, a)
	if err != nil {
		t.Fatal(err)
	}
	image, isImage := made.subject.(v1.Image)
	if !isImage {
		t.Fatalf("one program made a %T", made.subject)
	}
	file, err := image.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	if file.Config.User != user || file.Architecture != "arm64" || file.OS != "linux" || len(file.RootFS.DiffIDs) != 1 || !file.Created.Equal(a.created) {
		t.Errorf("the image is %+v", file)
	}
	for label, want := range map[string]string{
		"title": "op", "version": "v1.2.3", "revision": "abc", "licenses": "Apache-2.0", "created": "2026-01-02T03:04:05Z",
	} {
		if got := file.Config.Labels[prefix+label]; got != want {
			t.Errorf("the label %s is %q, want %q", label, got, want)
		}
	}
}

func TestRegistryGetsEveryPlatformAndTheSBOM(t *testing.T) {
	server := httptest.NewServer(registry.New(registry.WithReferrersSupport(true), registry.Logger(log.New(io.Discard, "", 0))))
	defer server.Close()
	reference := strings.TrimPrefix(server.URL, "http://") + "/platform/op:v1"
	var out bytes.Buffer
	if err := run(options{binaries: both(t), about: release(), sbom: sbom(t), ref: reference, push: true}, &out); err != nil {
		t.Fatal(err)
	}
	digest, err := name.NewDigest(strings.TrimSpace(out.String()))
	if err != nil {
		t.Fatal(err)
	}
	index, err := remote.Index(digest)
	if err != nil {
		t.Fatal(err)
	}
	manifest, err := index.IndexManifest()
	if err != nil {
		t.Fatal(err)
	}
	var platforms []string
	for _, image := range manifest.Manifests {
		platforms = append(platforms, image.Platform.String())
	}
	if got := strings.Join(platforms, " "); got != "linux/amd64 linux/arm64" {
		t.Errorf("the registry has images for %q", got)
	}
	if got := manifest.Annotations[prefix+"version"]; got != "v1.2.3" {
		t.Errorf("the index says the version %q", got)
	}
	referrers, err := remote.Referrers(digest)
	if err != nil {
		t.Fatal(err)
	}
	listed, err := referrers.IndexManifest()
	if err != nil {
		t.Fatal(err)
	}
	if len(listed.Manifests) != 1 {
		t.Fatalf("the image's referrers are %+v; want one", listed.Manifests)
	}
	referrer, err := remote.Image(digest.Context().Digest(listed.Manifests[0].Digest.String()))
	if err != nil {
		t.Fatal(err)
	}
	if said, err := referrer.Manifest(); err != nil || said.ArtifactType != cycloneDX {
		t.Errorf("the image's referrer is %+v (%v); want the type %s", said, err, cycloneDX)
	}
}

func TestArchiveHoldsTheIndexUnderItsNameAndTheSBOM(t *testing.T) {
	archive := filepath.Join(t.TempDir(), "image.tar")
	if err := run(options{binaries: both(t), about: release(), sbom: sbom(t), ref: "registry.example/op:v1", out: archive}, &bytes.Buffer{}); err != nil {
		t.Fatal(err)
	}
	directory := t.TempDir()
	if said, err := exec.CommandContext(t.Context(), "tar", "-xf", archive, "-C", directory).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	index, err := layout.ImageIndexFromPath(directory)
	if err != nil {
		t.Fatal(err)
	}
	manifest, err := index.IndexManifest()
	if err != nil {
		t.Fatal(err)
	}
	if len(manifest.Manifests) != 2 || manifest.Manifests[0].Annotations[nameAnnotation] != "registry.example/op:v1" ||
		!manifest.Manifests[0].MediaType.IsIndex() || manifest.Manifests[1].ArtifactType != cycloneDX {
		t.Errorf("the archive holds %+v", manifest.Manifests)
	}
}

// TestDockerfileSaysTheSame compares with the Dockerfile, from which an engine makes the image.
func TestDockerfileSaysTheSame(t *testing.T) {
	text, err := os.ReadFile("../../../Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	theirs := map[string]string{}
	for _, label := range regexp.MustCompile(`(org\.opencontainers\.image\.\w+)="([^"]*)"`).FindAllStringSubmatch(string(text), -1) {
		theirs[label[1]] = label[2]
	}
	a := release()
	a.title, a.description = "connector-operator", theirs[prefix+"description"]
	ours := a.labels()
	for label := range ours {
		if _, there := theirs[label]; !there {
			t.Errorf("the Dockerfile lacks the label %s", label)
		}
	}
	for label, said := range theirs {
		if !strings.HasPrefix(said, "${") && ours[label] != said {
			t.Errorf("the Dockerfile says %s=%q, and make image %q", label, said, ours[label])
		}
	}
	makefile, err := os.ReadFile("../../../Makefile")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(makefile), a.description) || a.description == "" {
		t.Errorf("the Makefile describes the image otherwise than the Dockerfile, which says %q", a.description)
	}
	for _, line := range []string{"USER " + user, `ENTRYPOINT ["` + entrypoint + `"]`} {
		if !strings.Contains(string(text), line+"\n") {
			t.Errorf("the Dockerfile lacks %s", line)
		}
	}
}

func TestRunSaysWhatIsWrong(t *testing.T) {
	text := sbom(t)
	amd64 := program(t, "amd64")
	tests := map[string]struct {
		options options
		want    string
	}{
		"no name":            {options{binaries: binaries{{"linux", "amd64", amd64}}}, "-ref"},
		"nothing to run":     {options{ref: "registry.example/op:v1"}, "-binary"},
		"no program":         {options{binaries: binaries{{"linux", "amd64", "/nowhere"}}, ref: "registry.example/op:v1"}, "make build"},
		"no program at all":  {options{binaries: binaries{{"linux", "amd64", text}}, ref: "registry.example/op:v1"}, "no program for Linux"},
		"other machine":      {options{binaries: binaries{{"linux", "arm64", amd64}}, ref: "registry.example/op:v1"}, "EM_X86_64"},
		"needs a loader":     {options{binaries: binaries{{"linux", "amd64", program(t, "amd64", "-buildmode=pie")}}, ref: "registry.example/op:v1"}, "not static"},
		"unknown machine":    {options{binaries: binaries{{"linux", "mips", amd64}}, ref: "registry.example/op:v1"}, "amd64 and arm64"},
		"one platform twice": {options{binaries: binaries{{"linux", "amd64", amd64}, {"linux", "amd64", amd64}}, ref: "registry.example/op:v1"}, "two programs for linux/amd64"},
		"no SBOM":            {options{binaries: binaries{{"linux", "amd64", amd64}}, ref: "registry.example/op:v1", sbom: amd64}, "not CycloneDX"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if err := run(test.options, &bytes.Buffer{}); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("the error is %v; it should say %q", err, test.want)
			}
		})
	}
}

func TestParse(t *testing.T) {
	o, err := parse([]string{"-binary", "a", "-binary", "linux/arm64=b"}, "86400")
	if err != nil {
		t.Fatal(err)
	}
	if len(o.binaries) != 2 || o.binaries[0].goarch != runtime.GOARCH || o.binaries[1] != (binary{"linux", "arm64", "b"}) {
		t.Errorf("the programs are %+v", o.binaries)
	}
	if want := time.Date(1970, 1, 2, 0, 0, 0, 0, time.UTC); !o.about.created.Equal(want) {
		t.Errorf("the image is of %s, want %s", o.about.created, want)
	}
	if _, err := parse(nil, "yesterday"); err == nil || !strings.Contains(err.Error(), "SOURCE_DATE_EPOCH") {
		t.Errorf("the error is %v; it should name SOURCE_DATE_EPOCH", err)
	}
}
