package node

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"

	"lienthong.gov.vn/connector-operator/hack/localcluster/internal/layout"
	"lienthong.gov.vn/connector-operator/hack/localcluster/internal/state"
)

// ensureBridge makes the bridge that all pods are plugged into. Its address is that of the node: the API server, the
// kubelet and the DNS server listen on it, so that they are reached by pods and by this machine and by nobody else.
func ensureBridge(ctx context.Context, s *state.State) error {
	prefix, err := netip.ParsePrefix(s.PodCIDR)
	if err != nil {
		return fmt.Errorf("the pod network %q of the cluster is not readable: %w", s.PodCIDR, err)
	}
	if _, err := net.InterfaceByName(s.Bridge); err != nil {
		if err := run(ctx, "ip", "link", "add", s.Bridge, "type", "bridge"); err != nil {
			return fmt.Errorf("make the bridge for pods: %w", err)
		}
	}
	if err := run(ctx, "ip", "address", "replace", fmt.Sprintf("%s/%d", s.Address, prefix.Bits()), "dev", s.Bridge); err != nil {
		return fmt.Errorf("give the bridge its address: %w", err)
	}
	if err := run(ctx, "ip", "link", "set", s.Bridge, "up"); err != nil {
		return fmt.Errorf("switch the bridge on: %w", err)
	}
	return filterBridged(ctx, s.Bridge)
}

// filterBridged makes packets between two pods pass the packet filter although they do not leave the bridge. Without it
// the answer to a request that went through a Service would come from an address that the client never asked.
func filterBridged(ctx context.Context, bridge string) error {
	setting := filepath.Join("/sys/class/net", bridge, "bridge", "nf_call_iptables")
	if err := os.WriteFile(setting, []byte("1"), 0o644); err == nil {
		return nil
	}
	// The setting belongs to a kernel module that is not loaded yet.
	if err := run(ctx, "modprobe", "br_netfilter"); err != nil {
		return fmt.Errorf("load the kernel module for filtering on bridges: %w", err)
	}
	if err := os.WriteFile(setting, []byte("1"), 0o644); err != nil {
		return fmt.Errorf("switch on filtering on the bridge: %w", err)
	}
	return nil
}

// forwardRules let packets of pods through where the machine forbids forwarding, as it does once Docker is installed. The
// comment is how they are found again.
func forwardRules(l layout.Cluster, s *state.State) [][]string {
	comment := []string{"-m", "comment", "--comment", CNINetwork(l), "-j", "ACCEPT"}
	return [][]string{
		append([]string{"FORWARD", "-i", s.Bridge}, comment...),
		append([]string{"FORWARD", "-o", s.Bridge}, comment...),
	}
}

// ensureRules adds the rules unless iptables has none at all: then nothing is forbidden, and to add some would leave
// tables behind that cannot be told from the user's.
func ensureRules(ctx context.Context, l layout.Cluster, s *state.State) error {
	existing, err := output(ctx, "iptables", "-w", "-S", "FORWARD")
	if err != nil {
		return fmt.Errorf("look at the rules for forwarding: %w", err)
	}
	if strings.TrimSpace(existing) == "-P FORWARD ACCEPT" {
		return nil
	}
	for _, rule := range forwardRules(l, s) {
		if run(ctx, "iptables", append([]string{"-w", "-C"}, rule...)...) == nil {
			continue
		}
		if err := run(ctx, "iptables", append([]string{"-w", "-I"}, rule...)...); err != nil {
			return fmt.Errorf("let packets of pods through: %w", err)
		}
	}
	return nil
}

// removeRules deletes every rule with our comment, whatever else it says: it may be of a state that is lost.
func removeRules(ctx context.Context, l layout.Cluster) error {
	var all []error
	for _, line := range ourRules(ctx, l) {
		args := strings.Fields(strings.ReplaceAll(line, `"`, ""))
		args[0] = "-D"
		all = append(all, run(ctx, "iptables", append([]string{"-w"}, args...)...))
	}
	return errors.Join(all...)
}

func ourRules(ctx context.Context, l layout.Cluster) []string {
	out, err := output(ctx, "iptables", "-w", "-S", "FORWARD")
	if err != nil {
		return nil // no iptables, no rules
	}
	var ours []string
	for line := range strings.Lines(out) {
		if strings.HasPrefix(line, "-A ") && strings.Contains(line, CNINetwork(l)) {
			ours = append(ours, line)
		}
	}
	return ours
}

// ownTable gives packets of pods to the outside the address of this machine, to which alone answers come.
func ownTable(l layout.Cluster) string { return "ip " + CNINetwork(l) }

func ensureMasquerade(ctx context.Context, l layout.Cluster, s *state.State) error {
	if len(existingTables(ctx, ownTable(l))) > 0 {
		return nil
	}
	table := fmt.Sprintf(`table %s { chain postrouting { type nat hook postrouting priority srcnat; `+
		`ip saddr %s oifname != "%s" masquerade; }; }`, ownTable(l), s.PodCIDR, s.Bridge)
	if err := run(ctx, "nft", table); err != nil {
		return fmt.Errorf("let pods reach the outside: %w", err)
	}
	return nil
}

// proxyTables are what kube-proxy's nftables mode makes; it has no other trace.
var proxyTables = []string{"ip kube-proxy", "ip6 kube-proxy"}

// removeTables deletes the table of this cluster and, if it is the only one with real containers, those of kube-proxy.
func removeTables(ctx context.Context, l layout.Cluster, sole bool) error {
	tables := []string{ownTable(l)}
	if sole {
		tables = append(tables, proxyTables...)
	}
	var all []error
	for _, table := range existingTables(ctx, tables...) {
		all = append(all, run(ctx, "nft", "delete table "+table))
	}
	return errors.Join(all...)
}

func existingTables(ctx context.Context, tables ...string) []string {
	var existing []string
	for _, table := range tables {
		if run(ctx, "nft", "list table "+table) == nil {
			existing = append(existing, table)
		}
	}
	return existing
}

// removeBridge also deletes the ends of pods' cables that are still plugged in.
func removeBridge(ctx context.Context, bridge string) error {
	ports, _ := filepath.Glob(filepath.Join("/sys/class/net", bridge, "brif", "*"))
	var all []error
	for _, port := range ports {
		all = append(all, deleteLink(ctx, filepath.Base(port)))
	}
	return errors.Join(append(all, deleteLink(ctx, bridge))...)
}

// deleteLink does not mind a link that has gone meanwhile: the kernel removes a cable when its other end's namespace ends.
func deleteLink(ctx context.Context, name string) error {
	if _, err := net.InterfaceByName(name); err != nil {
		return nil
	}
	err := run(ctx, "ip", "link", "delete", name)
	if _, gone := net.InterfaceByName(name); gone != nil {
		return nil
	}
	return err
}
