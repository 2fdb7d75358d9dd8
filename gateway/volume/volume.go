// Package volume reads the files of a mounted Secret or ConfigMap as one consistent set.
//
// The kubelet writes such a volume into a new directory and swaps the symbolic link ..data to it, so that files opened one
// after the other may come from two generations: a certificate with another's key. Read never mixes them. It is called at
// start and on every change, and keeps nothing between calls, so a restart is one more reading.
package volume

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

const (
	dataLink = "..data"
	attempts = 5
	maxBytes = 4 << 20 // a Secret or ConfigMap holds at most 1 MiB
)

// Read returns the content of the named files. A file that does not exist is absent from the result and is no error, since
// an optional Secret may come later; any other failure is.
func Read(dir string, names ...string) (map[string][]byte, error) {
	for range attempts {
		before, err := generation(dir)
		if err != nil {
			return nil, err
		}
		files, readErr := readAll(before, names)
		after, err := generation(dir)
		if err != nil {
			return nil, err
		}
		if before == after {
			return files, readErr
		}
	}
	return nil, fmt.Errorf("the directory %s changed %d times while it was read; it is read again at its next change", dir, attempts)
}

// generation is the directory that the files stand in now: the target of ..data, or dir itself where there is no such link.
func generation(dir string) (string, error) {
	target, err := os.Readlink(filepath.Join(dir, dataLink))
	if errors.Is(err, fs.ErrNotExist) {
		return dir, nil
	}
	if err != nil {
		return "", fmt.Errorf("the link %s cannot be read: %w", filepath.Join(dir, dataLink), err)
	}
	if !filepath.IsAbs(target) {
		target = filepath.Join(dir, target)
	}
	return target, nil
}

func readAll(dir string, names []string) (map[string][]byte, error) {
	files := make(map[string][]byte, len(names))
	for _, name := range names {
		content, err := readFile(filepath.Join(dir, name))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		files[name] = content
	}
	return files, nil
}

func readFile(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("the file %s cannot be opened: %w", path, err)
	}
	defer func() { _ = file.Close() }()
	content, err := io.ReadAll(io.LimitReader(file, maxBytes+1))
	if err != nil {
		return nil, fmt.Errorf("the file %s cannot be read: %w", path, err)
	}
	if len(content) > maxBytes {
		return nil, fmt.Errorf("the file %s has more than %d bytes; mount a smaller one", path, maxBytes)
	}
	return content, nil
}
