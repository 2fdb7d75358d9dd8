package integration

import (
	"context"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cert-manager/cert-manager/pkg/api/util"
	cmapi "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
	cmmeta "github.com/cert-manager/cert-manager/pkg/apis/meta/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers"
	"lienthong.gov.vn/connector-operator/test/harness"
)

// answering is what an issuer does with a request that was approved.
type answering int

const (
	signs answering = iota
	staysSilent
	refuses
)

// issuer is one outside of cert-manager, which the test plays with the key of the tests' authority.
type issuer struct {
	client client.Client

	mu sync.Mutex
	// answers is what it does, ahead is how far in the future its certificates begin, and answered counts what it did. clock is by what it says
	// when it did; by that of this machine if it is nil.
	answers  answering
	ahead    time.Duration
	answered int
	clock    clock.PassiveClock
}

// letApprove lets the operator approve requests for issuers that tests play, as whoever installs an issuer of that kind would.
func letApprove(ctx context.Context, env *harness.Env) error {
	name := metav1.ObjectMeta{Name: "approve-played-issuers"}
	for _, object := range []client.Object{
		&rbacv1.ClusterRole{ObjectMeta: name, Rules: []rbacv1.PolicyRule{{
			APIGroups: []string{cmapi.SchemeGroupVersion.Group}, Resources: []string{"signers"}, Verbs: []string{"approve"},
			ResourceNames: []string{"playedissuers.test.lienthong.gov.vn/*"},
		}}},
		&rbacv1.ClusterRoleBinding{
			ObjectMeta: name, RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: name.Name},
			Subjects: []rbacv1.Subject{{Kind: rbacv1.ServiceAccountKind, Namespace: controllers.DefaultNamespace, Name: "connector-operator"}},
		},
	} {
		if err := client.IgnoreAlreadyExists(env.Client.Create(ctx, object)); err != nil {
			return fmt.Errorf("creating %T %s: %w", object, object.GetName(), err)
		}
	}
	return nil
}

// playIssuer has the identities of the world's Connectors signed by an issuer that the test plays until its end.
func (w *world) playIssuer(t *testing.T) *issuer {
	t.Helper()
	w.hub.Spec.IssuerRef = v1alpha1.IssuerReference{Name: w.namespace, Kind: "PlayedIssuer", Group: "test.lienthong.gov.vn"}
	i, done := &issuer{client: w.Client}, make(chan struct{})
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		defer close(done)
		tick := time.NewTicker(50 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				if err := i.work(ctx, w.namespace); client.IgnoreNotFound(err) != nil && ctx.Err() == nil {
					t.Logf("the issuer will try again: %v", err)
				}
			case <-ctx.Done():
				return
			}
		}
	}()
	t.Cleanup(func() { cancel(); <-done })
	return i
}

// answer changes what it does from now on.
func (i *issuer) answer(how answering, ahead time.Duration) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.answers, i.ahead = how, ahead
}

// answersBy has it answer again, and say when by that clock.
func (i *issuer) answersBy(c clock.PassiveClock) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.answers, i.clock = signs, c
}

func (i *issuer) count() int {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.answered
}

func (i *issuer) work(ctx context.Context, namespace string) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	var list cmapi.CertificateRequestList
	if err := i.client.List(ctx, &list, client.InNamespace(namespace)); err != nil {
		return err
	}
	var errs []error
	for n := range list.Items {
		request := &list.Items[n]
		ready := util.GetCertificateRequestCondition(request, cmapi.CertificateRequestConditionReady)
		if i.answers == staysSilent || !util.CertificateRequestIsApproved(request) || ready != nil && ready.Reason != cmapi.CertificateRequestReasonPending {
			continue
		}
		err := i.decide(ctx, request)
		if err == nil {
			i.answered++
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

func (i *issuer) decide(ctx context.Context, request *cmapi.CertificateRequest) error {
	if i.answers == refuses {
		util.SetCertificateRequestCondition(request, cmapi.CertificateRequestConditionReady, cmmeta.ConditionFalse,
			cmapi.CertificateRequestReasonFailed, "The quota of the issuer is used up.")
		return i.client.Status().Update(ctx, request)
	}
	signed, err := i.sign(ctx, request)
	if err != nil {
		return err
	}
	request.Status.Certificate = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: signed})
	util.SetCertificateRequestCondition(request, cmapi.CertificateRequestConditionReady, cmmeta.ConditionTrue, cmapi.CertificateRequestReasonIssued, "Signed.")
	if i.clock != nil {
		ready := util.GetCertificateRequestCondition(request, cmapi.CertificateRequestConditionReady)
		ready.LastTransitionTime = new(metav1.NewTime(i.clock.Now()))
	}
	return i.client.Status().Update(ctx, request)
}

func (i *issuer) sign(ctx context.Context, request *cmapi.CertificateRequest) ([]byte, error) {
	var secret corev1.Secret
	if err := i.client.Get(ctx, types.NamespacedName{Namespace: "cert-manager", Name: authority}, &secret); err != nil {
		return nil, err
	}
	ca, err := pairOf(&secret)
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(request.Spec.Request)
	if block == nil {
		return nil, fmt.Errorf("CertificateRequest %s is no PEM", request.Name)
	}
	asked, err := x509.ParseCertificateRequest(block.Bytes)
	if err != nil {
		return nil, err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		return nil, err
	}
	begin := time.Now().Add(i.ahead)
	return x509.CreateCertificate(rand.Reader, &x509.Certificate{
		SerialNumber: serial.SetBit(serial, 127, 1), NotBefore: begin, NotAfter: begin.Add(request.Spec.Duration.Duration),
		URIs: asked.URIs, DNSNames: asked.DNSNames,
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageServerAuth},
	}, ca.certificate, asked.PublicKey, ca.key)
}

// pair is a certificate and its key.
type pair struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
}

func pairOf(secret *corev1.Secret) (pair, error) {
	certificate, _ := pem.Decode(secret.Data[corev1.TLSCertKey])
	key, _ := pem.Decode(secret.Data[corev1.TLSPrivateKeyKey])
	if certificate == nil || key == nil {
		return pair{}, fmt.Errorf("Secret %s holds no pair in PEM form", secret.Name)
	}
	parsed, err := x509.ParseCertificate(certificate.Bytes)
	if err != nil {
		return pair{}, err
	}
	private, err := x509.ParseECPrivateKey(key.Bytes)
	return pair{parsed, private}, err
}

// An issuer that refuses is not asked again at once and for ever, and what is served goes on being served. A person who asks anew is not
// kept waiting.
func TestIssuerThatRefusesIsNotPressed(t *testing.T) {
	t.Parallel()
	w, _ := renewableWorld(t, atOnce)
	played := w.playIssuer(t)
	w.connect(t)
	w.revision(t, 1)
	played.answer(refuses, 0)
	w.ask(t, first)
	message := w.expect(t, w.connector, v1alpha1.ConditionCertificateReady, "True", "RenewalRefused")
	if !strings.HasSuffix(message, " The issuer refused the next one: The quota of the issuer is used up.") {
		t.Errorf("the user reads %q", message)
	}
	refused := time.Now()
	w.Eventually(t, func() error {
		w.seen(t)
		if since := time.Since(refused); since < 5*time.Second {
			return fmt.Errorf("the issuer refused %s ago", since)
		}
		return nil
	})
	if n := played.count(); n != 2 {
		t.Errorf("the issuer was asked %d times, want once for each certificate", n)
	}
	w.ask(t, second)
	w.Eventually(t, func() error {
		told := w.certificate(t).Status
		if played.count() != 3 || told.FailedIssuanceAttempts == nil || *told.FailedIssuanceAttempts != 2 {
			return fmt.Errorf("the issuer was asked %d times, want once more", played.count())
		}
		return nil
	})
	played.answer(signs, 0)
	w.ask(t, third)
	w.revision(t, 2)
	if w.connector.Status.RenewRequestedAt != third {
		t.Errorf("fulfilled is %q", w.connector.Status.RenewRequestedAt)
	}
}
