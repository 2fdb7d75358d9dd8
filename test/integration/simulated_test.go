package integration

import (
	"context"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/anchors"
	"lienthong.gov.vn/connector-operator/controllers/desired"
	"lienthong.gov.vn/connector-operator/controllers/observe"
	"lienthong.gov.vn/connector-operator/gateway/config"
	"lienthong.gov.vn/connector-operator/gateway/revocation"
	"lienthong.gov.vn/connector-operator/gateway/status"
	"lienthong.gov.vn/connector-operator/gateway/trust"
)

// hubFleets asks the gateways of most hubs for real, and answers for those of the hubs that a test has taken over: simulated pods run
// nothing, so what their volumes would hold is what they serve.
type hubFleets struct {
	real   observe.Fetcher
	client client.Client

	mu     sync.Mutex
	fleets map[string]*simulatedFleet
}

// simulatedFleet is what a test decides of the gateways of one hub.
type simulatedFleet struct {
	mu sync.Mutex
	// shown is the anchor that the hub's own certificate ends in, by fingerprint.
	shown string
	// stale has the trust bundle of each Connector whose pods do not take up a new one.
	stale map[string]string
}

// takeOver gives a world whose gateways are simulated.
func (w *world) takeOver(t *testing.T, shown string) *simulatedFleet {
	t.Helper()
	fleet := &simulatedFleet{shown: shown, stale: map[string]string{}}
	shared.fleets.mu.Lock()
	defer shared.fleets.mu.Unlock()
	shared.fleets.fleets[w.hub.Name] = fleet
	return fleet
}

// show changes the certificate of the hub.
func (f *simulatedFleet) show(anchor string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.shown = anchor
}

// hold keeps the pods of a Connector at a trust bundle; an empty one lets them go on.
func (f *simulatedFleet) hold(connector, bundle string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.stale[connector] = bundle
}

// Fetch answers as the gateway in that pod would.
func (g *hubFleets) Fetch(ctx context.Context, t observe.Target) (status.Report, error) {
	g.mu.Lock()
	fleet := g.fleets[t.Hub]
	g.mu.Unlock()
	if fleet == nil {
		return g.real.Fetch(ctx, t)
	}
	name := t.SPIFFEID[strings.LastIndex(t.SPIFFEID, "/")+1:]
	var volume corev1.ConfigMap
	if err := g.client.Get(ctx, types.NamespacedName{Namespace: t.Namespace, Name: desired.GatewayName(name)}, &volume); err != nil {
		return status.Report{}, fmt.Errorf("pod %s/%s has no configuration yet: %w", t.Namespace, t.Name, err)
	}
	leaf, err := g.leaf(ctx, types.NamespacedName{Namespace: t.Namespace, Name: desired.SecretName(name)})
	if err != nil {
		return status.Report{}, err
	}
	return fleet.report(t, name, &volume, leaf)
}

func (f *simulatedFleet) report(t observe.Target, name string, volume *corev1.ConfigMap, leaf *x509.Certificate) (status.Report, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	mounted := volume.Data[desired.TrustKey]
	if f.stale[name] != "" {
		mounted = f.stale[name]
	}
	bundle, err := trust.Parse([]byte(mounted))
	if err != nil {
		return status.Report{}, fmt.Errorf("reading the trust bundle of pod %s/%s: %w", t.Namespace, t.Name, err)
	}
	shown := slices.DeleteFunc([]string{f.shown}, func(fingerprint string) bool {
		return !slices.ContainsFunc(bundle.Anchors, func(c *x509.Certificate) bool { return anchors.Fingerprint(c) == fingerprint })
	})
	return status.Report{
		SPIFFEID: t.SPIFFEID, SerialNumber: leaf.SerialNumber.Text(16), NotBefore: leaf.NotBefore, NotAfter: leaf.NotAfter,
		TrustDigest: bundle.Digest, ConfigDigest: config.Digest([]byte(volume.Data[desired.ConfigKey])),
		RevocationDigest: revocation.Digest([]byte(volume.Data[desired.RevocationsKey])),
		ActiveEndpoint:   "primary", Endpoints: []status.Endpoint{{Name: "primary", Healthy: true}},
		Reliances: []status.Reliance{{Peer: "endpoint primary", Anchors: shown}, {Peer: "self", Anchors: ends(bundle, leaf)}},
	}, nil
}

func ends(bundle *trust.Bundle, leaf *x509.Certificate) []string {
	var result []string
	for _, anchor := range bundle.Anchors {
		if leaf.CheckSignatureFrom(anchor) == nil {
			result = append(result, anchors.Fingerprint(anchor))
		}
	}
	slices.Sort(result)
	return result
}

func (g *hubFleets) leaf(ctx context.Context, key types.NamespacedName) (*x509.Certificate, error) {
	var secret corev1.Secret
	if err := g.client.Get(ctx, key, &secret); err != nil {
		return nil, fmt.Errorf("the gateways have no identity yet: %w", err)
	}
	return parsed(string(secret.Data[corev1.TLSCertKey]))
}

// parsed is the first certificate of a PEM text.
func parsed(text string) (*x509.Certificate, error) {
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return nil, fmt.Errorf("there is no certificate in %q", text)
	}
	certificate, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("reading a certificate: %w", err)
	}
	return certificate, nil
}

// fingerprint names an anchor given in PEM form.
func fingerprint(t *testing.T, anchor string) string {
	t.Helper()
	certificate, err := parsed(anchor)
	if err != nil {
		t.Fatal(err)
	}
	return anchors.Fingerprint(certificate)
}

// until waits like Eventually, and meanwhile lends addresses to the simulated pods of the world, without which nobody asks them.
func (w *world) until(t *testing.T, check func() error) {
	t.Helper()
	w.Eventually(t, func() error {
		var pods corev1.PodList
		if err := w.Client.List(t.Context(), &pods, client.InNamespace(w.namespace), client.HasLabels{desired.LabelConnector}); err != nil {
			return err
		}
		for i := range pods.Items {
			if pods.Items[i].Status.PodIP != "" {
				continue
			}
			patch := client.RawPatch(types.MergePatchType, []byte(`{"status":{"podIP":"127.0.0.1","podIPs":[{"ip":"127.0.0.1"}]}}`))
			if err := client.IgnoreNotFound(w.Client.Status().Patch(t.Context(), &pods.Items[i], patch)); err != nil {
				return err
			}
		}
		return check()
	})
}

// fleet creates the platform and Connectors of those names beside each other, and waits until the hub has counted all of them.
func (w *world) fleet(t *testing.T, names ...string) {
	t.Helper()
	w.platform(t)
	for _, name := range names {
		c := w.connector.DeepCopy()
		c.ObjectMeta = metav1.ObjectMeta{Namespace: w.namespace, Name: name}
		w.Create(t, c)
	}
	w.hubSays(t, func(s *v1alpha1.ExchangeHubStatus) error {
		r := s.Rollover
		if r == nil || r.Phase != v1alpha1.RolloverComplete || *r.Trusting != int32(len(names)) || *r.Reissued != int32(len(names)) {
			return fmt.Errorf("the rollover is %+v, want %d Connectors that trust and are served", r, len(names))
		}
		return nil
	})
}

// hubSays waits until the status of the hub, which must be legal and tell of the present spec, passes the check.
func (w *world) hubSays(t *testing.T, check func(*v1alpha1.ExchangeHubStatus) error) {
	t.Helper()
	w.until(t, func() error {
		if err := w.StatusIsLegal(t.Context(), w.hub); err != nil {
			return err
		}
		if w.hub.Status.ObservedGeneration != w.hub.Generation {
			return fmt.Errorf("the status tells of generation %d, want %d", w.hub.Status.ObservedGeneration, w.hub.Generation)
		}
		return check(&w.hub.Status)
	})
}

// editHub changes the spec of the hub.
func (w *world) editHub(t *testing.T, change func(*v1alpha1.ExchangeHubSpec)) {
	t.Helper()
	w.Eventually(t, func() error {
		if err := w.get(t.Context(), w.hub); err != nil {
			return err
		}
		change(&w.hub.Spec)
		return w.Client.Update(t.Context(), w.hub)
	})
}
