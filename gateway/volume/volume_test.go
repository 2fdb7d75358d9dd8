package volume_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"lienthong.gov.vn/connector-operator/gateway/volume"
	"lienthong.gov.vn/connector-operator/test/pki"
)

// TestReadNeverMixesGenerations reads while the volume is swapped all the time: both files must always be of one generation.
func TestReadNeverMixesGenerations(t *testing.T) {
	dir := t.TempDir()
	write := func(n int) {
		content := []byte(fmt.Sprint(n))
		if err := pki.WriteVolume(dir, map[string][]byte{"a": content, "b": content}); err != nil {
			t.Error(err)
		}
	}
	write(0)
	var writer sync.WaitGroup
	stop := make(chan struct{})
	writer.Go(func() {
		for n := 1; ; n++ {
			select {
			case <-stop:
				return
			default:
				write(n)
			}
		}
	})
	read := 0
	for range 3000 {
		files, err := volume.Read(dir, "a", "b")
		if err != nil && strings.Contains(err.Error(), "changed 5 times") {
			continue // told, and read again at the next change
		}
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(files["a"], files["b"]) {
			t.Fatalf("the files are of the generations %q and %q", files["a"], files["b"])
		}
		read++
	}
	close(stop)
	writer.Wait()
	if read == 0 {
		t.Error("not one reading came about")
	}
}

func TestRead(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "plain"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	files, err := volume.Read(dir, "plain", "missing")
	if err != nil || string(files["plain"]) != "x" || len(files) != 1 {
		t.Errorf("a directory without links gives %q (%v)", files, err)
	}
	if err := os.Mkdir(filepath.Join(dir, "directory"), 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := volume.Read(dir, "directory"); err == nil {
		t.Error("a directory passes for a file")
	}
	if files, err := volume.Read(filepath.Join(dir, "nowhere"), "x"); err != nil || len(files) != 0 {
		t.Errorf("a directory that is not mounted gives %q (%v)", files, err)
	}
}
