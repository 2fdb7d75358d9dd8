package image

import (
	"archive/tar"
	"errors"
	"io"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
)

func assemble(t *testing.T, entrypoint string) v1.Image {
	t.Helper()
	img, err := Assemble([]byte("program"), entrypoint)
	if err != nil {
		t.Fatal(err)
	}
	return img
}

func digest(t *testing.T, img v1.Image) v1.Hash {
	t.Helper()
	d, err := img.Digest()
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestTheSameProgramGivesTheSameDigest(t *testing.T) {
	if a, b := digest(t, assemble(t, "/x")), digest(t, assemble(t, "/x")); a != b {
		t.Errorf("%s and %s", a, b)
	}
	if a, b := digest(t, assemble(t, "/x")), digest(t, assemble(t, "/y")); a == b {
		t.Error("the entrypoint makes no difference")
	}
}

func TestWhatIsInAnImage(t *testing.T) {
	img := assemble(t, "/opt/bin/program")
	config, err := img.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	if config.Config.User != "65532:65532" || !slices.Equal(config.Config.Entrypoint, []string{"/opt/bin/program"}) ||
		config.Architecture != runtime.GOARCH || !config.Created.Equal(epoch) {
		t.Errorf("the configuration is %+v", config)
	}
	layers, _ := img.Layers()
	content, err := layers[0].Uncompressed()
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for r := tar.NewReader(content); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if h.Uid != 0 || !h.ModTime.Equal(epoch) {
			t.Errorf("%s belongs to %d and is of %s", h.Name, h.Uid, h.ModTime)
		}
		names = append(names, h.Name)
	}
	if want := []string{"etc/", "opt/", "opt/bin/", "etc/passwd", "opt/bin/program"}; !slices.Equal(names, want) {
		t.Errorf("the image holds %q, want %q", names, want)
	}
}

func TestEntrypointsThatAreRefused(t *testing.T) {
	for _, entrypoint := range []string{"", "/", "x", "/x/", "/../x"} {
		if _, err := Assemble(nil, entrypoint); err == nil {
			t.Errorf("the entrypoint %q is accepted", entrypoint)
		}
	}
}

func TestNames(t *testing.T) {
	d := v1.Hash{Algorithm: "sha256", Hex: strings.Repeat("a", 64)}
	for ref, want := range map[string][]string{
		"example.test/a/b:v1": {"example.test/a/b@" + d.String(), "example.test/a/b:v1", "example.test/a/b@" + d.String()},
		"localhost:5000/a:v1": {"localhost:5000/a@" + d.String(), "localhost:5000/a:v1", "localhost:5000/a@" + d.String()},
		"a:v1":                {"a@" + d.String(), "docker.io/library/a:v1", "docker.io/library/a@" + d.String()},
		"example.test/a":      {"example.test/a@" + d.String(), "example.test/a:latest", "example.test/a@" + d.String()},
		"Example/A:v1":        nil,
		"a:v1@" + d.String():  nil,
		"":                    nil,
	} {
		names, err := NamesOf(ref, d)
		if want == nil {
			if err == nil {
				t.Errorf("%q is accepted", ref)
			}
			continue
		}
		if got := append([]string{names.Pinned}, names.Full...); err != nil || !slices.Equal(got, want) {
			t.Errorf("%q gives %q, %v; want %q", ref, got, err, want)
		}
	}
}

func TestArchivesKeepTheDigest(t *testing.T) {
	img := assemble(t, "/x")
	oci, docker := filepath.Join(t.TempDir(), "oci.tar"), filepath.Join(t.TempDir(), "docker.tar")
	if err := WriteOCI(oci, img, []string{"example.test/a:v1", "example.test/a@" + digest(t, img).String()}); err != nil {
		t.Fatal(err)
	}
	again, cleanup, err := Open(oci)
	if err != nil {
		t.Fatal(err)
	}
	defer cleanup()
	if digest(t, again) != digest(t, img) {
		t.Error("an OCI archive changes the digest")
	}
	if err := tarball.WriteToFile(docker, name.MustParseReference("example.test/app:v1"), img); err != nil {
		t.Fatal(err)
	}
	if _, cleanup, err := Open(docker); err != nil {
		t.Errorf("a docker archive is not read: %v", err)
	} else {
		cleanup()
	}
}

func TestProgramsThatWouldNotStartAreRefused(t *testing.T) {
	if _, err := ReadStatic("image_test.go"); err == nil || !strings.Contains(err.Error(), "CGO_ENABLED=0") {
		t.Errorf("a source file gives %v", err)
	}
}
