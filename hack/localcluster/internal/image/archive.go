package image

import (
	"archive/tar"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
)

// containerdName is the annotation under which containerd's import finds the name that an image gets.
const containerdName = "io.containerd.image.name"

// WriteOCI writes an archive from which containerd takes the image under each of the names. It is an OCI layout, not a docker
// archive: on import of the latter containerd writes a manifest of its own, with a digest that nobody can know before.
func WriteOCI(path string, img v1.Image, names []string) error {
	dir, err := os.MkdirTemp(filepath.Dir(path), "oci-")
	if err != nil {
		return fmt.Errorf("make a directory for the image: %w", err)
	}
	defer os.RemoveAll(dir)
	index, err := layout.Write(dir, empty.Index)
	if err != nil {
		return fmt.Errorf("begin the image layout: %w", err)
	}
	for _, name := range names {
		if err := index.AppendImage(img, layout.WithAnnotations(map[string]string{containerdName: name})); err != nil {
			return fmt.Errorf("write the image %s: %w", name, err)
		}
	}
	out, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("write the image archive: %w", err)
	}
	defer out.Close()
	w := tar.NewWriter(out)
	if err := errors.Join(w.AddFS(os.DirFS(dir)), w.Close(), out.Close()); err != nil {
		return fmt.Errorf("write the image archive %s: %w", path, err)
	}
	return nil
}

// Open reads an image from an OCI or docker archive that holds one image for this machine. The returned function removes
// what was unpacked, after which the image can no longer be read.
func Open(path string) (img v1.Image, cleanup func(), err error) {
	oci, err := hasEntry(path, "oci-layout")
	if err != nil {
		return nil, nil, err
	}
	if !oci {
		img, err := tarball.ImageFromPath(path, nil)
		if err != nil {
			return nil, nil, fmt.Errorf("%s is neither an OCI archive nor a docker archive of one image: %w", path, err)
		}
		return img, func() {}, nil
	}
	dir, err := os.MkdirTemp("", "localcluster-image-")
	if err != nil {
		return nil, nil, fmt.Errorf("make a directory to unpack the image: %w", err)
	}
	cleanup = func() { os.RemoveAll(dir) }
	if img, err = openLayout(path, dir); err != nil {
		cleanup()
		return nil, nil, err
	}
	return img, cleanup, nil
}

func openLayout(path, dir string) (v1.Image, error) {
	if err := unpack(path, dir); err != nil {
		return nil, err
	}
	index, err := layout.ImageIndexFromPath(dir)
	if err != nil {
		return nil, fmt.Errorf("read the OCI archive %s: %w", path, err)
	}
	img, err := pick(index)
	if err != nil {
		return nil, fmt.Errorf("read the OCI archive %s: %w", path, err)
	}
	return img, nil
}

// pick finds the image for this machine, also inside of a nested index, as `docker buildx` writes it.
func pick(index v1.ImageIndex) (v1.Image, error) {
	manifest, err := index.IndexManifest()
	if err != nil {
		return nil, err
	}
	for _, d := range manifest.Manifests {
		switch {
		case d.MediaType.IsIndex():
			nested, err := index.ImageIndex(d.Digest)
			if err != nil {
				return nil, err
			}
			if img, err := pick(nested); err == nil {
				return img, nil
			}
		case d.MediaType.IsImage() && (d.Platform == nil || d.Platform.Architecture == runtime.GOARCH):
			return index.Image(d.Digest)
		}
	}
	return nil, fmt.Errorf("it holds no image for %s", runtime.GOARCH)
}

func hasEntry(path, name string) (bool, error) {
	found := false
	err := eachEntry(path, func(h *tar.Header, _ io.Reader) error {
		found = found || strings.TrimPrefix(h.Name, "./") == name
		return nil
	})
	return found, err
}

func unpack(path, dir string) error {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return fmt.Errorf("open the directory to unpack the image: %w", err)
	}
	defer root.Close()
	return eachEntry(path, func(h *tar.Header, content io.Reader) error {
		if h.Typeflag != tar.TypeReg {
			return nil
		}
		if err := root.MkdirAll(filepath.Dir(h.Name), 0o700); err != nil {
			return err
		}
		file, err := root.Create(h.Name)
		if err != nil {
			return err
		}
		_, err = io.Copy(file, content)
		return errors.Join(err, file.Close())
	})
}

func eachEntry(path string, do func(*tar.Header, io.Reader) error) error {
	file, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("open the image archive: %w", err)
	}
	defer file.Close()
	r := tar.NewReader(file)
	for {
		header, err := r.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil {
			err = do(header, r)
		}
		if err != nil {
			return fmt.Errorf("read the image archive %s: %w", path, err)
		}
	}
}
