package netpol

import (
	"fmt"
	"slices"
	"testing"

	"github.com/mattfenwick/cyclonus/pkg/matcher"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"

	"lienthong.gov.vn/connector-operator/controllers/desired"
)

// tenant and neighbour are two agencies' namespaces; the policies of both are in force.
const (
	tenant    = "g12"
	neighbour = "g01"
)

// actor is one end of a flow; the other is a gateway of the tenant.
type actor struct {
	name string
	// namespace is empty for what is not a pod.
	namespace string
	labels    map[string]string
	ip        string
}

func named(name string) map[string]string { return map[string]string{desired.LabelName: name} }

func gatewayOf(connector string) map[string]string { return desired.Selector(connector) }

// actors are everybody who might be at the other end.
func actors() []actor {
	return []actor{
		{"hub", "lienthong-hub", named("hub"), "10.244.1.1"},
		{"backend", tenant, named("agency-system"), "10.244.2.1"},
		{"another pod of the namespace", tenant, named("mail"), "10.244.2.2"},
		{"a pod of the namespace named like the hub", tenant, named("hub"), "10.244.2.3"},
		{"a pod of the namespace named like the operator", tenant, named(desired.OperatorName), "10.244.2.4"},
		{"another gateway of the connector", tenant, gatewayOf(tenant), "10.244.2.5"},
		{"a gateway of another connector of the namespace", tenant, gatewayOf("second"), "10.244.2.6"},
		{"the neighbour's backend", neighbour, named("agency-system"), "10.244.3.1"},
		{"the neighbour's gateway", neighbour, gatewayOf(neighbour), "10.244.3.2"},
		{"operator", "lienthong-system", named(desired.OperatorName), "10.244.4.1"},
		{"another pod of the operator's namespace", "lienthong-system", named("mail"), "10.244.4.2"},
		{"monitoring", "monitoring", named("prometheus"), "10.244.5.1"},
		{"name server", "kube-system", map[string]string{"k8s-app": "kube-dns"}, "10.244.6.1"},
		{"name server elsewhere", "name-servers", named("dns"), "10.244.7.1"},
		{"API server", "", nil, "10.0.0.10"},
		{"another node", "", nil, "10.0.0.20"},
		{"hub outside", "", nil, "198.51.100.7"},
		{"backend outside", "", nil, "10.12.0.7"},
		{"log collector", "", nil, "192.0.2.14"},
		{"log collector's neighbour", "", nil, "192.0.2.15"},
		{"internet", "", nil, "203.0.113.7"},
		{"internet by IPv6", "", nil, "2001:db8::7"},
		{"cloud metadata", "", nil, "169.254.169.254"},
		{"cloud metadata by IPv6", "", nil, "fd00:ec2::254"},
		{"link-local by IPv6", "", nil, "fe80::a9fe:a9fe"},
	}
}

func namespaceLabels(name string) map[string]string {
	labels := map[string]string{corev1.LabelMetadataName: name}
	switch name {
	case "monitoring":
		labels[desired.LabelMonitoring] = "true"
	case "name-servers":
		labels[desired.LabelDNS] = "true"
	}
	return labels
}

func (a actor) peer() *matcher.TrafficPeer {
	if a.namespace == "" {
		return &matcher.TrafficPeer{IP: a.ip}
	}
	return &matcher.TrafficPeer{IP: a.ip, Internal: &matcher.InternalPeer{
		PodLabels: a.labels, Namespace: a.namespace, NamespaceLabels: namespaceLabels(a.namespace),
	}}
}

// ports are those of the gateway, of what it talks to, and of what it must never talk to.
func ports() []int {
	return []int{22, 53, 80, 443, 6443, 6514, 8000, 8080, 8081, 8443, 8444, 9402, 10250}
}

func protocols() []corev1.Protocol {
	return []corev1.Protocol{corev1.ProtocolTCP, corev1.ProtocolUDP, corev1.ProtocolSCTP}
}

// everyFlow gives each pair of ends, in each direction, at each port, in words.
func everyFlow(each func(words string, traffic *matcher.Traffic)) {
	gateway := actor{"gateway", tenant, gatewayOf(tenant), "10.244.2.100"}
	for _, other := range actors() {
		for _, ends := range [][2]actor{{other, gateway}, {gateway, other}} {
			for _, port := range ports() {
				for _, protocol := range protocols() {
					each(words(ends[0].name, ends[1].name, protocol, port), &matcher.Traffic{
						Source: ends[0].peer(), Destination: ends[1].peer(), ResolvedPort: port, Protocol: protocol,
					})
				}
			}
		}
	}
}

func words(from, to string, protocol corev1.Protocol, port int) string {
	return fmt.Sprintf("%s -> %s %s %d", from, to, protocol, port)
}

// policiesOf are the tenant's and the neighbour's.
func policiesOf(t *testing.T, in desired.Inputs) []*networkingv1.NetworkPolicy {
	t.Helper()
	other := in
	other.Connector = in.Connector.DeepCopy()
	other.Connector.Name, other.Connector.Namespace = neighbour, neighbour
	var policies []*networkingv1.NetworkPolicy
	for _, of := range []desired.Inputs{in, other} {
		policy, err := desired.NetworkPolicy(of)
		if err != nil {
			t.Fatal(err)
		}
		policies = append(policies, policy)
	}
	return policies
}

// allowed are the flows that the policies let through, sorted.
func allowed(policies []*networkingv1.NetworkPolicy) []string {
	evaluated := matcher.BuildNetworkPolicies(false, policies)
	var result []string
	everyFlow(func(words string, traffic *matcher.Traffic) {
		if evaluated.IsTrafficAllowed(traffic).IsAllowed() {
			result = append(result, words)
		}
	})
	slices.Sort(result)
	return result
}
