package build

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// fingerprint sums up what the binaries are made from: the two module files, the sources of the two programs, and the way
// they are compiled. Everything else they contain is named by the module files.
func fingerprint(moduleDir string, recipe ...string) (string, error) {
	h := sha256.New()
	fmt.Fprintf(h, "%q\n", recipe)
	for _, root := range []string{"go.mod", "go.sum", "components", "pause"} {
		err := filepath.WalkDir(filepath.Join(moduleDir, root), func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || strings.HasSuffix(path, "_test.go") {
				return err
			}
			raw, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			rel, err := filepath.Rel(moduleDir, path)
			fmt.Fprintf(h, "%s %x\n", rel, sha256.Sum256(raw))
			return err
		})
		if err != nil {
			return "", fmt.Errorf("read the sources of the components: %w", err)
		}
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
