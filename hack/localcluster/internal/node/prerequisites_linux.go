package node

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"

	"lienthong.gov.vn/connector-operator/hack/localcluster/internal/process"
)

// packageOf names the Debian package of each program that is needed.
var packageOf = []struct{ program, pkg string }{
	{"containerd", "containerd"},
	{"ctr", "containerd"},
	{"runc", "runc"},
	{"ip", "iproute2"},
	{"iptables", "iptables"},
	{"nft", "nftables"},
	{"mount", "mount"},
}

// Possible tells whether this machine can run containers, and if not why.
func Possible() (bool, string) {
	if os.Geteuid() != 0 {
		return false, "real containers need root"
	}
	if missing := missingPackages(); len(missing) > 0 && !installed("apt-get") {
		return false, "not installed, and there is no apt-get to install it: " + strings.Join(missing, ", ")
	}
	// It would lose the sockets of its device plugins to ours, whose place cannot be configured.
	if others := process.Find([]string{"kubelet", "k3s"}, ""); len(others) > 0 {
		return false, fmt.Sprintf("another kubelet runs on this machine (process %d)", others[0].PID)
	}
	return true, "root on Linux"
}

func installed(program string) bool { return LookPath(program) != program }

func missingPackages() []string {
	var missing []string
	seen := map[string]bool{}
	add := func(pkg string) {
		if !seen[pkg] {
			missing, seen[pkg] = append(missing, pkg), true
		}
	}
	for _, p := range packageOf {
		if !installed(p.program) {
			add(p.pkg)
		}
	}
	if CNIBinDir() == "" {
		add("containernetworking-plugins")
	}
	return missing
}

// installPackages installs what is missing. A containerd that the package starts as a service of the system is left
// alone: the cluster runs one of its own.
func installPackages(ctx context.Context, report Reporter) error {
	missing := missingPackages()
	if len(missing) == 0 {
		return nil
	}
	if !installed("apt-get") {
		return errors.New("install " + strings.Join(missing, ", ") + " with the package manager of this machine, or use --pods=simulated")
	}
	report("installing %s", strings.Join(missing, ", "))
	for _, args := range [][]string{{"update"}, append([]string{"install", "-y", "--no-install-recommends"}, missing...)} {
		cmd := exec.CommandContext(ctx, LookPath("apt-get"), args...)
		cmd.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("apt-get %s: %w\n%s", strings.Join(args, " "), err, out)
		}
	}
	if still := missingPackages(); len(still) > 0 {
		return fmt.Errorf("apt-get has installed %s, and yet programs of it are not found in %s", strings.Join(still, ", "),
			strings.Join(sbin, ":"))
	}
	return nil
}

// MayRaisePriority tells whether this process has CAP_SYS_RESOURCE, without which oom_score_adj cannot be lowered.
func MayRaisePriority() bool {
	raw, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return false
	}
	const capSysResource = 24
	_, after, _ := strings.Cut(string(raw), "CapEff:")
	var caps uint64
	if _, err := fmt.Sscanf(after, "%x", &caps); err != nil {
		return false
	}
	return caps&(1<<capSysResource) != 0
}
