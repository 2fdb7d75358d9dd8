package main

import (
	"archive/tar"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/remote"
)

// nameAnnotation is where containerd's import finds the name that an image gets.
const nameAnnotation = "io.containerd.image.name"

// send sends the image, and then what refers to it, to the registry.
func send(ref name.Tag, made *result) error {
	logins := remote.WithAuthFromKeychain(authn.DefaultKeychain)
	var err error
	switch subject := made.subject.(type) {
	case v1.ImageIndex:
		err = remote.WriteIndex(ref, subject, logins)
	case v1.Image:
		err = remote.Write(ref, subject, logins)
	}
	if err != nil {
		return err
	}
	for _, referrer := range made.referrers {
		digest, err := referrer.Digest()
		if err != nil {
			return fmt.Errorf("cannot compute a digest: %w", err)
		}
		if err := remote.Write(ref.Context().Digest(digest.String()), referrer, logins); err != nil {
			return fmt.Errorf("what is in the image: %w", err)
		}
	}
	return nil
}

// writeArchive writes a tar of the OCI layout that holds the image under a name, and what refers to it without one.
func writeArchive(path string, made *result, reference string) (err error) {
	directory, err := os.MkdirTemp("", "image-")
	if err != nil {
		return fmt.Errorf("cannot make a directory for the archive: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(directory)) }()
	index, err := layout.Write(directory, empty.Index)
	if err != nil {
		return fmt.Errorf("cannot begin the archive: %w", err)
	}
	named := layout.WithAnnotations(map[string]string{nameAnnotation: reference})
	switch subject := made.subject.(type) {
	case v1.ImageIndex:
		err = index.AppendIndex(subject, named)
	case v1.Image:
		err = index.AppendImage(subject, named)
	}
	for _, referrer := range made.referrers {
		err = errors.Join(err, index.AppendImage(referrer))
	}
	if err != nil {
		return fmt.Errorf("cannot write the image: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("cannot write the archive: %w", err)
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
