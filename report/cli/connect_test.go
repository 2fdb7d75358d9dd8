package cli

import (
	"io"
	"path/filepath"
	"strings"
	"testing"

	testingclock "k8s.io/utils/clock/testing"
)

// A KUBECONFIG that names a file which is not there is told so, and not that nobody named one.
func TestConnectNamesTheMissingFile(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "kubeconfig")
	t.Setenv("KUBECONFIG", missing)
	for _, language := range []string{"en", "vi"} {
		var stderr strings.Builder
		code := Run(t.Context(), Call{
			Program: "kubectl lienthong", Args: []string{"status", "--language=" + language}, Stdin: strings.NewReader(""), Stdout: io.Discard,
			Stderr: &stderr, Version: "test", Getenv: func(string) string { return "" }, Clock: testingclock.NewFakeClock(now), Connect: Connect,
		})
		if code != codeFailure || !strings.Contains(stderr.String(), missing) {
			t.Errorf("exit code %d, want %d, and the file named in: %s", code, codeFailure, stderr.String())
		}
	}
}
