package cluster

import (
	"fmt"
	"hash/fnv"
	"net/netip"

	"lienthong.gov.vn/connector-operator/hack/localcluster/internal/node"
	"lienthong.gov.vn/connector-operator/hack/localcluster/internal/state"
)

// loadOrChoose returns what an earlier `up` chose, or chooses now; the caller writes it down.
func (t *Tool) loadOrChoose(wanted state.Mode) (*state.State, error) {
	s, err := state.Load(t.State())
	if err != nil {
		return nil, err
	}
	if s != nil {
		if wanted != "" && wanted != s.Mode {
			return nil, fmt.Errorf("the cluster %q was made with --pods=%s and cannot change to --pods=%s: run `down --name %s` first, "+
				"or choose another --name", t.Name, s.Mode, wanted, t.Name)
		}
		return s, nil
	}
	mode, why := chooseMode(wanted)
	t.report("pods are %s (%s)", mode, why)
	return t.choose(mode)
}

// chooseMode prefers real containers where the user leaves it open.
func chooseMode(wanted state.Mode) (mode state.Mode, why string) {
	if wanted != "" {
		return wanted, "as --pods says"
	}
	possible, why := node.Possible()
	if !possible {
		return state.Simulated, why
	}
	if owner := node.CurrentOwner(); owner != nil {
		return state.Simulated, fmt.Sprintf("the cluster %q already runs real containers on this machine", owner.Name)
	}
	return state.Containers, why
}

// choose takes ports and networks that nothing on this machine and no other cluster uses.
func (t *Tool) choose(mode state.Mode) (*state.State, error) {
	taken := map[int]bool{}
	inUse, err := state.InterfaceNetworks()
	if err != nil {
		return nil, err
	}
	for _, other := range state.Siblings(t.DataDir, t.State()) {
		for _, port := range other.Ports {
			taken[port] = true
		}
		for _, cidr := range []string{other.PodCIDR, other.ServiceCIDR} {
			if p, err := netip.ParsePrefix(cidr); err == nil {
				inUse = append(inUse, p)
			}
		}
	}
	seed := fnv.New32a()
	seed.Write([]byte(t.Dir))
	ports, err := state.ChoosePorts(state.PortUses(mode), seed.Sum32(), taken, state.PortFree)
	if err != nil {
		return nil, err
	}
	networks := state.SimulatedNetworks()
	s := &state.State{Mode: mode, Ports: ports}
	if mode == state.Containers {
		if networks, err = state.ChooseNetworks(inUse); err != nil {
			return nil, err
		}
		s.PodCIDR, s.Bridge = networks.Pods.String(), node.BridgeName(t.Cluster)
	}
	s.Address, s.ServiceCIDR = networks.Node.String(), networks.Services.String()
	return s, nil
}
