package node

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"

	"lienthong.gov.vn/connector-operator/hack/localcluster/internal/layout"
	"lienthong.gov.vn/connector-operator/hack/localcluster/internal/state"
)

// Prepare makes the machine ready for the components of a cluster with real containers. Every step looks first whether it
// is done, so that it may be repeated.
func Prepare(ctx context.Context, l layout.Cluster, s *state.State) error {
	if err := setSysctl("net/ipv4/ip_forward", "1"); err != nil {
		return err
	}
	if err := ensureBridge(ctx, s); err != nil {
		return err
	}
	if err := ensureRules(ctx, l, s); err != nil {
		return err
	}
	if err := ensureMasquerade(ctx, l, s); err != nil {
		return err
	}
	return ensureCgroups(l)
}

// Install makes sure that the programs are there which containers need.
func Install(ctx context.Context, report Reporter) error { return installPackages(ctx, report) }

// Carriers are the programs that hold containers and outlive containerd; their processes name the cluster's directory.
func Carriers() []string { return []string{"containerd-shim-runc-v2", "runc"} }

// Cleanup takes back all that Prepare and the components have made. It is called after the processes of the cluster, the
// shims among them, were killed; s is nil if the state is lost. It removes what it can and returns what it could not.
func Cleanup(ctx context.Context, l layout.Cluster, s *state.State) error {
	sole := isSole(l, s)
	steps := []func() error{
		func() error { return removeCgroups(l) },
		func() error { return removeShimSockets(l) },
		func() error { return unmountBelow(l.Dir) },
		func() error { return removeBridge(ctx, BridgeName(l)) },
		func() error { return removeRules(ctx, l) },
		func() error { return removeTables(ctx, l, sole) },
		func() error { return removeLeftFiles(l, sole) },
	}
	if owner := readMarker(); owner != nil && owner.Dir == l.Dir {
		steps = append(steps, func() error { return restoreSysctls(owner.Sysctls) }, releaseMarker)
	}
	// One that fails must not keep the others from being tried.
	var all []error
	for _, step := range steps {
		all = append(all, step())
	}
	return errors.Join(all...)
}

// isSole tells whether this is the cluster with real containers of the machine, so that what bears the same name in
// all such clusters is of this one.
func isSole(l layout.Cluster, s *state.State) bool {
	if owner := CurrentOwner(); owner != nil {
		return owner.Dir == l.Dir
	}
	return s != nil && s.Mode == state.Containers
}

// releaseMarker lets another cluster have real containers.
func releaseMarker() error { return removeFile(markerFile) }

// Places that containerd, the kubelet and the CNI library write to and that cannot be configured.
const (
	shimSocketDir   = "/run/containerd/s"
	containerLogDir = "/var/log/containers"
	cniCacheDir     = "/var/lib/cni"
	devicePluginDir = "/var/lib/kubelet/device-plugins"
)

// removeShimSockets reads from each container's bundle where its shim listened.
func removeShimSockets(l layout.Cluster) error {
	var all []error
	bundles, _ := filepath.Glob(filepath.Join(l.Data("containerd"), "state", "io.containerd.runtime.v2.task", "*", "*", "address"))
	for _, path := range bundles {
		raw, err := os.ReadFile(path)
		if err != nil {
			continue
		}
		socket := strings.TrimPrefix(strings.TrimSpace(string(raw)), "unix://")
		if filepath.Dir(socket) == shimSocketDir {
			all = append(all, removeFile(socket))
		}
	}
	removeEmpty(shimSocketDir, filepath.Dir(shimSocketDir))
	return errors.Join(all...)
}

// leftFiles lists what the cluster has put outside of its directory.
func leftFiles(l layout.Cluster) []string {
	var left []string
	links, _ := filepath.Glob(filepath.Join(containerLogDir, "*.log"))
	for _, link := range links {
		if target, err := os.Readlink(link); err == nil && strings.HasPrefix(target, l.Dir+"/") {
			left = append(left, link)
		}
	}
	return append(left, cachedResults(l)...)
}

// cachedResults lists what the CNI library remembers of the pods that still ran. The name of our network tells which pods
// are ours; the loopback network has the same name everywhere.
func cachedResults(l layout.Cluster) []string {
	prefix := CNINetwork(l) + "-"
	results, _ := filepath.Glob(filepath.Join(cniCacheDir, "*", prefix+"*"))
	var all []string
	for _, path := range results {
		sandbox, _, _ := strings.Cut(strings.TrimPrefix(filepath.Base(path), prefix), "-")
		loopback, _ := filepath.Glob(filepath.Join(filepath.Dir(path), "cni-loopback-"+sandbox+"-*"))
		all = append(append(all, path), loopback...)
	}
	return all
}

func removeLeftFiles(l layout.Cluster, sole bool) error {
	left := leftFiles(l)
	if sole {
		left = append(left, filepath.Join(devicePluginDir, "kubelet.sock"), filepath.Join(devicePluginDir, "kubelet_internal_checkpoint"))
	}
	var all []error
	for _, path := range left {
		all = append(all, removeFile(path))
	}
	removeEmpty(containerLogDir, devicePluginDir, filepath.Dir(devicePluginDir), filepath.Join(cniCacheDir, "results"), cniCacheDir)
	return errors.Join(all...)
}

func removeFile(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove what the cluster left outside of its directory: %w", err)
	}
	return nil
}

// removeEmpty removes directories that nothing is in; the kernel refuses to remove others.
func removeEmpty(dirs ...string) {
	for _, dir := range dirs {
		_ = os.Remove(dir)
	}
}

// Leftovers names everything on the machine, beside processes and the directory of the cluster, that belongs to it.
func Leftovers(ctx context.Context, l layout.Cluster) []string {
	var left []string
	if _, err := net.InterfaceByName(BridgeName(l)); err == nil {
		left = append(left, "bridge "+BridgeName(l))
	}
	mounts, _ := mountsBelow(l.Dir)
	for _, m := range mounts {
		left = append(left, "mount "+m)
	}
	for _, dir := range ourCgroups(l) {
		if strings.HasSuffix(dir, l.CgroupRoot()) { // those below need not be named
			left = append(left, "cgroup "+dir)
		}
	}
	for _, path := range leftFiles(l) {
		left = append(left, "file "+path)
	}
	if os.Geteuid() == 0 {
		for _, rule := range ourRules(ctx, l) {
			left = append(left, "iptables "+strings.TrimSpace(rule))
		}
		for _, table := range existingTables(ctx, ownTable(l)) {
			left = append(left, "nftables "+table)
		}
	}
	return append(left, leftMarker(l)...)
}

func leftMarker(l layout.Cluster) []string {
	if owner := readMarker(); owner != nil && owner.Dir == l.Dir {
		return []string{"file " + markerFile}
	}
	return nil
}
