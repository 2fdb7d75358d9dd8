package integration

import (
	"testing"

	networkingv1 "k8s.io/api/networking/v1"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/desired"
	"lienthong.gov.vn/connector-operator/test/levels"
)

// TestWidestNetworksAreTaken: what is cut out of the networks that people declare, the API server takes, and changes nothing of it.
func TestWidestNetworksAreTaken(t *testing.T) {
	env := suite(t)
	in := levelInputs(t, env.Namespace(t), levels.Profile(t, "nd331-2026", 5))
	block := func(cidr string, except ...string) networkingv1.NetworkPolicyPeer {
		return networkingv1.NetworkPolicyPeer{IPBlock: &networkingv1.IPBlock{CIDR: cidr, Except: except}}
	}
	in.Hub.Spec.NetworkPeers = []networkingv1.NetworkPolicyPeer{block("0.0.0.0/0", "10.0.0.0/8"), block("::/0")}
	in.Connector.Spec.Backend.CIDRs = []string{"169.0.0.0/8", "fd00:ec2::/32", "10.12.7.9/16"}
	in.Profile.Spec.Logging.Destination = v1alpha1.LogToCollector
	in.Hub.Spec.LogCollector = &v1alpha1.LogCollector{
		Address: "[2001:db8::514]:6514", NetworkPeers: []networkingv1.NetworkPolicyPeer{block("2001:db8::514/128")},
	}
	policy, err := desired.NetworkPolicy(in)
	if err != nil {
		t.Fatal(err)
	}
	same(t, policy.Spec, taken(t, env.Client, policy).Spec)
	want := []networkingv1.NetworkPolicyPeer{
		block("0.0.0.0/0", "10.0.0.0/8", "169.254.0.0/16"), block("::/0", "fe80::/10", "fd00:ec2::254/128"),
	}
	same(t, want, policy.Spec.Egress[1].To)
}
