package node

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// touched are the kernel settings that the cluster changes: forwarding between pods and the outside is switched on here, the
// others by the kubelet when it starts. A developer's machine should not keep, say, a panic on every kernel oops.
var touched = []string{
	"net/ipv4/ip_forward",
	"vm/overcommit_memory",
	"vm/panic_on_oom",
	"kernel/panic",
	"kernel/panic_on_oops",
	"kernel/keys/root_maxkeys",
	"kernel/keys/root_maxbytes",
}

const sysctlDir = "/proc/sys"

// readSysctls returns the values to put back later; a setting that this kernel lacks is left out.
func readSysctls() map[string]string {
	values := map[string]string{}
	for _, name := range touched {
		if raw, err := os.ReadFile(filepath.Join(sysctlDir, name)); err == nil {
			values[name] = strings.TrimSpace(string(raw))
		}
	}
	return values
}

// restoreSysctls puts values back.
func restoreSysctls(values map[string]string) error {
	var all []error
	current := readSysctls()
	for name, value := range values {
		if current[name] != value {
			all = append(all, setSysctl(name, value))
		}
	}
	return errors.Join(all...)
}

func setSysctl(name, value string) error {
	if err := os.WriteFile(filepath.Join(sysctlDir, name), []byte(value), 0o644); err != nil {
		return fmt.Errorf("set the kernel setting %s to %s: %w", strings.ReplaceAll(name, "/", "."), value, err)
	}
	return nil
}
