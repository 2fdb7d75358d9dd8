package node

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"syscall"
)

type mount struct {
	target string
	fsType string
}

// readMounts lists the mounts of this process in the order in which they were made.
func readMounts() ([]mount, error) {
	raw, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		return nil, fmt.Errorf("list the mounts: %w", err)
	}
	return parseMounts(string(raw)), nil
}

// parseMounts reads mountinfo: the mount point is the fifth field, the type is the first behind the dash.
func parseMounts(mountinfo string) []mount {
	var mounts []mount
	unescape := strings.NewReplacer(`\040`, " ", `\011`, "\t", `\012`, "\n", `\134`, `\`)
	for line := range strings.Lines(mountinfo) {
		before, after, found := strings.Cut(line, " - ")
		fields, kind := strings.Fields(before), strings.Fields(after)
		if found && len(fields) >= 5 && len(kind) >= 1 {
			mounts = append(mounts, mount{target: unescape.Replace(fields[4]), fsType: kind[0]})
		}
	}
	return mounts
}

// mountsBelow lists the mounts at or below a directory, the latest first, which is the order to unmount them in.
func mountsBelow(dir string) ([]string, error) {
	mounts, err := readMounts()
	if err != nil {
		return nil, err
	}
	var below []string
	for _, m := range mounts {
		if m.target == dir || strings.HasPrefix(m.target, dir+"/") {
			below = append(below, m.target)
		}
	}
	slices.Reverse(below)
	return below, nil
}

// unmountBelow removes all mounts at or below a directory. One that is in use is detached: its processes have been killed
// already and may only take a moment to end.
func unmountBelow(dir string) error {
	targets, err := mountsBelow(dir)
	if err != nil {
		return err
	}
	var all []error
	for _, target := range targets {
		if syscall.Unmount(target, 0) == nil {
			continue
		}
		if err := syscall.Unmount(target, syscall.MNT_DETACH); err != nil {
			all = append(all, fmt.Errorf("unmount %s: %w", target, err))
		}
	}
	return errors.Join(all...)
}
