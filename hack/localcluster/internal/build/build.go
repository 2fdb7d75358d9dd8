// Package build makes what a cluster consists of: the components binary, the pause program, and the manifests that are read
// from the cert-manager module. It runs at every `up`; if the sources are those of the last build it only compares a
// fingerprint. A build that is interrupted leaves the old binary in place, and Go keeps what it compiled so far.
package build

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"lienthong.gov.vn/connector-operator/hack/localcluster/internal/layout"
)

const (
	kubernetesModule = "k8s.io/kubernetes"
	componentsTag    = "components"
)

// Reporter tells the user what is going on.
type Reporter func(format string, args ...any)

// Ensure makes everything that is missing or out of date in the bin directory of the cluster.
func Ensure(ctx context.Context, moduleDir string, l layout.Cluster, report Reporter) error {
	if _, err := exec.LookPath("go"); err != nil {
		return fmt.Errorf("the components are built from source and `go` is not on the PATH: install Go and add it: %w", err)
	}
	recipe, err := recipe(ctx, moduleDir)
	if err != nil {
		return err
	}
	want, err := fingerprint(moduleDir, recipe...)
	if err != nil {
		return err
	}
	marker := filepath.Join(l.BinDir(), "fingerprint")
	if upToDate(l, marker, want) {
		return nil
	}
	// Without the marker nothing counts as built, so that an interrupted build is taken up again.
	if err := os.Remove(marker); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove the mark of the last build: %w", err)
	}
	if err := os.MkdirAll(l.Asset(""), 0o755); err != nil {
		return fmt.Errorf("make the directory for binaries: %w", err)
	}
	if err := certManagerAssets(ctx, moduleDir, l); err != nil {
		return err
	}
	if err := compile(ctx, moduleDir, l.Pause(), "./pause", recipe, report); err != nil {
		return err
	}
	if err := compile(ctx, moduleDir, l.Components(), "./components", recipe, report); err != nil {
		return err
	}
	if err := os.WriteFile(marker, []byte(want+"\n"), 0o644); err != nil {
		return fmt.Errorf("mark the build as complete: %w", err)
	}
	return nil
}

func upToDate(l layout.Cluster, marker, want string) bool {
	have, err := os.ReadFile(marker)
	if err != nil || strings.TrimSpace(string(have)) != want {
		return false
	}
	for _, path := range []string{l.Components(), l.Pause(), l.Asset(certManagerRBAC)} {
		if _, err := os.Stat(path); err != nil {
			return false
		}
	}
	return true
}

// recipe is the part of the go command that is the same for both programs. Symbols are left out for size; paths and the
// state of the repository, so that the result does not depend on where the sources lie, or on Git being willing to read a
// repository of another user.
func recipe(ctx context.Context, moduleDir string) ([]string, error) {
	version, err := moduleInfo(ctx, moduleDir, kubernetesModule, "{{.Version}}")
	if err != nil {
		return nil, err
	}
	major, minor, ok := majorMinor(version)
	if !ok {
		return nil, fmt.Errorf("%s/go.mod names version %q of %s, which is not a release like v1.2.3", moduleDir, version, kubernetesModule)
	}
	// Clients parse the version that the API server reports, and Go does not know it: released Kubernetes binaries get it
	// from their Makefile in the same way.
	const base = "-X k8s.io/component-base/version."
	ldflags := []string{"-s", "-w", base + "gitVersion=" + version, base + "gitMajor=" + major, base + "gitMinor=" + minor,
		base + "gitTreeState=clean", base + "gitCommit=module"}
	return []string{"build", "-tags", componentsTag, "-trimpath", "-buildvcs=false", "-ldflags", strings.Join(ldflags, " ")}, nil
}

func majorMinor(version string) (major, minor string, ok bool) {
	parts := strings.Split(strings.TrimPrefix(version, "v"), ".")
	if len(parts) != 3 || !strings.HasPrefix(version, "v") {
		return "", "", false
	}
	return parts[0], parts[1], true
}

// moduleInfo asks Go about a module that the components are built from, and downloads it if need be.
func moduleInfo(ctx context.Context, moduleDir, module, format string) (string, error) {
	cmd := exec.CommandContext(ctx, "go", "list", "-mod=readonly", "-m", "-f", format, module)
	cmd.Dir, cmd.Env = moduleDir, environment()
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("ask Go about the module %s: %w\n%s", module, err, stderr.String())
	}
	return strings.TrimSpace(string(out)), nil
}

// environment keeps a workspace of the user's from changing what the components are built from.
func environment() []string { return append(os.Environ(), "GOWORK=off") }
