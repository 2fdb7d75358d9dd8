package integration

import (
	"context"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"strings"
	"sync"
	"testing"

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

// following is how a simulated gateway takes up what changes in its volumes.
type following struct {
	// never tells that it goes on with what it had; problem is what it says of that, if anything.
	never   bool
	problem string
	// urged tells that its volumes are refreshed only when the pod's annotation changes, as by a kubelet that is in no hurry.
	urged bool
}

var (
	atOnce    = following{}
	whenUrged = following{urged: true}
	never     = following{never: true}
)

// gateways answer in the place of simulated pods, which run nothing. Namespaces that are not theirs are asked through otherwise.
type gateways struct {
	client    client.WithWatch
	otherwise observe.Fetcher

	mu     sync.Mutex
	worlds map[string]*simulation
}

// simulation is the gateways of one world.
type simulation struct {
	mu      sync.Mutex
	follows following
	loaded  map[types.UID]loaded
}

// loaded is what one gateway has in use, and the annotation that its pod had then.
type loaded struct {
	report status.Report
	sync   string
}

var _ observe.Fetcher = (*gateways)(nil)

// simulate has gateways answer for the pods of the world that is about to be created.
func (w *world) simulate(how following) *simulation {
	s := &simulation{follows: how, loaded: map[types.UID]loaded{}}
	shared.gateways.mu.Lock()
	defer shared.gateways.mu.Unlock()
	shared.gateways.worlds[w.namespace] = s
	return s
}

// follow changes how the gateways take up what comes from now on.
func (s *simulation) follow(how following) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.follows = how
}

func (g *gateways) of(namespace string) *simulation {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.worlds[namespace]
}

// Fetch answers as the gateway in that pod would.
func (g *gateways) Fetch(ctx context.Context, t observe.Target) (status.Report, error) {
	s := g.of(t.Namespace)
	if s == nil {
		return g.otherwise.Fetch(ctx, t)
	}
	var pod corev1.Pod
	if err := g.client.Get(ctx, types.NamespacedName{Namespace: t.Namespace, Name: t.Name}, &pod); err != nil {
		return status.Report{}, fmt.Errorf("reading pod %s/%s: %w", t.Namespace, t.Name, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	before, started := s.loaded[t.Pod]
	sync := pod.Annotations[desired.AnnotationSync]
	if started && (s.follows.never || s.follows.urged && before.sync == sync) {
		report := before.report
		if s.follows.problem != "" {
			report.Problems = []string{s.follows.problem}
		}
		return report, nil
	}
	report, err := g.volumes(ctx, t)
	if err == nil {
		s.loaded[t.Pod] = loaded{report, sync}
	}
	return report, err
}

// volumes is what a gateway says that has just read them.
func (g *gateways) volumes(ctx context.Context, t observe.Target) (status.Report, error) {
	name := t.SPIFFEID[strings.LastIndex(t.SPIFFEID, "/")+1:]
	var volume corev1.ConfigMap
	var identity corev1.Secret
	if err := g.client.Get(ctx, types.NamespacedName{Namespace: t.Namespace, Name: desired.GatewayName(name)}, &volume); err != nil {
		return status.Report{}, fmt.Errorf("pod %s/%s has no configuration: %w", t.Namespace, t.Name, err)
	}
	if err := g.client.Get(ctx, types.NamespacedName{Namespace: t.Namespace, Name: desired.SecretName(name)}, &identity); err != nil {
		return status.Report{}, fmt.Errorf("pod %s/%s has no identity: %w", t.Namespace, t.Name, err)
	}
	block, _ := pem.Decode(identity.Data[corev1.TLSCertKey])
	if block == nil {
		return status.Report{}, fmt.Errorf("the identity of pod %s/%s is no PEM", t.Namespace, t.Name)
	}
	leaf, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return status.Report{}, fmt.Errorf("reading the identity of pod %s/%s: %w", t.Namespace, t.Name, err)
	}
	bundle, err := trust.Parse([]byte(volume.Data[desired.TrustKey]))
	if err != nil {
		return status.Report{}, fmt.Errorf("reading the trust bundle of pod %s/%s: %w", t.Namespace, t.Name, err)
	}
	return status.Report{
		SPIFFEID: t.SPIFFEID, SerialNumber: leaf.SerialNumber.Text(16), NotBefore: leaf.NotBefore, NotAfter: leaf.NotAfter,
		TrustDigest: bundle.Digest, ConfigDigest: config.Digest([]byte(volume.Data[desired.ConfigKey])),
		RevocationDigest: revocation.Digest([]byte(volume.Data[desired.RevocationsKey])), ActiveEndpoint: "primary",
		Endpoints: []status.Endpoint{{Name: "primary", Healthy: true}},
	}, nil
}

// lendAddresses gives each simulated gateway's pod an address when it becomes ready, as a kubelet would, until the context ends.
// Nobody is ever called there.
func (g *gateways) lendAddresses(ctx context.Context) error {
	pods, err := g.client.Watch(ctx, &corev1.PodList{}, client.MatchingLabels{desired.LabelManagedBy: desired.ManagedBy})
	if err != nil {
		return fmt.Errorf("watching the pods of gateways: %w", err)
	}
	go func() {
		for event := range pods.ResultChan() {
			if pod, ok := event.Object.(*corev1.Pod); ok && pod.Status.PodIP == "" && isReady(pod) && g.of(pod.Namespace) != nil {
				patch := []byte(`{"status":{"podIP":"127.0.0.1","podIPs":[{"ip":"127.0.0.1"}]}}`)
				// A pod that went meanwhile needs none, and one that is still there is told of again.
				_ = g.client.Status().Patch(ctx, pod, client.RawPatch(types.MergePatchType, patch))
			}
		}
	}()
	return nil
}

func isReady(pod *corev1.Pod) bool {
	for _, c := range pod.Status.Conditions {
		if c.Type == corev1.PodReady {
			return c.Status == corev1.ConditionTrue && pod.DeletionTimestamp == nil
		}
	}
	return false
}

// pods of the world's Connector that are not on their way out.
func (w *world) pods(t *testing.T) []corev1.Pod {
	t.Helper()
	var list corev1.PodList
	if err := w.Client.List(t.Context(), &list, client.InNamespace(w.namespace), client.MatchingLabels(desired.Selector(w.connector.Name))); err != nil {
		t.Fatal(err)
	}
	var stay []corev1.Pod
	for i := range list.Items {
		if list.Items[i].DeletionTimestamp == nil {
			stay = append(stay, list.Items[i])
		}
	}
	return stay
}
