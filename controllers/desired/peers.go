package desired

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

// hubPeers are where the hub is. They may be empty, which is everywhere, unless outgoing connections are controlled.
func hubPeers(in Inputs) ([]networkingv1.NetworkPolicyPeer, error) {
	peers, err := declared(in.Hub.Spec.NetworkPeers)
	if err != nil {
		return nil, fmt.Errorf("networkPeers of ExchangeHub %s: %w", in.Hub.Name, err)
	}
	if len(peers) == 0 && in.Profile.Spec.Network.Egress == v1alpha1.EgressControlled {
		return nil, fmt.Errorf("SecurityProfile %s controls outgoing connections, but ExchangeHub %s does not say where it is; "+
			"ask the platform to write its networkPeers", in.Profile.Name, in.Hub.Name)
	}
	return peers, nil
}

func collectorPeers(hub *v1alpha1.ExchangeHub) ([]networkingv1.NetworkPolicyPeer, error) {
	peers, err := declared(hub.Spec.LogCollector.NetworkPeers)
	if err == nil && len(peers) == 0 {
		err = errors.New("there are none; write where the collector is")
	}
	if err != nil {
		return nil, fmt.Errorf("logCollector.networkPeers of ExchangeHub %s: %w", hub.Name, err)
	}
	return peers, nil
}

func backendPeers(backend v1alpha1.ConnectorBackend) ([]networkingv1.NetworkPolicyPeer, error) {
	var peers []networkingv1.NetworkPolicyPeer
	if backend.PodSelector != nil {
		peers = append(peers, networkingv1.NetworkPolicyPeer{PodSelector: backend.PodSelector.DeepCopy()})
	}
	for _, cidr := range backend.CIDRs {
		block, err := ipBlock(networkingv1.IPBlock{CIDR: cidr})
		if err != nil {
			return nil, fmt.Errorf("backend.cidrs: %w", err)
		}
		peers = append(peers, networkingv1.NetworkPolicyPeer{IPBlock: block})
	}
	if len(peers) == 0 {
		return nil, errors.New("backend does not say where the agency's system is; write its podSelector or cidrs")
	}
	return peers, nil
}

// declared are the peers that somebody wrote, without the networks in which nodes are asked for credentials.
func declared(written []networkingv1.NetworkPolicyPeer) ([]networkingv1.NetworkPolicyPeer, error) {
	var peers []networkingv1.NetworkPolicyPeer
	for _, peer := range written {
		peer = *peer.DeepCopy()
		if peer.IPBlock != nil {
			block, err := ipBlock(*peer.IPBlock)
			if err != nil {
				return nil, err
			}
			peer.IPBlock = block
		}
		peers = append(peers, peer)
	}
	return peers, nil
}

// ipBlock is the block without the networks of nodeServices. Without that, a backend whose name leads to one of them would have the
// gateway fetch the credentials of its node.
func ipBlock(written networkingv1.IPBlock) (*networkingv1.IPBlock, error) {
	prefix, err := netip.ParsePrefix(written.CIDR)
	if err != nil || prefix.Addr().Is4In6() {
		return nil, fmt.Errorf("%q is no network in CIDR form; write one such as 10.12.0.0/24", written.CIDR)
	}
	block := &networkingv1.IPBlock{CIDR: prefix.Masked().String(), Except: slices.Clone(written.Except)}
	for _, service := range nodeServices() {
		switch {
		case !prefix.Overlaps(service) || slices.Contains(block.Except, service.String()):
		case prefix.Bits() >= service.Bits():
			return nil, fmt.Errorf("%q lies in %s, where nodes are asked for their credentials; write the network of the system itself, such as 10.12.0.0/24",
				written.CIDR, service)
		default:
			block.Except = append(block.Except, service.String())
		}
	}
	return block, nil
}

// nodeServices are the networks in which a node, and nobody else, finds services such as the metadata of its cloud: the link-local ones,
// and the one address outside of them that is in wide use.
func nodeServices() []netip.Prefix {
	return []netip.Prefix{
		netip.MustParsePrefix("169.254.0.0/16"), netip.MustParsePrefix("fe80::/10"), netip.MustParsePrefix("fd00:ec2::254/128"),
	}
}

// dnsPeers are the name servers of the cluster where outgoing connections are controlled, because names can carry anything out to a
// server that is not; everywhere otherwise. Where nodes have name servers of their own, outside of pods, the platform adds a network policy
// that lets gateways reach their address: what several policies allow adds up.
func dnsPeers(in Inputs) []networkingv1.NetworkPolicyPeer {
	if in.Profile.Spec.Network.Egress != v1alpha1.EgressControlled {
		return nil
	}
	return []networkingv1.NetworkPolicyPeer{
		{NamespaceSelector: &metav1.LabelSelector{MatchLabels: map[string]string{corev1.LabelMetadataName: metav1.NamespaceSystem}}},
		{NamespaceSelector: &metav1.LabelSelector{MatchLabels: map[string]string{LabelDNS: "true"}}},
	}
}

func operatorPeers(namespace string) []networkingv1.NetworkPolicyPeer {
	return []networkingv1.NetworkPolicyPeer{{
		NamespaceSelector: &metav1.LabelSelector{MatchLabels: map[string]string{corev1.LabelMetadataName: namespace}},
		PodSelector:       &metav1.LabelSelector{MatchLabels: map[string]string{LabelName: OperatorName}},
	}}
}

func monitoringPeers() []networkingv1.NetworkPolicyPeer {
	return []networkingv1.NetworkPolicyPeer{{
		NamespaceSelector: &metav1.LabelSelector{MatchLabels: map[string]string{LabelMonitoring: "true"}},
	}}
}
