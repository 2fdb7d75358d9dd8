package fleet

import (
	"context"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"
	"sync"

	cmapi "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/controllers/desired"
	"lienthong.gov.vn/connector-operator/controllers/observe"
	"lienthong.gov.vn/connector-operator/gateway/config"
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
		ConfigDigest: config.Digest([]byte(volume.Data[desired.ConfigKey])), ActiveEndpoint: "primary",
		Endpoints: []status.Endpoint{{Name: "primary", Healthy: true}},
	}, nil
}

// leaf is the newest certificate that was issued to the Connector.
func (g *Gateways) leaf(ctx context.Context, namespace, connector string) (*x509.Certificate, error) {
	var requests cmapi.CertificateRequestList
	if err := g.Lookout.List(ctx, &requests, client.InNamespace(namespace), client.MatchingLabels{desired.LabelConnector: connector}); err != nil {
		return nil, fmt.Errorf("listing the CertificateRequests of Connector %s/%s: %w", namespace, connector, err)
	}
	var newest *x509.Certificate
	for i := range requests.Items {
		block, _ := pem.Decode(requests.Items[i].Status.Certificate)
		if block == nil {
			continue
		}
		leaf, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("reading the certificate of Connector %s/%s: %w", namespace, connector, err)
		}
		if newest == nil || leaf.NotBefore.After(newest.NotBefore) {
			newest = leaf
		}
	}
	if newest == nil {
		return nil, errors.New("connection refused, because no certificate was issued yet")
	}
	return newest, nil
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
