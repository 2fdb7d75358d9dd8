package state

import (
	"net/netip"
	"path/filepath"
	"reflect"
	"testing"
)

func TestPortsAreFreeAndNotTakenByOthers(t *testing.T) {
	uses := PortUses(Containers)
	free := func(port int) bool { return port%2 == 0 }
	taken := map[int]bool{firstPort: true, firstPort + 2: true}
	ports, err := ChoosePorts(uses, 0, taken, free)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[int]bool{}
	for _, use := range uses {
		port := ports[use]
		if port < firstPort || port > lastPort || port%2 != 0 || taken[port] || seen[port] {
			t.Errorf("%s is given the port %d", use, port)
		}
		seen[port] = true
	}
}

func TestPortsAreSearchedFromTheSeedAndAroundTheEnd(t *testing.T) {
	all := func(int) bool { return true }
	size := uint32(lastPort - firstPort + 1)
	ports, err := ChoosePorts([]string{"a", "b"}, size-1, nil, all)
	if err != nil {
		t.Fatal(err)
	}
	if want := map[string]int{"a": lastPort, "b": firstPort}; !reflect.DeepEqual(ports, want) {
		t.Errorf("got %v, want %v", ports, want)
	}
}

func TestTooFewPortsIsAnError(t *testing.T) {
	only := func(port int) bool { return port == firstPort }
	if _, err := ChoosePorts([]string{"a", "b"}, 7, nil, only); err == nil {
		t.Error("two ports were found where one is free")
	}
}

func TestNetworksAvoidWhatIsInUse(t *testing.T) {
	first, err := ChooseNetworks(nil)
	if err != nil {
		t.Fatal(err)
	}
	inUse := []netip.Prefix{first.Pods, netip.MustParsePrefix("10.192.0.0/11")}
	second, err := ChooseNetworks(inUse)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range inUse {
		if p.Overlaps(second.Pods) || p.Overlaps(second.Services) {
			t.Errorf("%s and %s overlap with %s", second.Pods, second.Services, p)
		}
	}
	if second.Pods.Overlaps(second.Services) || !second.Pods.Contains(second.Node) {
		t.Errorf("pods %s, services %s, node %s do not go together", second.Pods, second.Services, second.Node)
	}
	if _, err := ChooseNetworks([]netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}); err == nil {
		t.Error("a network was found in a range that is in use")
	}
}

func TestSimulatedAddressesBelongToNobody(t *testing.T) {
	n := SimulatedNetworks()
	if n.Pods.IsValid() || !n.Node.IsLoopback() || n.Services.Addr().IsPrivate() {
		t.Errorf("a simulated cluster uses %+v", n)
	}
}

func TestStateSurvivesACommand(t *testing.T) {
	path := filepath.Join(t.TempDir(), "demo", "state.json")
	if s, err := Load(path); s != nil || err != nil {
		t.Fatalf("a cluster that was never started has the state %v, %v", s, err)
	}
	want := &State{Mode: Simulated, Ports: map[string]int{"a": 1}, Address: "127.0.0.1", ServiceCIDR: "198.18.0.0/16"}
	if err := want.Save(path); err != nil {
		t.Fatal(err)
	}
	got, err := Load(path)
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("loaded %+v, %v; saved %+v", got, err, want)
	}
	dataDir := filepath.Dir(filepath.Dir(path))
	if len(Siblings(dataDir, path)) != 0 || len(Siblings(dataDir, "other")) != 1 {
		t.Error("siblings are the clusters beside oneself")
	}
}
