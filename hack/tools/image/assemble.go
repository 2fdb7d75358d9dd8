package main

import (
	"archive/tar"
	"bytes"
	"debug/elf"
	"errors"
	"fmt"
	"io"
	"os"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/partial"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

const (
	entrypoint = "/connector-operator"
	user       = "65532:65532"
)

// result is what was assembled: an image, or an index of the images of several platforms; and what refers to it.
type result struct {
	// subject is either a v1.Image or a v1.ImageIndex.
	subject   partial.Describable
	referrers []v1.Image
}

// assemble makes the image of one program, or the index of several.
func assemble(programs binaries, a about) (*result, error) {
	switch len(programs) {
	case 0:
		return nil, errors.New("there is no program to make an image from; give -binary <file>")
	case 1:
		image, err := assembleOne(programs[0], a)
		return &result{subject: image}, err
	}
	index := mutate.IndexMediaType(empty.Index, types.OCIImageIndex)
	seen := map[string]bool{}
	for _, program := range programs {
		platform := v1.Platform{OS: program.goos, Architecture: program.goarch}
		if seen[platform.String()] {
			return nil, fmt.Errorf("there are two programs for %s", platform)
		}
		seen[platform.String()] = true
		image, err := assembleOne(program, a)
		if err != nil {
			return nil, err
		}
		index = mutate.AppendManifests(index, mutate.IndexAddendum{Add: image, Descriptor: v1.Descriptor{Platform: &platform}})
	}
	annotated, isIndex := mutate.Annotations(index, a.labels()).(v1.ImageIndex)
	if !isIndex {
		return nil, errors.New("an index with annotations is no index any more")
	}
	return &result{subject: annotated}, nil
}

// assembleOne makes the image of one program. Its layer has one entry without times and owners, so that only the program and the labels decide
// its digest.
func assembleOne(program binary, a about) (v1.Image, error) {
	content, err := os.ReadFile(program.path)
	if err != nil {
		return nil, fmt.Errorf("cannot read the program: %w; build it with \"make build\"", err)
	}
	if err := checkProgram(content, program.goarch); err != nil {
		return nil, fmt.Errorf("%s: %w", program.path, err)
	}
	layer, err := layerOf(content)
	if err != nil {
		return nil, err
	}
	base := mutate.ConfigMediaType(mutate.MediaType(empty.Image, types.OCIManifestSchema1), types.OCIConfigJSON)
	image, err := mutate.Append(base, mutate.Addendum{Layer: layer, History: v1.History{Created: v1.Time{Time: a.created}, CreatedBy: "hack/tools/image"}})
	if err != nil {
		return nil, fmt.Errorf("cannot add the layer: %w", err)
	}
	file, err := image.ConfigFile()
	if err != nil {
		return nil, fmt.Errorf("cannot read the image's configuration: %w", err)
	}
	file = file.DeepCopy()
	file.OS, file.Architecture, file.Created = program.goos, program.goarch, v1.Time{Time: a.created}
	file.Config = v1.Config{Entrypoint: []string{entrypoint}, User: user, WorkingDir: "/", Labels: a.labels()}
	image, err = mutate.ConfigFile(image, file)
	if err != nil {
		return nil, fmt.Errorf("cannot write the image's configuration: %w", err)
	}
	return image, nil
}

// checkProgram refuses what could not run in an image that holds nothing else, or not where the image says.
func checkProgram(content []byte, goarch string) error {
	machines := map[string]elf.Machine{"amd64": elf.EM_X86_64, "arm64": elf.EM_AARCH64}
	file, err := elf.NewFile(bytes.NewReader(content))
	if err != nil {
		return fmt.Errorf("it is no program for Linux: %w", err)
	}
	want, known := machines[goarch]
	switch {
	case !known:
		return fmt.Errorf("images are made for amd64 and arm64, not for %s", goarch)
	case file.Machine != want:
		return fmt.Errorf("it is a program for %s, and the image would say %s", file.Machine, goarch)
	}
	for _, segment := range file.Progs {
		if segment.Type == elf.PT_INTERP {
			return errors.New("it is not static; build it with CGO_ENABLED=0")
		}
	}
	return nil
}

func layerOf(program []byte) (v1.Layer, error) {
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
	return layer, nil
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
