package pki

import (
	"fmt"
	"os"
	"path/filepath"
)

const dataLink = "..data"

// WriteVolume makes dir hold exactly the files, swapping them in at one moment as the kubelet does: a new directory, the
// link ..data renamed onto it, and links for the single files.
func WriteVolume(dir string, files map[string][]byte) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("the volume %s cannot be made: %w", dir, err)
	}
	generation, err := os.MkdirTemp(dir, "..generation_")
	if err != nil {
		return fmt.Errorf("the volume %s takes no new generation: %w", dir, err)
	}
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(generation, name), content, 0o600); err != nil {
			return fmt.Errorf("the file %s cannot be written: %w", name, err)
		}
	}
	old, _ := os.Readlink(filepath.Join(dir, dataLink)) // none at the first write
	if err := swap(dir, filepath.Base(generation)); err != nil {
		return err
	}
	if err := linkFiles(dir, files); err != nil {
		return err
	}
	if old == "" {
		return nil
	}
	if err := os.RemoveAll(filepath.Join(dir, old)); err != nil {
		return fmt.Errorf("the old generation of %s cannot be removed: %w", dir, err)
	}
	return nil
}

// swap renames a new link over ..data, which is atomic.
func swap(dir, target string) error {
	temporary := filepath.Join(dir, dataLink+"_tmp")
	if err := os.Symlink(target, temporary); err != nil {
		return fmt.Errorf("the link to the new generation of %s cannot be made: %w", dir, err)
	}
	if err := os.Rename(temporary, filepath.Join(dir, dataLink)); err != nil {
		return fmt.Errorf("the new generation of %s cannot be swapped in: %w", dir, err)
	}
	return nil
}

func linkFiles(dir string, files map[string][]byte) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("the volume %s cannot be listed: %w", dir, err)
	}
	for _, entry := range entries {
		_, wanted := files[entry.Name()]
		if entry.Type()&os.ModeSymlink != 0 && entry.Name() != dataLink && !wanted {
			if err := os.Remove(filepath.Join(dir, entry.Name())); err != nil {
				return fmt.Errorf("the link %s cannot be removed: %w", entry.Name(), err)
			}
		}
	}
	for name := range files {
		err := os.Symlink(filepath.Join(dataLink, name), filepath.Join(dir, name))
		if err != nil && !os.IsExist(err) {
			return fmt.Errorf("the link %s cannot be made: %w", name, err)
		}
	}
	return nil
}
