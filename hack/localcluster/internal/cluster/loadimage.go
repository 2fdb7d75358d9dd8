package cluster

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"lienthong.gov.vn/connector-operator/hack/localcluster/internal/config"
	"lienthong.gov.vn/connector-operator/hack/localcluster/internal/image"
	"lienthong.gov.vn/connector-operator/hack/localcluster/internal/node"
	"lienthong.gov.vn/connector-operator/hack/localcluster/internal/state"
)

// ImageSource is where an image comes from: a program or an archive.
type ImageSource struct {
	Binary     string
	Entrypoint string
	Archive    string
	// Ref is repository:tag.
	Ref string
}

// LoadImage gives the cluster an image and prints the reference by digest that pods should use. A simulated cluster pulls
// nothing, so that there the reference is all there is to do.
func (t *Tool) LoadImage(ctx context.Context, src ImageSource) error {
	s, err := state.Load(t.State())
	if err != nil {
		return err
	}
	if s == nil {
		return fmt.Errorf("%w: run `up --name %s` before loading an image into it", ErrDown, t.Name)
	}
	img, cleanup, err := src.open()
	if err != nil {
		return err
	}
	defer cleanup()
	digest, err := img.Digest()
	if err != nil {
		return fmt.Errorf("compute the digest of the image: %w", err)
	}
	names, err := image.NamesOf(src.Ref, digest)
	if err != nil {
		return err
	}
	if s.Mode == state.Containers {
		if err := t.importImage(ctx, img, names.Full); err != nil {
			return err
		}
	}
	fmt.Fprintln(t.Out, names.Pinned)
	return nil
}

func (src ImageSource) open() (v1.Image, func(), error) {
	if src.Archive != "" {
		return image.Open(src.Archive)
	}
	program, err := image.ReadStatic(src.Binary)
	if err != nil {
		return nil, nil, err
	}
	img, err := image.Assemble(program, src.Entrypoint)
	return img, func() {}, err
}

// importImage hands the image to containerd by way of a file in the directory of the cluster.
func (t *Tool) importImage(ctx context.Context, img v1.Image, names []string) error {
	dir, err := os.MkdirTemp(t.Dir, "image-")
	if err != nil {
		return fmt.Errorf("make a directory for the image: %w", err)
	}
	defer os.RemoveAll(dir)
	archive := filepath.Join(dir, "image.tar")
	if err := image.WriteOCI(archive, img, names); err != nil {
		return err
	}
	return node.ImportImages(ctx, t.Cluster, archive)
}

// loadPause gives containerd the image that holds the namespaces of each pod, unless it has it.
func (t *Tool) loadPause(ctx context.Context) error {
	program, err := image.ReadStatic(t.Pause())
	if err != nil {
		return err
	}
	img, err := image.Assemble(program, "/pause")
	if err != nil {
		return err
	}
	digest, err := img.Digest()
	if err != nil {
		return fmt.Errorf("compute the digest of the pause image: %w", err)
	}
	names, err := image.NamesOf(config.PauseImage, digest)
	if err != nil {
		return err
	}
	pinned := names.Full[len(names.Full)-1]
	if has, err := node.HasImage(ctx, t.Cluster, pinned); err != nil || has {
		return err
	}
	return t.importImage(ctx, img, names.Full)
}
