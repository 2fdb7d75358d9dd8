package fleet

import (
	"context"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"strings"
	"sync"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"

	"lienthong.gov.vn/connector-operator/controllers/desired"
	"lienthong.gov.vn/connector-operator/controllers/observe"
	"lienthong.gov.vn/connector-operator/gateway/config"
	"lienthong.gov.vn/connector-operator/gateway/revocation"
	"lienthong.gov.vn/connector-operator/gateway/status"
	"lienthong.gov.vn/connector-operator/gateway/trust"
)

// Gateways answer in the place of simulated pods, which run nothing: what the pod's volumes would hold is what it serves.
type Gateways struct {
	Lookout *Lookout

	mu    sync.Mutex
	asked map[types.UID]int
}

var _ observe.Fetcher = (*Gateways)(nil)

// Fetch answers as the gateway in that pod would.
func (g *Gateways) Fetch(ctx context.Context, t observe.Target) (status.Report, error) {
	g.mu.Lock()
	if g.asked == nil {
		g.asked = map[types.UID]int{}
	}
	g.asked[t.Pod]++
	g.mu.Unlock()
	name := t.SPIFFEID[strings.LastIndex(t.SPIFFEID, "/")+1:]
	var volume corev1.ConfigMap
	if err := g.Lookout.Get(ctx, types.NamespacedName{Namespace: t.Namespace, Name: desired.GatewayName(name)}, &volume); err != nil {
		return status.Report{}, fmt.Errorf("pod %s/%s has no configuration yet: %w", t.Namespace, t.Name, err)
	}
	leaf, err := g.leaf(ctx, t.Namespace, name)
	if err != nil {
		return status.Report{}, err
	}
	bundle, err := trust.Parse([]byte(volume.Data[desired.TrustKey]))
	if err != nil {
		return status.Report{}, fmt.Errorf("reading the trust bundle of pod %s/%s: %w", t.Namespace, t.Name, err)
	}
	return status.Report{
		SPIFFEID: t.SPIFFEID, SerialNumber: strings.TrimLeft(fmt.Sprintf("%x", leaf.SerialNumber.Bytes()), "0"),
		NotBefore: leaf.NotBefore, NotAfter: leaf.NotAfter, TrustDigest: bundle.Digest,
		RevocationDigest: revocation.Digest([]byte(volume.Data[desired.RevocationsKey])),
		ConfigDigest:     config.Digest([]byte(volume.Data[desired.ConfigKey])), ActiveEndpoint: "primary",
		Endpoints: []status.Endpoint{{Name: "primary", Healthy: true}},
	}, nil
}

// leaf is the certificate in the Secret that the pod would mount.
func (g *Gateways) leaf(ctx context.Context, namespace, connector string) (*x509.Certificate, error) {
	var identity corev1.Secret
	if err := g.Lookout.Get(ctx, types.NamespacedName{Namespace: namespace, Name: desired.SecretName(connector)}, &identity); err != nil {
		return nil, fmt.Errorf("the gateways of Connector %s/%s have no identity yet: %w", namespace, connector, err)
	}
	block, _ := pem.Decode(identity.Data[corev1.TLSCertKey])
	if block == nil {
		return nil, fmt.Errorf("the identity of Connector %s/%s is no PEM", namespace, connector)
	}
	leaf, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("reading the identity of Connector %s/%s: %w", namespace, connector, err)
	}
	return leaf, nil
}

// Asked counts the pods that were asked at least that often since Forget.
func (g *Gateways) Asked(times int) int {
	g.mu.Lock()
	defer g.mu.Unlock()
	count := 0
	for _, n := range g.asked {
		if n >= times {
			count++
		}
	}
	return count
}

// Forget begins the count anew.
func (g *Gateways) Forget() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.asked = nil
}
