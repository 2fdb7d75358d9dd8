package integration

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"path/filepath"
	"testing"

	"github.com/go-logr/logr/testr"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/desired"
	"lienthong.gov.vn/connector-operator/gateway"
	"lienthong.gov.vn/connector-operator/test/hub/hubserver"
	"lienthong.gov.vn/connector-operator/test/pki"
)

// TestStatusTellsWhatTheGatewayServes runs a real gateway and a real hub on loopback, with the certificates that cert-manager
// issued and the configuration that the operator wrote, in the place of a simulated pod.
func TestStatusTellsWhatTheGatewayServes(t *testing.T) {
	w := newWorld(t)
	hub := w.startHub(t)
	w.hub.Spec.Endpoints[0].URL = "https://" + hub.Addr()
	ports := freePorts(t, 4)
	w.class.Spec.Ports = v1alpha1.GatewayPorts{Inbound: ports[0], Outbound: ports[1], Status: ports[2], Probes: ports[3]}
	w.introduceOperator(t)
	w.connect(t)
	w.settled(t)

	stop := w.startGateway(t)
	w.lendAddress(t)
	w.expect(t, w.connector, v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonReady)
	pods, endpoint := w.connector.Status.ObservedPods, w.connector.Status.ActiveEndpoint
	if *pods.Current != 1 || *pods.Total != 1 || endpoint != "primary" {
		t.Errorf("the status tells of %d of %d pods at endpoint %q, want 1 of 1 at primary", *pods.Current, *pods.Total, endpoint)
	}

	if err := hub.SetMode(hubserver.Vanish); err != nil {
		t.Fatal(err)
	}
	w.expect(t, w.connector, v1alpha1.ConditionHubConnected, metav1.ConditionFalse, "NoEndpoint")
	if err := hub.SetMode(hubserver.Normal); err != nil {
		t.Fatal(err)
	}
	w.expect(t, w.connector, v1alpha1.ConditionHubConnected, metav1.ConditionTrue, "Connected")

	stop()
	message := w.expect(t, w.connector, v1alpha1.ConditionHubConnected, metav1.ConditionUnknown, v1alpha1.ReasonNotObserved)
	t.Logf("a silent gateway reads: %s", message)
	w.expect(t, w.connector, v1alpha1.ConditionReady, metav1.ConditionUnknown, v1alpha1.ReasonNotObserved)
}

func (w *world) startHub(t *testing.T) *hubserver.Hub {
	t.Helper()
	return w.startHubThatRevokes(t, "")
}

// startHubThatRevokes starts a hub that refuses whom the file names.
func (w *world) startHubThatRevokes(t *testing.T, revocations string) *hubserver.Hub {
	t.Helper()
	leaf, err := w.Leaf(t.Context(), authority, "spiffe://lienthong.test/hub")
	if err != nil {
		t.Fatal(err)
	}
	identity, trust := t.TempDir(), filepath.Join(t.TempDir(), "trust.pem")
	writePair(t, identity, leaf)
	if err := os.WriteFile(trust, []byte(shared.anchor), 0o600); err != nil {
		t.Fatal(err)
	}
	hub, err := hubserver.Start(hubserver.Options{
		Listen: "127.0.0.1:0", IdentityDir: identity, TrustFile: trust, RevocationsFile: revocations, ErrorLog: log.New(t.Output(), "hub: ", 0),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(hub.Close)
	return hub
}

// introduceOperator gives the operator an identity on the hub, as the kubelet would mount it.
func (w *world) introduceOperator(t *testing.T) {
	t.Helper()
	leaf, err := w.Leaf(t.Context(), authority, "spiffe://lienthong.test/operator")
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(shared.identities, w.hub.Name)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	writePair(t, dir, leaf)
}

func writePair(t *testing.T, dir string, pair tls.Certificate) {
	t.Helper()
	var chain []byte
	for _, der := range pair.Certificate {
		chain = append(chain, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})...)
	}
	key, err := x509.MarshalPKCS8PrivateKey(pair.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{
		"tls.crt": chain, "tls.key": pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key}),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// startGateway runs a gateway on what a pod of the Connector would have mounted, and gives a function that stops it.
func (w *world) startGateway(t *testing.T) (stop func()) {
	t.Helper()
	var secret corev1.Secret
	var config corev1.ConfigMap
	if err := w.Client.Get(t.Context(), types.NamespacedName{Namespace: w.namespace, Name: desired.SecretName("main")}, &secret); err != nil {
		t.Fatal(err)
	}
	if err := w.Client.Get(t.Context(), types.NamespacedName{Namespace: w.namespace, Name: desired.GatewayName("main")}, &config); err != nil {
		t.Fatal(err)
	}
	identityDir, configDir := t.TempDir(), t.TempDir()
	files := map[string][]byte{}
	for name, text := range config.Data {
		files[name] = []byte(text)
	}
	for dir, content := range map[string]map[string][]byte{identityDir: secret.Data, configDir: files} {
		if err := pki.WriteVolume(dir, content); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	listening, done := make(chan struct{}), make(chan error, 1)
	go func() {
		done <- gateway.Run(ctx, gateway.Options{
			ConfigDir: configDir, IdentityDir: identityDir, Log: testr.New(t), RequestLog: io.Discard,
			OnListening: func(gateway.Addresses) { close(listening) },
		})
	}()
	stopped := false
	stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		if err := <-done; err != nil {
			t.Errorf("the gateway ended with %v", err)
		}
	}
	t.Cleanup(stop)
	select {
	case <-listening:
	case err := <-done:
		t.Fatalf("the gateway does not start: %v", err)
	}
	return stop
}

// lendAddress tells the API server that the simulated pod is reached on loopback.
func (w *world) lendAddress(t *testing.T) {
	t.Helper()
	w.Eventually(t, func() error {
		var pods corev1.PodList
		if err := w.Client.List(t.Context(), &pods, client.InNamespace(w.namespace), client.MatchingLabels(desired.Selector("main"))); err != nil {
			return err
		}
		if len(pods.Items) != 1 {
			return fmt.Errorf("there are %d gateway pods, want 1", len(pods.Items))
		}
		patch := []byte(`{"status":{"podIP":"127.0.0.1","podIPs":[{"ip":"127.0.0.1"}]}}`)
		return w.Client.Status().Patch(t.Context(), &pods.Items[0], client.RawPatch(types.MergePatchType, patch))
	})
}

func freePorts(t *testing.T, n int) []int32 {
	t.Helper()
	// All are open at the same time, so that they differ.
	var open []net.Listener
	for range n {
		l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		open = append(open, l)
	}
	ports := make([]int32, 0, n)
	for _, l := range open {
		ports = append(ports, int32(l.Addr().(*net.TCPAddr).Port))
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return ports
}
