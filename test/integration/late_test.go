package integration

import (
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	cmapi "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
	cmmeta "github.com/cert-manager/cert-manager/pkg/apis/meta/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

// hour is how long an issuer is silent.
const hour = time.Hour

// An issuer that answers after an hour costs no request: what is served stays as it was, the status says what is awaited and since when, and
// nothing is asked for twice. The hour goes by on the operator's clock.
func TestIssuerThatAnswersAfterAnHour(t *testing.T) {
	w := newWorld(t)
	played, flow := w.underTraffic(t)
	serial := w.connector.Status.Certificate.SerialNumber
	before := w.record(t)
	played.answer(staysSilent, 0)
	asked := time.Now()
	w.ask(t, second)
	w.expect(t, w.connector, v1alpha1.ConditionRenewalAccepted, metav1.ConditionFalse, "Renewing")

	// Half an hour on, the operator is another one; an hour on, time has gone by while it ran.
	slow := slowlyFrom(asked.Add(hour / 2))
	shared.operator.underClock(t, slow)
	w.stillAwaits(t, serial, flow)
	slow.set(asked.Add(hour))
	w.stillAwaits(t, serial, flow)

	played.answersBy(slow)
	w.rotated(t, serial, v1alpha1.RotationRequested)
	w.revision(t, 2)
	w.expect(t, w.connector, v1alpha1.ConditionRenewalAccepted, metav1.ConditionTrue, "Renewed")
	rotation := w.connector.Status.Rotation
	if took := rotation.IssuedAt.Sub(rotation.RequestedAt.Time); took < hour-time.Minute || took > hour+time.Minute {
		t.Errorf("the status says that the issuer took %s, want an hour: %+v", took, rotation)
	}
	if n := played.count(); n != 2 {
		t.Errorf("the issuer signed %d certificates, want the first and the late one", n)
	}
	before.staysReady(t)
	nothingFails(t, flow)
}

// stillAwaits checks that the Connector is as it was while its issuer is silent, that requests pass meanwhile, and that the next certificate is
// asked for once.
func (w *world) stillAwaits(t *testing.T, serial string, f *flow) {
	t.Helper()
	passed := f.passed()
	w.seen(t)
	w.ready(t)
	message := w.expect(t, w.connector, v1alpha1.ConditionRenewalAccepted, metav1.ConditionFalse, "Renewing")
	if !strings.Contains(message, "cert-manager has been asking for the certificate since ") {
		t.Errorf("the user reads %q", message)
	}
	if got := w.connector.Status.Certificate.SerialNumber; got != serial {
		t.Errorf("the status tells of %s, which nobody has signed", got)
	}
	if r := w.connector.Status.Rotation; r != nil {
		t.Errorf("the status tells of a rotation that nobody has seen: %+v", r)
	}
	requests, err := w.requests(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(requests) != 2 {
		t.Errorf("there are %d CertificateRequests, want that of the first certificate and that of the next", len(requests))
	}
	w.Eventually(t, func() error {
		if now := f.passed(); now < passed+20 {
			return fmt.Errorf("%d requests have passed meanwhile", now-passed)
		}
		return nil
	})
}

// Under load, cert-manager sometimes asks once more for what it has just been given, with the key that it was given it for. That is denied, and
// cert-manager then leaves the Certificate alone for an hour, longer each time that it sees the denied request. The next renewal comes in its time
// all the same, and so does a revocation's.
func TestDeniedRepetitionHoldsUpNothing(t *testing.T) {
	w, _ := renewableWorld(t, atOnce)
	w.connect(t)
	w.revision(t, 1)
	w.asksAgain(t)
	// What was needlessly asked for is no concern of whoever reads the status.
	w.seen(t)
	w.expect(t, w.connector, v1alpha1.ConditionCertificateReady, metav1.ConditionTrue, "Served")
	serial := w.connector.Status.Certificate.SerialNumber

	due := w.connector.Status.Certificate.NotAfter.Add(-w.profile.Spec.Certificate.RenewBefore.Duration)
	slow := slowlyFrom(due.Add(-time.Second))
	shared.operator.underClock(t, slow)
	w.seen(t)
	w.staysAt(t, 2) // that of the denied request
	slow.set(due)
	w.rotated(t, serial, v1alpha1.RotationRenewal)
	w.revision(t, 2)
	if failed := w.certificate(t).Status.FailedIssuanceAttempts; failed != nil {
		t.Errorf("cert-manager still counts %d failures", *failed)
	}
}

// asksAgain makes the request that cert-manager makes twice, and leaves the Certificate as cert-manager leaves it when that is denied.
func (w *world) asksAgain(t *testing.T) {
	t.Helper()
	config := rest.CopyConfig(w.Admin)
	config.Impersonate = rest.ImpersonationConfig{UserName: certManagerUser, Groups: []string{"system:serviceaccounts:cert-manager", "system:authenticated"}}
	issuing, err := client.New(config, client.Options{Scheme: w.Scheme})
	if err != nil {
		t.Fatal(err)
	}
	own := w.certificate(t)
	again := requestFor(t, w.key(t), w.namespace, "again", own.Spec.URIs, own.Spec.DNSNames)
	again.Labels = own.Labels
	again.Annotations = map[string]string{
		cmapi.CertificateNameKey: own.Name, cmapi.CertificateRequestRevisionAnnotationKey: fmt.Sprint(*own.Status.Revision + 1),
	}
	again.OwnerReferences = []metav1.OwnerReference{*metav1.NewControllerRef(own, cmapi.SchemeGroupVersion.WithKind(cmapi.CertificateKind))}
	if err := issuing.Create(t.Context(), again); err != nil {
		t.Fatal(err)
	}
	w.denied(t, "every certificate has a new key")
	w.Eventually(t, func() error {
		own := w.certificate(t)
		own.Status.FailedIssuanceAttempts, own.Status.LastFailureTime = new(1), new(metav1.Now())
		return w.Client.Status().Update(t.Context(), own)
	})
}

// key is the private key in the Connector's Secret.
func (w *world) key(t *testing.T) crypto.Signer {
	t.Helper()
	var secret corev1.Secret
	if err := w.Client.Get(t.Context(), w.secretKey(), &secret); err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode(secret.Data[corev1.TLSPrivateKeyKey])
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	signer, ok := key.(crypto.Signer)
	if !ok {
		t.Fatalf("the key is a %T", key)
	}
	return signer
}

// requestFor asks for names with that key, and claims to be cert-manager's.
func requestFor(t *testing.T, key crypto.Signer, namespace, name string, uris, dns []string) *cmapi.CertificateRequest {
	t.Helper()
	template := &x509.CertificateRequest{DNSNames: dns}
	for _, raw := range uris {
		u, err := url.Parse(raw)
		if err != nil {
			t.Fatal(err)
		}
		template.URIs = append(template.URIs, u)
	}
	der, err := x509.CreateCertificateRequest(rand.Reader, template, key)
	if err != nil {
		t.Fatal(err)
	}
	return &cmapi.CertificateRequest{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name},
		Spec: cmapi.CertificateRequestSpec{
			Username: certManagerUser, Groups: []string{"system:serviceaccounts:cert-manager"},
			Request:   pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: der}),
			Duration:  &metav1.Duration{Duration: 24 * time.Hour},
			Usages:    []cmapi.KeyUsage{cmapi.UsageDigitalSignature, cmapi.UsageClientAuth, cmapi.UsageServerAuth},
			IssuerRef: cmmeta.IssuerReference{Name: authority, Kind: cmapi.ClusterIssuerKind, Group: "cert-manager.io"},
		},
	}
}
