// Package node prepares the machine for real containers and takes everything back: packages, kernel settings, the bridge,
// the cgroup, mounts, network namespaces, packet filter rules. It acts only in a cluster with --pods=containers, which
// needs root on Linux.
//
// Everything it makes bears a name derived from the cluster, so that it is found again without a record of it: `up` may be
// killed at any point, and `down` still cleans up.
package node

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"lienthong.gov.vn/connector-operator/hack/localcluster/internal/layout"
)

// Reporter tells the user what is going on.
type Reporter func(format string, args ...any)

// commandTimeout bounds a command of the system; none of them should take long, but for the installation of packages.
const commandTimeout = time.Minute

// sbin is where Debian keeps what is here for root; a user's PATH may lack it.
var sbin = []string{"/usr/local/sbin", "/usr/sbin", "/sbin", "/usr/local/bin", "/usr/bin", "/bin"}

// LookPath finds a program as the components will; if there is none it returns the bare name, so that what then fails
// names it.
func LookPath(program string) string {
	for _, dir := range sbin {
		path := filepath.Join(dir, program)
		if info, err := os.Stat(path); err == nil && info.Mode()&0o111 != 0 {
			return path
		}
	}
	return program
}

// CNIBinDir is where the CNI plugins are: Debian packages them in one place, most else puts them in the other.
func CNIBinDir() string {
	for _, dir := range []string{"/usr/lib/cni", "/opt/cni/bin"} {
		if _, err := os.Stat(filepath.Join(dir, "bridge")); err == nil {
			return dir
		}
	}
	return ""
}

// CNINetwork is the name under which the CNI library caches results.
func CNINetwork(l layout.Cluster) string { return "lienthong-" + l.Name + "-" + l.ID() }

// BridgeName fits into the 15 bytes of an interface name.
func BridgeName(l layout.Cluster) string { return "lt-" + l.ID() }

// Daemons are the programs whose processes have PID files.
func Daemons() []string { return []string{"components", "containerd"} }

// run executes a command of the system.
func run(ctx context.Context, program string, args ...string) error {
	_, err := output(ctx, program, args...)
	return err
}

func output(ctx context.Context, program string, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, commandTimeout)
	defer cancel()
	out, err := exec.CommandContext(ctx, LookPath(program), args...).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("run %s %s: %w: %s", program, strings.Join(args, " "), err, strings.TrimSpace(string(out)))
	}
	return string(out), nil
}

// ContainerdReady asks containerd for its version.
func ContainerdReady(ctx context.Context, l layout.Cluster) error {
	if _, err := os.Stat(l.ContainerdSocket()); err != nil {
		return fmt.Errorf("containerd has not made its socket yet: %w", err)
	}
	return run(ctx, "ctr", "--address", l.ContainerdSocket(), "version")
}

// HasImage tells whether containerd holds an image of exactly this name.
func HasImage(ctx context.Context, l layout.Cluster, name string) (bool, error) {
	out, err := output(ctx, "ctr", "--address", l.ContainerdSocket(), "--namespace", "k8s.io", "images", "list", "-q", "name=="+name)
	if err != nil {
		return false, fmt.Errorf("ask containerd for the image %s: %w", name, err)
	}
	return strings.TrimSpace(out) != "", nil
}

// ImportImages gives containerd the images in an OCI archive, under the names that its index gives them.
func ImportImages(ctx context.Context, l layout.Cluster, archive string) error {
	if err := run(ctx, "ctr", "--address", l.ContainerdSocket(), "--namespace", "k8s.io", "images", "import", archive); err != nil {
		return fmt.Errorf("import into containerd: %w", err)
	}
	return nil
}
