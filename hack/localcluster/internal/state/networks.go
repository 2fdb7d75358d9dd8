package state

import (
	"fmt"
	"net"
	"net/netip"
)

// simulatedServices is reserved for benchmarks (RFC 2544) and routed nowhere: a client that dials a cluster IP of a simulated
// cluster, behind which nothing listens, reaches nobody's network.
const simulatedServices = "198.18.0.0/16"

// Networks are the address ranges of a cluster.
type Networks struct {
	Pods     netip.Prefix
	Services netip.Prefix
	// Node is the first address of the pods' network: that of the bridge.
	Node netip.Addr
}

// SimulatedNetworks is the choice for a cluster in which no address is ever dialled.
func SimulatedNetworks() Networks {
	return Networks{Services: netip.MustParsePrefix(simulatedServices), Node: netip.AddrFrom4([4]byte{127, 0, 0, 1})}
}

// ChooseNetworks finds ranges for pods and services that overlap with nothing in use. Of each 10.x.0.0/16 that is free
// pods get the lower half and services the upper half.
func ChooseNetworks(inUse []netip.Prefix) (Networks, error) {
	for second := 200; second >= 100; second-- {
		base := netip.AddrFrom4([4]byte{10, byte(second), 0, 0})
		if overlaps(netip.PrefixFrom(base, 16), inUse) {
			continue
		}
		return Networks{
			Pods:     netip.PrefixFrom(base, 20),
			Services: netip.PrefixFrom(netip.AddrFrom4([4]byte{10, byte(second), 128, 0}), 20),
			Node:     base.Next(),
		}, nil
	}
	return Networks{}, fmt.Errorf("every network from 10.100.0.0/16 to 10.200.0.0/16 overlaps with one that this machine " +
		"uses already: free one of them, or use --pods=simulated")
}

func overlaps(p netip.Prefix, others []netip.Prefix) bool {
	for _, o := range others {
		if p.Overlaps(o) {
			return true
		}
	}
	return false
}

// FirstAddress is the address that Kubernetes gives to its own Service.
func FirstAddress(cidr string) (netip.Addr, error) {
	p, err := netip.ParsePrefix(cidr)
	if err != nil {
		return netip.Addr{}, fmt.Errorf("the network %q of the cluster is not readable: %w", cidr, err)
	}
	return p.Masked().Addr().Next(), nil
}

// InterfaceNetworks lists the networks that this machine has an address in.
func InterfaceNetworks() ([]netip.Prefix, error) {
	addrs, err := net.InterfaceAddrs()
	if err != nil {
		return nil, fmt.Errorf("list the addresses of this machine: %w", err)
	}
	var networks []netip.Prefix
	for _, a := range addrs {
		if p, err := netip.ParsePrefix(a.String()); err == nil && p.Addr().Is4() {
			networks = append(networks, p.Masked())
		}
	}
	return networks, nil
}
