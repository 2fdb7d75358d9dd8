// Package image assembles container images from static binaries, without a container engine and without a base image. The same
// binary always gives the same digest: times are zero, owners and order fixed, so that a digest in a manifest stays true
// across machines with the same toolchain.
package image

import (
	"archive/tar"
	"bytes"
	"fmt"
	"io"
	"path"
	"runtime"
	"strings"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// user is who the program runs as: nobody that a machine knows, and a number, so that the kubelet can see it is not root.
const user = "65532:65532"

const passwd = "root:x:0:0:root:/:/sbin/nologin\nnonroot:x:65532:65532:nonroot:/:/sbin/nologin\n"

// epoch is the time of everything in an image.
var epoch = time.Unix(0, 0).UTC()

// Assemble makes an image that holds the program at the path entrypoint, a minimal /etc/passwd, and nothing else.
func Assemble(program []byte, entrypoint string) (v1.Image, error) {
	if !path.IsAbs(entrypoint) || path.Clean(entrypoint) != entrypoint || entrypoint == "/" {
		return nil, fmt.Errorf("the entrypoint %q is not an absolute path to a file, like /manager", entrypoint)
	}
	files, err := layerTar(program, entrypoint)
	if err != nil {
		return nil, err
	}
	layer, err := tarball.LayerFromOpener(func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(files)), nil },
		tarball.WithMediaType(types.OCILayer))
	if err != nil {
		return nil, fmt.Errorf("make the layer of the image: %w", err)
	}
	base := mutate.ConfigMediaType(mutate.MediaType(empty.Image, types.OCIManifestSchema1), types.OCIConfigJSON)
	history := v1.History{Created: v1.Time{Time: epoch}, CreatedBy: "localcluster"}
	img, err := mutate.Append(base, mutate.Addendum{Layer: layer, History: history})
	if err != nil {
		return nil, fmt.Errorf("put the layer into the image: %w", err)
	}
	config, err := img.ConfigFile()
	if err != nil {
		return nil, fmt.Errorf("read the configuration of the image: %w", err)
	}
	config = config.DeepCopy()
	config.OS, config.Architecture, config.Created = "linux", runtime.GOARCH, v1.Time{Time: epoch}
	config.Config = v1.Config{
		User:       user,
		Entrypoint: []string{entrypoint},
		Env:        []string{"PATH=/"},
		WorkingDir: "/",
	}
	img, err = mutate.ConfigFile(img, config)
	if err != nil {
		return nil, fmt.Errorf("write the configuration of the image: %w", err)
	}
	return img, nil
}

func layerTar(program []byte, entrypoint string) ([]byte, error) {
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	for _, dir := range parents("/etc/passwd", entrypoint) {
		if err := w.WriteHeader(&tar.Header{Typeflag: tar.TypeDir, Name: dir + "/", Mode: 0o755, ModTime: epoch}); err != nil {
			return nil, fmt.Errorf("write the directory %s of the image: %w", dir, err)
		}
	}
	for _, f := range []struct {
		name    string
		mode    int64
		content []byte
	}{{"etc/passwd", 0o644, []byte(passwd)}, {strings.TrimPrefix(entrypoint, "/"), 0o755, program}} {
		header := &tar.Header{Typeflag: tar.TypeReg, Name: f.name, Mode: f.mode, Size: int64(len(f.content)), ModTime: epoch}
		if err := w.WriteHeader(header); err != nil {
			return nil, fmt.Errorf("write the file %s of the image: %w", f.name, err)
		}
		if _, err := w.Write(f.content); err != nil {
			return nil, fmt.Errorf("write the file %s of the image: %w", f.name, err)
		}
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("end the layer of the image: %w", err)
	}
	return out.Bytes(), nil
}

// parents lists the directories above the given files, each once and before what it contains.
func parents(files ...string) []string {
	var dirs []string
	seen := map[string]bool{}
	for _, file := range files {
		var above string
		for part := range strings.SplitSeq(strings.Trim(path.Dir(file), "/"), "/") {
			if part == "" {
				continue
			}
			above = path.Join(above, part)
			if !seen[above] {
				dirs, seen[above] = append(dirs, above), true
			}
		}
	}
	return dirs
}
