// Command image assembles a container image from one static binary, without a container engine: one layer with one file, run as a
// user without rights. The same binary gives the same digest.
//
//	image -binary dist/connector-operator -ref registry.example/connector-operator:v1 [-o image.tar] [-push]
//
// It writes an archive in the OCI layout, which containerd, skopeo and the local cluster read, or sends the image to its registry
// with the logins of ~/.docker/config.json. It prints the reference by digest, which is what a ConnectorClass takes.
package main

import (
	"archive/tar"
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

const (
	entrypoint = "/connector-operator"
	user       = "65532:65532"
	// nameAnnotation is where containerd's import finds the name that an image gets.
	nameAnnotation = "io.containerd.image.name"
)

// options of an image.
type options struct {
	binary, ref, out, goarch string
	push                     bool
}

func main() {
	var o options
	flag.StringVar(&o.binary, "binary", "dist/connector-operator", "static Linux `program` to make the image from")
	flag.StringVar(&o.ref, "ref", "", "what the image is called: `repository:tag`")
	flag.StringVar(&o.out, "o", "", "archive to write, in the OCI layout")
	flag.StringVar(&o.goarch, "arch", runtime.GOARCH, "architecture that the program is for")
	flag.BoolVar(&o.push, "push", false, "send the image to its registry")
	flag.Parse()
	if err := run(o, os.Stdout); err != nil {
		fmt.Fprintf(os.Stderr, "image: %v\n", err)
		os.Exit(1)
	}
}

func run(o options, out io.Writer) error {
	ref, err := name.NewTag(o.ref, name.WithDefaultTag("latest"))
	if err != nil {
		return fmt.Errorf("cannot name the image: %w; give -ref <repository>:<tag>", err)
	}
	image, err := assemble(o.binary, o.goarch)
	if err != nil {
		return err
	}
	digest, err := image.Digest()
	if err != nil {
		return fmt.Errorf("cannot compute the digest: %w", err)
	}
	if o.out != "" {
		if err := writeArchive(o.out, image, ref.Name()); err != nil {
			return err
		}
	}
	if o.push {
		if err := remote.Write(ref, image, remote.WithAuthFromKeychain(authn.DefaultKeychain)); err != nil {
			return fmt.Errorf("cannot send the image to %s: %w", ref.RegistryStr(), err)
		}
	}
	_, err = fmt.Fprintln(out, ref.Context().Digest(digest.String()))
	return err
}

// assemble makes the image. Its layer has one entry without times and owners, so that only the program decides its digest.
func assemble(binary, goarch string) (v1.Image, error) {
	program, err := os.ReadFile(binary)
	if err != nil {
		return nil, fmt.Errorf("cannot read the program: %w; build it with \"make build\"", err)
	}
	var content bytes.Buffer
	w := tar.NewWriter(&content)
	header := &tar.Header{Name: entrypoint[1:], Mode: 0o555, Size: int64(len(program)), Typeflag: tar.TypeReg}
	if err := writeEntry(w, header, program); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("cannot write the layer: %w", err)
	}
	layer, err := tarball.LayerFromOpener(func() (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader(content.Bytes())), nil
	}, tarball.WithMediaType(types.OCILayer))
	if err != nil {
		return nil, fmt.Errorf("cannot make the layer: %w", err)
	}
	base := mutate.ConfigMediaType(mutate.MediaType(empty.Image, types.OCIManifestSchema1), types.OCIConfigJSON)
	image, err := mutate.AppendLayers(base, layer)
	if err != nil {
		return nil, fmt.Errorf("cannot add the layer: %w", err)
	}
	file, err := image.ConfigFile()
	if err != nil {
		return nil, fmt.Errorf("cannot read the image's configuration: %w", err)
	}
	file = file.DeepCopy()
	file.OS, file.Architecture = "linux", goarch
	file.Config = v1.Config{Entrypoint: []string{entrypoint}, User: user, WorkingDir: "/"}
	image, err = mutate.ConfigFile(image, file)
	if err != nil {
		return nil, fmt.Errorf("cannot write the image's configuration: %w", err)
	}
	return image, nil
}

// writeArchive writes a tar of the OCI layout that holds the image under a name.
func writeArchive(path string, image v1.Image, reference string) (err error) {
	directory, err := os.MkdirTemp("", "image-")
	if err != nil {
		return fmt.Errorf("cannot make a directory for the archive: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(directory)) }()
	index, err := layout.Write(directory, empty.Index)
	if err != nil {
		return fmt.Errorf("cannot begin the archive: %w", err)
	}
	if err := index.AppendImage(image, layout.WithAnnotations(map[string]string{nameAnnotation: reference})); err != nil {
		return fmt.Errorf("cannot write the image: %w", err)
	}
	file, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("cannot write the archive: %w", err)
	}
	w := tar.NewWriter(file)
	return errors.Join(addFiles(w, directory), w.Close(), file.Close())
}

// addFiles adds every file below a directory, in the order of their names and without times and owners.
func addFiles(w *tar.Writer, directory string) error {
	return filepath.WalkDir(directory, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(directory, path)
		if err != nil {
			return err
		}
		header := &tar.Header{Name: filepath.ToSlash(relative), Mode: 0o444, Size: int64(len(content)), Typeflag: tar.TypeReg}
		return writeEntry(w, header, content)
	})
}

func writeEntry(w *tar.Writer, header *tar.Header, content []byte) error {
	if err := w.WriteHeader(header); err != nil {
		return fmt.Errorf("cannot write %s: %w", header.Name, err)
	}
	if _, err := w.Write(content); err != nil {
		return fmt.Errorf("cannot write %s: %w", header.Name, err)
	}
	return nil
}
