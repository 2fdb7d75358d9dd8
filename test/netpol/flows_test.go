// Package netpol evaluates the network policies of gateways, flow by flow: between a gateway and everybody who might be at the other end,
// in both directions, at every port that matters. What is let through has to be what is meant, and nothing else.
//
// It runs in tests only, without a cluster: the policies are the operator's own, and the rules are those of Kubernetes as the analyser
// cyclonus knows them. Two things are beyond policies and not in the tables: the kubelet's probes come from the pod's own node, which network
// plugins let through, and what a network plugin does not implement, it does not hold back.
package netpol

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"pgregory.net/rapid"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/desired"
	"lienthong.gov.vn/connector-operator/test/levels"
)

// scenario is a way in which hub and backend are declared.
type scenario struct {
	name    string
	prepare func(*desired.Inputs)
	// intended are the flows that are meant, beside those of every scenario.
	intended []string
	// portsOnly is true where a level that controls outgoing connections is refused.
	portsOnly bool
}

func scenarios() []scenario {
	hubInside := []string{"hub -> gateway TCP 8443", "gateway -> hub TCP 8443"}
	backendInside := []string{"backend -> gateway TCP 8080", "gateway -> backend TCP 8080"}
	return []scenario{
		{name: "hub and backend in the cluster", prepare: func(*desired.Inputs) {}, intended: slices.Concat(hubInside, backendInside)},
		{
			name: "with a log collector", prepare: withCollector,
			intended: slices.Concat(hubInside, backendInside, []string{"gateway -> log collector TCP 6514"}),
		},
		{
			name: "hub and backend outside of the cluster",
			prepare: func(in *desired.Inputs) {
				in.Hub.Spec.NetworkPeers = blocks("198.51.100.0/24")
				in.Hub.Spec.Endpoints[1].URL = "https://truc.lienthong.gov.vn"
				in.Connector.Spec.Backend = v1alpha1.ConnectorBackend{URL: "http://qlvb.mof.gov.vn:8000", CIDRs: []string{"10.12.0.0/24"}}
			},
			intended: []string{
				"hub outside -> gateway TCP 8443", "gateway -> hub outside TCP 8443", "gateway -> hub outside TCP 443",
				"backend outside -> gateway TCP 8080", "gateway -> backend outside TCP 8000",
			},
		},
		{
			name: "hub not declared", portsOnly: true,
			prepare:  func(in *desired.Inputs) { in.Hub.Spec.NetworkPeers = nil },
			intended: slices.Concat(backendInside, anybody("TCP 8443")),
		},
	}
}

func withCollector(in *desired.Inputs) {
	in.Profile.Spec.Logging.Destination = v1alpha1.LogToCollector
	in.Hub.Spec.LogCollector = &v1alpha1.LogCollector{Address: "log.lienthong.gov.vn:6514", NetworkPeers: blocks("192.0.2.14/32")}
}

func blocks(cidrs ...string) []networkingv1.NetworkPolicyPeer {
	var peers []networkingv1.NetworkPolicyPeer
	for _, cidr := range cidrs {
		peers = append(peers, networkingv1.NetworkPolicyPeer{IPBlock: &networkingv1.IPBlock{CIDR: cidr}})
	}
	return peers
}

// anybody is what a hub that does not say where it is opens.
func anybody(port string) []string {
	var result []string
	for _, a := range actors() {
		result = append(result, a.name+" -> gateway "+port, "gateway -> "+a.name+" "+port)
	}
	return result
}

// meant are the flows that are intended under a profile, sorted.
func (s scenario) meant(profile *v1alpha1.SecurityProfile) []string {
	result := slices.Concat(s.intended, []string{"operator -> gateway TCP 8444", "monitoring -> gateway TCP 8081"})
	for _, a := range actors() {
		// Where outgoing connections are controlled, names are resolved by the cluster's name servers alone.
		resolves := strings.HasPrefix(a.name, "name server") || profile.Spec.Network.Egress == v1alpha1.EgressPorts
		// Gateways of the connector and of the neighbour are asked no names: their own policies let nobody in at that port.
		if resolves && a.name != "another gateway of the connector" && a.name != "the neighbour's gateway" {
			result = append(result, words("gateway", a.name, corev1.ProtocolTCP, 53), words("gateway", a.name, corev1.ProtocolUDP, 53))
		}
	}
	slices.Sort(result)
	return slices.Compact(result)
}

func TestFlowsOfEachLevel(t *testing.T) {
	for _, s := range scenarios() {
		t.Run(s.name, func(t *testing.T) {
			table := newTable(s)
			for _, profile := range levels.Profiles(t) {
				in := levels.Inputs(t, profile)
				s.prepare(&in)
				if s.portsOnly && profile.Spec.Network.Egress == v1alpha1.EgressControlled {
					if _, err := desired.NetworkPolicy(in); err == nil {
						t.Errorf("%s: a policy is built that would let everything through", profile.Name)
					}
					continue
				}
				got := allowed(policiesOf(t, in))
				table.add(profile, got)
				if diff := cmp.Diff(s.meant(profile), got); diff != "" {
					t.Errorf("%s: other flows than those that are meant are let through (-meant +allowed):\n%s", profile.Name, diff)
				}
			}
			t.Log("\n" + table.String())
		})
	}
}

// TestNodeServicesAreOutOfReach: whatever networks a tenant or the platform declares, no gateway reaches the metadata of its node's cloud.
func TestNodeServicesAreOutOfReach(t *testing.T) {
	profiles := levels.Profiles(t)
	base := make([]desired.Inputs, 0, len(profiles))
	for _, profile := range profiles {
		base = append(base, levels.Inputs(t, profile))
	}
	rapid.Check(t, func(t *rapid.T) {
		in := base[rapid.IntRange(0, len(base)-1).Draw(t, "profile")]
		in.Connector, in.Hub = in.Connector.DeepCopy(), in.Hub.DeepCopy()
		network := rapid.Custom(func(t *rapid.T) string {
			address := rapid.SampledFrom([]string{
				"169.254.169.254", "169.254.0.0", "168.0.0.0", "10.12.0.0", "fd00:ec2::254", "fd00:ec2::", "fe80::1", "2001:db8::",
			})
			return fmt.Sprintf("%s/%d", address.Draw(t, "address"), rapid.IntRange(0, 32).Draw(t, "bits"))
		})
		in.Hub.Spec.NetworkPeers = blocks(rapid.SliceOfN(network, 1, 3).Draw(t, "hub")...)
		in.Connector.Spec.Backend.CIDRs = rapid.SliceOfN(network, 0, 3).Draw(t, "backend")
		policy, err := desired.NetworkPolicy(in)
		if err != nil {
			return // refused, so that there is no gateway
		}
		for _, flow := range allowed([]*networkingv1.NetworkPolicy{policy}) {
			to, ok := strings.CutPrefix(flow, "gateway -> ")
			// Names may be asked of anybody where outgoing connections are not controlled.
			resolves := in.Profile.Spec.Network.Egress == v1alpha1.EgressPorts && strings.HasSuffix(flow, " 53")
			if ok && (strings.HasPrefix(to, "cloud metadata") || strings.HasPrefix(to, "link-local")) && !resolves {
				t.Fatalf("hub %v and backend %v open %q", in.Hub.Spec.NetworkPeers, in.Connector.Spec.Backend.CIDRs, flow)
			}
		}
	})
}

// table shows at which levels the intended flows are let through, and those that a reader looks for among the others.
type table struct {
	name    string
	flows   []string
	columns []string
	allowed map[string][]string
}

func newTable(s scenario) *table {
	flows := slices.Concat(hostile(), s.intended, []string{
		"operator -> gateway TCP 8444", "monitoring -> gateway TCP 8081", "gateway -> name server UDP 53", "gateway -> name server TCP 53",
		"gateway -> name server elsewhere UDP 53",
	})
	slices.Sort(flows)
	return &table{name: s.name, flows: slices.Compact(flows), allowed: map[string][]string{}}
}

func (t *table) add(profile *v1alpha1.SecurityProfile, flows []string) {
	regime, _, _ := strings.Cut(profile.Spec.Regime, "-")
	column := fmt.Sprintf("%s/%d", regime, profile.Spec.Level)
	t.columns = append(t.columns, column)
	t.allowed[column] = flows
}

func (t *table) String() string {
	var text strings.Builder
	w := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "%s\t%s\n", strings.ToUpper(t.name), strings.Join(t.columns, "\t"))
	for _, flow := range t.flows {
		fmt.Fprint(w, flow)
		for _, column := range t.columns {
			verdict := "-"
			if slices.Contains(t.allowed[column], flow) {
				verdict = "allowed"
			}
			fmt.Fprintf(w, "\t%s", verdict)
		}
		fmt.Fprintln(w)
	}
	if err := w.Flush(); err != nil {
		return err.Error()
	}
	return text.String()
}

// hostile are flows that a reader of the table looks for.
func hostile() []string {
	return []string{
		"the neighbour's backend -> gateway TCP 8080", "the neighbour's backend -> gateway TCP 8443", "the neighbour's gateway -> gateway TCP 8080",
		"another pod of the namespace -> gateway TCP 8080", "a pod of the namespace named like the operator -> gateway TCP 8444",
		"a pod of the namespace named like the hub -> gateway TCP 8443", "hub -> gateway TCP 8444", "hub -> gateway TCP 8080", "hub -> gateway UDP 8443",
		"backend -> gateway TCP 8443", "another pod of the operator's namespace -> gateway TCP 8444", "operator -> gateway TCP 8080",
		"monitoring -> gateway TCP 8444", "internet -> gateway TCP 8443", "internet -> gateway TCP 8080",
		"gateway -> internet TCP 443", "gateway -> internet TCP 8443", "gateway -> internet UDP 53", "gateway -> cloud metadata TCP 80",
		"gateway -> API server TCP 443", "gateway -> API server TCP 6443", "gateway -> the neighbour's backend TCP 8080",
		"gateway -> the neighbour's gateway TCP 8443", "gateway -> another pod of the namespace TCP 8080", "gateway -> hub TCP 8444",
		"gateway -> hub UDP 8443", "gateway -> hub TCP 443", "gateway -> backend UDP 8080", "gateway -> backend TCP 22",
		"gateway -> log collector's neighbour TCP 6514", "gateway -> log collector TCP 443", "gateway -> log collector UDP 6514",
		"gateway -> another node TCP 10250", "gateway -> name server TCP 443",
	}
}
