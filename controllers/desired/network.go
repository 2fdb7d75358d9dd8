package desired

import (
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

// Names of the ports of a gateway.
const (
	PortInbound  = "inbound"
	PortOutbound = "outbound"
	PortStatus   = "status"
	PortProbes   = "probes"
)

const dnsPort = 53

// Service makes the gateway reachable: for the hub, and for the agency's own system. The status and probe ports are not in
// it, because both are asked pod by pod.
func Service(in Inputs) *corev1.Service {
	ports := in.Class.Spec.Ports
	policy := in.Connector.Spec.IPFamilyPolicy
	internal := corev1.ServiceInternalTrafficPolicyCluster
	return &corev1.Service{
		TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "Service"},
		ObjectMeta: in.meta(),
		Spec: corev1.ServiceSpec{
			Type:                  corev1.ServiceTypeClusterIP,
			Selector:              Selector(in.Connector.Name),
			IPFamilyPolicy:        &policy,
			IPFamilies:            slices.Clone(in.Connector.Spec.IPFamilies),
			SessionAffinity:       corev1.ServiceAffinityNone,
			InternalTrafficPolicy: &internal,
			Ports: []corev1.ServicePort{
				servicePort(PortInbound, "https", ports.Inbound),
				servicePort(PortOutbound, "http", ports.Outbound),
			},
		},
	}
}

func servicePort(name, protocol string, port int32) corev1.ServicePort {
	return corev1.ServicePort{
		Name: name, Protocol: corev1.ProtocolTCP, AppProtocol: &protocol, Port: port, TargetPort: intstr.FromString(name),
	}
}

// NetworkPolicy denies everything but the flows that the gateway needs: the hub and the agency's system in both directions, the
// operator and the monitoring inwards, name resolution and, if the profile asks for it, the log collector outwards. Probes come from
// the node, which network policies do not filter. An empty list of peers would mean everybody, so each that must not be empty is checked.
func NetworkPolicy(in Inputs) (*networkingv1.NetworkPolicy, error) {
	hub, err := hubPeers(in)
	if err != nil {
		return nil, err
	}
	backend, err := backendPeers(in.Connector.Spec.Backend)
	if err != nil {
		return nil, err
	}
	egress, err := egress(in, hub, backend)
	if err != nil {
		return nil, err
	}
	ports := in.Class.Spec.Ports
	return &networkingv1.NetworkPolicy{
		TypeMeta:   metav1.TypeMeta{APIVersion: networkingv1.SchemeGroupVersion.String(), Kind: "NetworkPolicy"},
		ObjectMeta: in.meta(),
		Spec: networkingv1.NetworkPolicySpec{
			PodSelector: metav1.LabelSelector{MatchLabels: Selector(in.Connector.Name)},
			PolicyTypes: []networkingv1.PolicyType{networkingv1.PolicyTypeIngress, networkingv1.PolicyTypeEgress},
			Ingress: []networkingv1.NetworkPolicyIngressRule{
				{Ports: tcp(ports.Inbound), From: hub},
				{Ports: tcp(ports.Outbound), From: backend},
				{Ports: tcp(ports.Status), From: operatorPeers(in.OperatorNamespace)},
				{Ports: tcp(ports.Probes), From: monitoringPeers()},
			},
			Egress: egress,
		},
	}, nil
}

func egress(in Inputs, hub, backend []networkingv1.NetworkPolicyPeer) ([]networkingv1.NetworkPolicyEgressRule, error) {
	backendPort, err := portOf(in.Connector.Spec.Backend.URL)
	if err != nil {
		return nil, err
	}
	hubPorts, err := hubPorts(in.Hub)
	if err != nil {
		return nil, err
	}
	rules := []networkingv1.NetworkPolicyEgressRule{
		{Ports: append(port(corev1.ProtocolUDP, dnsPort), tcp(dnsPort)...), To: dnsPeers(in)},
		{Ports: tcp(hubPorts...), To: hub},
		{Ports: tcp(backendPort), To: backend},
	}
	collector := in.Hub.Spec.LogCollector
	if !in.logsToCollector() || collector == nil {
		return rules, nil
	}
	collectorPort, err := portOfAddress(collector.Address)
	if err != nil {
		return nil, fmt.Errorf("the log collector of the hub %s: %w", in.Hub.Name, err)
	}
	to, err := collectorPeers(in.Hub)
	if err != nil {
		return nil, err
	}
	return append(rules, networkingv1.NetworkPolicyEgressRule{Ports: tcp(collectorPort), To: to}), nil
}

func hubPorts(hub *v1alpha1.ExchangeHub) ([]int32, error) {
	var result []int32
	for _, e := range hub.Spec.Endpoints {
		p, err := portOf(e.URL)
		if err != nil {
			return nil, fmt.Errorf("endpoint %s of the hub %s: %w", e.Name, hub.Name, err)
		}
		result = append(result, p)
	}
	slices.Sort(result)
	return slices.Compact(result), nil
}

func tcp(ports ...int32) []networkingv1.NetworkPolicyPort {
	return port(corev1.ProtocolTCP, ports...)
}

func port(protocol corev1.Protocol, ports ...int32) []networkingv1.NetworkPolicyPort {
	result := make([]networkingv1.NetworkPolicyPort, 0, len(ports))
	for _, p := range ports {
		number := intstr.FromInt32(p)
		result = append(result, networkingv1.NetworkPolicyPort{Protocol: &protocol, Port: &number})
	}
	return result
}
