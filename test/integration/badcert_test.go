package integration

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-logr/logr"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/desired"
	"lienthong.gov.vn/connector-operator/gateway"
	"lienthong.gov.vn/connector-operator/test/agencysystem/agencyserver"
	"lienthong.gov.vn/connector-operator/test/pki"
)

// TestBadCertificatesCostNoRequest runs a real gateway with a real hub under traffic in both directions, while its Secret is deleted,
// spoilt, written too early and written late.
func TestBadCertificatesCostNoRequest(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	played, flow := w.underTraffic(t)

	t.Run("a Secret that is deleted", func(t *testing.T) { w.deleteSecret(t) })
	t.Run("a Secret with a key that does not fit", func(t *testing.T) { w.spoilSecret(t, played) })
	t.Run("a certificate that is not valid yet", func(t *testing.T) { w.issueAhead(t, played) })
	t.Run("an issuer that answers late", func(t *testing.T) { w.issueLate(t, played) })

	nothingFails(t, flow)
}

// underTraffic connects the world to a real hub by a real gateway, whose leaf an issuer signs that the test plays, and has documents go in both
// directions.
func (w *world) underTraffic(t *testing.T) (*issuer, *flow) {
	t.Helper()
	hub := w.startHub(t)
	w.hub.Spec.Endpoints[0].URL = "https://" + hub.Addr()
	ports := freePorts(t, 4)
	w.class.Spec.Ports = v1alpha1.GatewayPorts{Inbound: ports[0], Outbound: ports[1], Status: ports[2], Probes: ports[3]}
	w.introduceOperator(t)
	played := w.playIssuer(t)
	w.connect(t)
	w.settled(t)
	w.runGateway(t)
	w.lendAddress(t)
	w.ready(t)
	return played, w.traffic(t, ports)
}

// nothingFails ends the traffic.
func nothingFails(t *testing.T, f *flow) {
	t.Helper()
	failed, passed := f.stop()
	if len(failed) > 0 {
		t.Errorf("%d requests failed and %d passed; the first: %v", len(failed), passed, failed[0])
	}
	if passed < 100 {
		t.Errorf("only %d requests were sent", passed)
	}
	t.Logf("%d requests passed, none failed", passed)
}

func (w *world) secretKey() types.NamespacedName {
	return types.NamespacedName{Namespace: w.namespace, Name: desired.SecretName(w.connector.Name)}
}

// replaced waits until the gateway serves another certificate than that one.
func (w *world) replaced(t *testing.T, serial string) {
	t.Helper()
	w.Eventually(t, func() error {
		w.ready(t)
		if w.connector.Status.Certificate.SerialNumber == serial {
			return fmt.Errorf("the newest certificate is still %s", serial)
		}
		return nil
	})
}

// deleteSecret takes from cert-manager what it had written: it writes another certificate, and meanwhile the files that the
// kubelet had written are served.
func (w *world) deleteSecret(t *testing.T) {
	serial := w.connector.Status.Certificate.SerialNumber
	w.remove(t, &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: w.secretKey().Name}})
	w.replaced(t, serial)
	w.rotated(t, serial, v1alpha1.RotationReissued)
}

// spoilSecret writes half of another pair. The gateway says so and keeps to the one before; cert-manager, whose issuer is kept from
// answering for as long as that is looked at, writes a whole one.
func (w *world) spoilSecret(t *testing.T, played *issuer) {
	serial := w.connector.Status.Certificate.SerialNumber
	played.answer(staysSilent, 0)
	other, err := w.Leaf(t.Context(), authority, w.connector.Status.SPIFFEID)
	if err != nil {
		t.Fatal(err)
	}
	var secret corev1.Secret
	if err := w.Client.Get(t.Context(), w.secretKey(), &secret); err != nil {
		t.Fatal(err)
	}
	secret.Data[corev1.TLSCertKey] = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: other.Certificate[0]})
	if err := w.Client.Update(t.Context(), &secret); err != nil {
		t.Fatal(err)
	}
	w.expect(t, w.connector, v1alpha1.ConditionCertificateReady, metav1.ConditionFalse, "Reissuing")
	w.expect(t, w.connector, v1alpha1.ConditionHubConnected, metav1.ConditionTrue, "Connected")
	played.answer(signs, 0)
	w.replaced(t, serial)
	w.rotated(t, serial, v1alpha1.RotationReissued)
}

// issueAhead has a certificate issued whose time is yet to come by the gateway's clock.
func (w *world) issueAhead(t *testing.T, played *issuer) {
	serial := w.connector.Status.Certificate.SerialNumber
	played.answer(signs, 5*time.Second)
	defer played.answer(signs, 0)
	w.ask(t, first)
	w.Eventually(t, func() error {
		message := w.expect(t, w.connector, v1alpha1.ConditionCertificateReady, metav1.ConditionTrue, "Spreading")
		if !strings.Contains(message, "One says: ") || !strings.Contains(message, "valid") {
			return fmt.Errorf("the user reads %q", message)
		}
		return nil
	})
	w.expect(t, w.connector, v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonReady)
	w.rotated(t, serial, v1alpha1.RotationRequested)
	w.replaced(t, serial)
}

// issueLate keeps the issuer from answering a renewal for a while, in which everything is as it was.
func (w *world) issueLate(t *testing.T, played *issuer) {
	serial := w.connector.Status.Certificate.SerialNumber
	before := w.record(t)
	played.answer(staysSilent, 0)
	w.ask(t, second)
	w.expect(t, w.connector, v1alpha1.ConditionRenewalAccepted, metav1.ConditionFalse, "Renewing")
	w.seen(t)
	w.ready(t)
	if got := w.connector.Status.Certificate.SerialNumber; got != serial {
		t.Errorf("the status tells of %s, which nobody has signed", got)
	}
	played.answer(signs, 0)
	w.rotated(t, serial, v1alpha1.RotationRequested)
	before.staysReady(t)
}

// runGateway runs a gateway on the volumes of a pod, which a kubelet in no hurry would refresh: what vanishes stays as it was.
func (w *world) runGateway(t *testing.T) {
	t.Helper()
	identity, config := t.TempDir(), t.TempDir()
	refresh := w.volumes(identity, config)
	if err := refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var parts sync.WaitGroup
	listening := make(chan struct{})
	parts.Go(func() {
		err := gateway.Run(ctx, gateway.Options{
			ConfigDir: config, IdentityDir: identity, Log: logr.Discard(), PollInterval: 500 * time.Millisecond,
			RequestLog: io.Discard, OnListening: func(gateway.Addresses) { close(listening) },
		})
		if err != nil {
			t.Errorf("the gateway ended with %v", err)
		}
	})
	parts.Go(func() {
		for every := time.Tick(100 * time.Millisecond); ctx.Err() == nil; <-every {
			if err := refresh(ctx); err != nil && ctx.Err() == nil {
				t.Logf("the volumes stay as they are: %v", err)
			}
		}
	})
	t.Cleanup(func() { cancel(); parts.Wait() })
	select {
	case <-listening:
	case <-t.Context().Done():
		t.Fatal("the gateway does not start")
	}
}

// volumes gives a function that writes the Secret and the ConfigMap into two directories when they changed.
func (w *world) volumes(identity, config string) func(context.Context) error {
	var ofSecret, ofConfigMap string
	secretKey := w.secretKey() // the test reads the Connector meanwhile
	return func(ctx context.Context) error {
		var secret corev1.Secret
		var configMap corev1.ConfigMap
		if err := w.Client.Get(ctx, types.NamespacedName{Namespace: w.namespace, Name: desired.GatewayName("main")}, &configMap); err != nil {
			return err
		}
		if configMap.ResourceVersion != ofConfigMap {
			files := map[string][]byte{}
			for name, text := range configMap.Data {
				files[name] = []byte(text)
			}
			if err := pki.WriteVolume(config, files); err != nil {
				return err
			}
			ofConfigMap = configMap.ResourceVersion
		}
		if err := w.Client.Get(ctx, secretKey, &secret); err != nil {
			return err
		}
		if secret.ResourceVersion != ofSecret {
			if err := pki.WriteVolume(identity, secret.Data); err != nil {
				return err
			}
			ofSecret = secret.ResourceVersion
		}
		return nil
	}
}

// flow is traffic that counts its requests.
type flow struct {
	cancel func()
	loops  sync.WaitGroup

	mu     sync.Mutex
	failed []error
	good   int
}

func (f *flow) count(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err == nil {
		f.good++
	} else {
		f.failed = append(f.failed, err)
	}
}

// passed counts the requests that have passed so far.
func (f *flow) passed() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.good
}

// stop ends the traffic, and tells what became of it.
func (f *flow) stop() (failed []error, passed int) {
	f.cancel()
	f.loops.Wait()
	return f.failed, f.good
}

// traffic sends documents out through the gateway to the hub, and has the hub connect inwards, each time anew, until it is stopped.
func (w *world) traffic(t *testing.T, ports []int32) *flow {
	t.Helper()
	leaf, err := w.Leaf(t.Context(), authority, "spiffe://lienthong.test/hub")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	f := &flow{cancel: cancel}
	loop := func(send func() error) {
		f.loops.Go(func() {
			for every := time.Tick(20 * time.Millisecond); ctx.Err() == nil; <-every {
				f.count(send())
			}
		})
	}
	document := agencyserver.Document{From: w.agency.Spec.Code, To: []string{w.agency.Spec.Code}, Bytes: 4 << 10}
	loop(func() error {
		status, body, err := agencyserver.Send(context.Background(), http.DefaultClient, fmt.Sprintf("http://127.0.0.1:%d", ports[1]), document)
		if err == nil && status != http.StatusAccepted {
			err = fmt.Errorf("the gateway answered %d: %s", status, body)
		}
		return err
	})
	loop(func() error { return w.callAs(leaf, ports[0]) })
	t.Cleanup(func() { f.stop() })
	return f
}

// callAs opens an mTLS connection to the gateway's inbound port, and asks for something that it has no answer to: an answer is what counts.
func (w *world) callAs(leaf tls.Certificate, port int32) error {
	anchors := x509.NewCertPool()
	anchors.AppendCertsFromPEM([]byte(shared.anchor))
	config := &tls.Config{
		Certificates: []tls.Certificate{leaf}, RootCAs: anchors, MinVersion: tls.VersionTLS12, ServerName: "main-gateway." + w.namespace + ".svc",
	}
	caller := &http.Client{Transport: &http.Transport{TLSClientConfig: config, DisableKeepAlives: true}, Timeout: 10 * time.Second}
	response, err := caller.Get(fmt.Sprintf("https://127.0.0.1:%d/", port))
	if err != nil {
		return err
	}
	return response.Body.Close()
}
