package node

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"lienthong.gov.vn/connector-operator/hack/localcluster/internal/layout"
)

// hierarchies lists where cgroups are mounted: one place with version 2, one for each controller with version 1.
func hierarchies() ([]string, error) {
	mounts, err := readMounts()
	if err != nil {
		return nil, err
	}
	var found []string
	for _, m := range mounts {
		if m.fsType == "cgroup" || m.fsType == "cgroup2" {
			found = append(found, m.target)
		}
	}
	if len(found) == 0 {
		return nil, errors.New("no cgroup file system is mounted, and containers need one: mount it, or use --pods=simulated")
	}
	return found, nil
}

// ensureCgroups makes the cgroup under which the kubelet keeps those of the pods. The kubelet requires it to exist.
func ensureCgroups(l layout.Cluster) error {
	roots, err := hierarchies()
	if err != nil {
		return err
	}
	for _, root := range roots {
		enableControllers(root)
		dir := filepath.Join(root, l.CgroupRoot())
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return fmt.Errorf("make the cgroup for pods: %w", err)
		}
		if err := inheritCPUs(root, dir); err != nil {
			return err
		}
	}
	return nil
}

// enableControllers hands the controllers of a hierarchy of version 2 down to the cgroups below its root, which the kubelet
// requires of its own. Each by itself, because the kernel refuses them all if it refuses one; what is missing then is for
// the kubelet to say.
func enableControllers(root string) {
	available, err := os.ReadFile(filepath.Join(root, "cgroup.controllers"))
	if err != nil {
		return // version 1
	}
	for _, controller := range strings.Fields(string(available)) {
		_ = os.WriteFile(filepath.Join(root, "cgroup.subtree_control"), []byte("+"+controller), 0o644)
	}
}

// inheritCPUs copies what a cpuset of version 1 must have before a process may enter it.
func inheritCPUs(root, dir string) error {
	for _, file := range []string{"cpuset.cpus", "cpuset.mems"} {
		have, err := os.ReadFile(filepath.Join(dir, file))
		if err != nil || strings.TrimSpace(string(have)) != "" {
			continue // no cpuset of version 1, or done already
		}
		parent, err := os.ReadFile(filepath.Join(root, file))
		if err != nil {
			continue // version 2: the root has no such file, and children inherit
		}
		if err := os.WriteFile(filepath.Join(dir, file), parent, 0o644); err != nil {
			return fmt.Errorf("give the cgroup for pods its processors: %w", err)
		}
	}
	return nil
}

// ourCgroups lists the cgroups of the cluster, each before its parent.
func ourCgroups(l layout.Cluster) []string {
	roots, _ := hierarchies()
	var dirs []string
	for _, root := range roots {
		_ = filepath.WalkDir(filepath.Join(root, l.CgroupRoot()), func(path string, entry fs.DirEntry, err error) error {
			if err == nil && entry.IsDir() {
				dirs = append(dirs, path)
			}
			return nil // what vanishes while we look is what we want
		})
	}
	slices.Reverse(dirs)
	return dirs
}

// cgroupTimeout is how long the kernel may take to end the processes of a cgroup.
const cgroupTimeout = 10 * time.Second

// removeCgroups kills every process in the cgroups of the cluster, and removes them. This reaches the containers' processes
// whether or not containerd still runs.
func removeCgroups(l layout.Cluster) error {
	deadline := time.Now().Add(cgroupTimeout)
	for {
		dirs := ourCgroups(l)
		if len(dirs) == 0 {
			return nil
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("the cgroup %s cannot be removed: see which processes are in its cgroup.procs", dirs[len(dirs)-1])
		}
		for _, dir := range dirs {
			killAll(dir)
			_ = syscall.Rmdir(dir) // fails as long as a process is ending; tried again below
		}
		if len(ourCgroups(l)) > 0 {
			time.Sleep(50 * time.Millisecond)
		}
	}
}

func killAll(cgroup string) {
	raw, err := os.ReadFile(filepath.Join(cgroup, "cgroup.procs"))
	if err != nil {
		return
	}
	for _, field := range strings.Fields(string(raw)) {
		if pid, err := strconv.Atoi(field); err == nil && pid > 1 {
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
	}
}
