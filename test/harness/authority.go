package harness

import (
	"context"
	"crypto/tls"
	"fmt"
	"time"

	cmapi "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
	cmmeta "github.com/cert-manager/cert-manager/pkg/apis/meta/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// caNamespace is where cert-manager looks for the keys of ClusterIssuers.
const caNamespace = "cert-manager"

// Authority makes a certification authority of that name: a ClusterIssuer that signs with a CA of its own. It gives the CA's
// certificate in PEM form.
func (e *Env) Authority(ctx context.Context, name string) (string, error) {
	root := name + "-root"
	certificate := &cmapi.Certificate{
		ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: caNamespace},
		Spec: cmapi.CertificateSpec{
			IsCA: true, CommonName: name, SecretName: name,
			Duration:   &metav1.Duration{Duration: 365 * 24 * time.Hour},
			PrivateKey: &cmapi.CertificatePrivateKey{Algorithm: cmapi.ECDSAKeyAlgorithm, Size: 256, RotationPolicy: cmapi.RotationPolicyNever},
			IssuerRef:  cmmeta.IssuerReference{Name: root, Kind: cmapi.ClusterIssuerKind, Group: "cert-manager.io"},
		},
	}
	for _, object := range []client.Object{
		&cmapi.ClusterIssuer{
			ObjectMeta: metav1.ObjectMeta{Name: root},
			Spec:       cmapi.IssuerSpec{IssuerConfig: cmapi.IssuerConfig{SelfSigned: &cmapi.SelfSignedIssuer{}}},
		},
		certificate,
		&cmapi.ClusterIssuer{
			ObjectMeta: metav1.ObjectMeta{Name: name},
			Spec:       cmapi.IssuerSpec{IssuerConfig: cmapi.IssuerConfig{CA: &cmapi.CAIssuer{SecretName: name}}},
		},
	} {
		if err := client.IgnoreAlreadyExists(e.Client.Create(ctx, object)); err != nil {
			return "", fmt.Errorf("creating %T %s: %w", object, object.GetName(), err)
		}
	}
	secret, err := e.secret(ctx, types.NamespacedName{Namespace: caNamespace, Name: name})
	if err != nil {
		return "", err
	}
	return string(secret.Data[corev1.TLSCertKey]), nil
}

// Leaf issues a certificate for a SPIFFE ID from an Authority, and gives it with its key.
func (e *Env) Leaf(ctx context.Context, issuer, namespace, name, spiffeID string) (tls.Certificate, error) {
	var none tls.Certificate
	certificate := &cmapi.Certificate{
		ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: namespace},
		Spec: cmapi.CertificateSpec{
			SecretName: name, URIs: []string{spiffeID},
			Usages:     []cmapi.KeyUsage{cmapi.UsageDigitalSignature, cmapi.UsageClientAuth, cmapi.UsageServerAuth},
			PrivateKey: &cmapi.CertificatePrivateKey{Algorithm: cmapi.ECDSAKeyAlgorithm, Size: 256},
			IssuerRef:  cmmeta.IssuerReference{Name: issuer, Kind: cmapi.ClusterIssuerKind, Group: "cert-manager.io"},
		},
	}
	if err := client.IgnoreAlreadyExists(e.Client.Create(ctx, certificate)); err != nil {
		return none, fmt.Errorf("creating Certificate %s/%s: %w", namespace, name, err)
	}
	secret, err := e.secret(ctx, types.NamespacedName{Namespace: namespace, Name: name})
	if err != nil {
		return none, err
	}
	pair, err := tls.X509KeyPair(secret.Data[corev1.TLSCertKey], secret.Data[corev1.TLSPrivateKeyKey])
	if err != nil {
		return none, fmt.Errorf("reading the pair in Secret %s/%s: %w", namespace, name, err)
	}
	return pair, nil
}

// secret waits until cert-manager has written a certificate into the Secret.
func (e *Env) secret(ctx context.Context, key types.NamespacedName) (*corev1.Secret, error) {
	var secret corev1.Secret
	err := wait.PollUntilContextTimeout(ctx, 50*time.Millisecond, Patience, true, func(ctx context.Context) (bool, error) {
		if err := e.Client.Get(ctx, key, &secret); err != nil {
			return false, client.IgnoreNotFound(err)
		}
		return len(secret.Data[corev1.TLSCertKey]) > 0, nil
	})
	if err != nil {
		return nil, fmt.Errorf("waiting for a certificate in Secret %s: %w", key, err)
	}
	return &secret, nil
}
