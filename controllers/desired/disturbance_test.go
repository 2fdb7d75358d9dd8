package desired_test

import (
	"encoding/json"
	"testing"
	"time"

	cmapi "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
	appsv1 "k8s.io/api/apps/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/desired"
)

// children builds the objects as they come back from the API server, so that what is compared has made the way through JSON.
func children(t *testing.T, in desired.Inputs) (*cmapi.Certificate, *appsv1.Deployment) {
	t.Helper()
	objects, err := desired.All(in)
	if err != nil {
		t.Fatal(err)
	}
	certificate, deployment := &cmapi.Certificate{}, &appsv1.Deployment{}
	for _, object := range objects {
		var into client.Object
		switch object.(type) {
		case *cmapi.Certificate:
			into = certificate
		case *appsv1.Deployment:
			into = deployment
		default:
			continue
		}
		text, err := json.Marshal(object)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(text, into); err != nil {
			t.Fatal(err)
		}
	}
	return certificate, deployment
}

const otherImage = "lienthong.gov.vn/connector-operator@sha256:0000000000000000000000000000000000000000000000000000000000000000"

func TestHoldBackDeployment(t *testing.T) {
	_, live := children(t, inputs(t, 3))
	written := writtenAs(t, live)
	in := inputs(t, 3)
	in.Connector.Spec.Replicas = new(int32(5))
	if _, want := children(t, in); mustHold(t, want, live, written, false) != client.Object(want) {
		t.Error("another number of pods is held back")
	}
	in.Class.Spec.Image = otherImage
	_, want := children(t, in)
	got, ok := mustHold(t, want, live, written, true).(*appsv1.Deployment)
	if !ok || got.Spec.Template.Spec.Containers[0].Image != live.Spec.Template.Spec.Containers[0].Image || *got.Spec.Replicas != 5 {
		t.Errorf("with another image and another number of pods, %+v is applied", got.Spec)
	}
	if _, held := desired.HoldBack(got, live, written); held {
		t.Error("what is left after holding back is held back again")
	}
	restarted := live.DeepCopy()
	restarted.Spec.Template.Annotations = map[string]string{desired.AnnotationRestartedAt: "2026-11-21T08:00:00Z"}
	mustHold(t, want, restarted, written, true)

	tampered := live.DeepCopy()
	tampered.Spec.Template.Spec.Containers[0].Image = "example.com/evil:latest"
	mustHold(t, want, tampered, written, false)
	_, same := children(t, inputs(t, 3))
	mustHold(t, same, tampered, written, false)
	mustHold(t, want, live, "", false)
}

func TestHoldBackCertificate(t *testing.T) {
	live, _ := children(t, inputs(t, 3))
	written := writtenAs(t, live)
	in := inputs(t, 3)
	in.Profile.Spec.Certificate.RenewBefore.Duration += time.Hour
	want, _ := children(t, in)
	mustHold(t, want, live, written, false)
	in.Issuer.Name = "other"
	want, _ = children(t, in)
	got, ok := mustHold(t, want, live, written, true).(*cmapi.Certificate)
	if !ok || got.Spec.IssuerRef != live.Spec.IssuerRef || *got.Spec.RenewBefore != *want.Spec.RenewBefore {
		t.Errorf("with another issuer and another time of renewal, %+v is applied", got.Spec)
	}
	tampered := live.DeepCopy()
	tampered.Spec.URIs = append(tampered.Spec.URIs, "spiffe://lienthong.gov.vn/agency/G01/connector/g01/g01")
	mustHold(t, want, tampered, written, false)
}

func mustHold(t *testing.T, want, live client.Object, written string, hold bool) client.Object {
	t.Helper()
	got, held := desired.HoldBack(want, live, written)
	if held != hold {
		t.Errorf("held back %t, want %t", held, hold)
	}
	return got
}

func writtenAs(t *testing.T, object client.Object) string {
	t.Helper()
	digest, err := desired.Disturbance(object)
	if err != nil || digest == "" {
		t.Fatalf("the digest is %q, %v", digest, err)
	}
	return digest
}

// TestWhatAProfileDisturbs: a running gateway takes up its configuration and its network policy, and only what a process is started with
// restarts it.
func TestWhatAProfileDisturbs(t *testing.T) {
	tests := map[string]struct {
		change   func(*v1alpha1.SecurityProfileSpec)
		disturbs bool
	}{
		"cipher suites": {func(s *v1alpha1.SecurityProfileSpec) {
			s.TLS.CipherSuites = []v1alpha1.TLSCipherSuite{"TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"}
		}, false},
		"key exchange":      {func(s *v1alpha1.SecurityProfileSpec) { s.TLS.KeyExchange = []v1alpha1.TLSKeyExchange{"secp384r1"} }, false},
		"version of TLS":    {func(s *v1alpha1.SecurityProfileSpec) { s.TLS.MinVersion = v1alpha1.VersionTLS13 }, false},
		"fields of the log": {func(s *v1alpha1.SecurityProfileSpec) { s.Logging.Fields = []v1alpha1.LogField{"Peer"} }, false},
		"log collector":     {func(s *v1alpha1.SecurityProfileSpec) { s.Logging.Destination = v1alpha1.LogToCollector }, false},
		"egress":            {func(s *v1alpha1.SecurityProfileSpec) { s.Network.Egress = v1alpha1.EgressPorts }, false},
		"more pods":         {func(s *v1alpha1.SecurityProfileSpec) { s.Workload.MinReplicas = 4 }, false},
		"FIPS 140":          {func(s *v1alpha1.SecurityProfileSpec) { s.Cryptography.FIPS140 = v1alpha1.FIPS140Enabled }, true},
		"spread":            {func(s *v1alpha1.SecurityProfileSpec) { s.Workload.SpreadHosts = v1alpha1.SpreadRequired }, true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, live := children(t, inputs(t, 3))
			in := inputs(t, 3)
			in.Hub.Spec.LogCollector = collector(t)
			tt.change(&in.Profile.Spec)
			_, want := children(t, in)
			mustHold(t, want, live, writtenAs(t, live), tt.disturbs)
		})
	}
}
