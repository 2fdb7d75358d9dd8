package fleet

import (
	"context"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"slices"
	"strings"
	"sync"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

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
	// loaded is what the pods of each Connector have loaded: a gateway reads its files when they change, and not when it is asked.
	loaded map[types.NamespacedName]loaded
}

// loaded is what came of one version of the identity and of the configuration.
type loaded struct {
	identity, volume string
	report           status.Report
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
	key := types.NamespacedName{Namespace: t.Namespace, Name: desired.GatewayName(name)}
	if err := g.Lookout.Get(ctx, key, &volume, client.UnsafeDisableDeepCopy); err != nil {
		return status.Report{}, fmt.Errorf("pod %s/%s has no configuration yet: %w", t.Namespace, t.Name, err)
	}
	var identity corev1.Secret
	secret := types.NamespacedName{Namespace: t.Namespace, Name: desired.SecretName(name)}
	if err := g.Lookout.Get(ctx, secret, &identity, client.UnsafeDisableDeepCopy); err != nil {
		return status.Report{}, fmt.Errorf("the gateways of Connector %s/%s have no identity yet: %w", t.Namespace, name, err)
	}
	g.mu.Lock()
	now, ok := g.loaded[key]
	g.mu.Unlock()
	if !ok || now.identity != identity.ResourceVersion || now.volume != volume.ResourceVersion {
		var err error
		if now, err = load(&identity, &volume); err != nil {
			return status.Report{}, err
		}
		g.mu.Lock()
		if g.loaded == nil {
			g.loaded = map[types.NamespacedName]loaded{}
		}
		g.loaded[key] = now
		g.mu.Unlock()
	}
	report := now.report
	report.SPIFFEID = t.SPIFFEID
	report.Endpoints = slices.Clone(report.Endpoints)
	return report, nil
}

// load reads what the pods would mount.
func load(identity *corev1.Secret, volume *corev1.ConfigMap) (loaded, error) {
	block, _ := pem.Decode(identity.Data[corev1.TLSCertKey])
	if block == nil {
		return loaded{}, fmt.Errorf("the identity in Secret %s is no PEM", client.ObjectKeyFromObject(identity))
	}
	leaf, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return loaded{}, fmt.Errorf("reading the identity in Secret %s: %w", client.ObjectKeyFromObject(identity), err)
	}
	bundle, err := trust.Parse([]byte(volume.Data[desired.TrustKey]))
	if err != nil {
		return loaded{}, fmt.Errorf("reading the trust bundle in ConfigMap %s: %w", client.ObjectKeyFromObject(volume), err)
	}
	return loaded{identity: identity.ResourceVersion, volume: volume.ResourceVersion, report: status.Report{
		SerialNumber: strings.TrimLeft(fmt.Sprintf("%x", leaf.SerialNumber.Bytes()), "0"),
		NotBefore:    leaf.NotBefore, NotAfter: leaf.NotAfter, TrustDigest: bundle.Digest,
		RevocationDigest: revocation.Digest([]byte(volume.Data[desired.RevocationsKey])),
		ConfigDigest:     config.Digest([]byte(volume.Data[desired.ConfigKey])), ActiveEndpoint: "primary",
		Endpoints: []status.Endpoint{{Name: "primary", Healthy: true}},
	}}, nil
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
