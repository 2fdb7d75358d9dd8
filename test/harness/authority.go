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

	"lienthong.gov.vn/connector-operator/test/pki"
)

// caNamespace is where cert-manager looks for the keys of ClusterIssuers.
const caNamespace = "cert-manager"

// Authority makes a certification authority of that name: a ClusterIssuer that signs with a CA of its own. It gives the CA's
// certificate in PEM form. The CA itself is signed by an Issuer, because requests for ClusterIssuers are the operator's to approve.
func (e *Env) Authority(ctx context.Context, name string) (string, error) {
	root := name + "-root"
	certificate := &cmapi.Certificate{
		ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: caNamespace},
		Spec: cmapi.CertificateSpec{
			IsCA: true, CommonName: name, SecretName: name,
			Duration:   &metav1.Duration{Duration: 365 * 24 * time.Hour},
			PrivateKey: &cmapi.CertificatePrivateKey{Algorithm: cmapi.ECDSAKeyAlgorithm, Size: 256, RotationPolicy: cmapi.RotationPolicyNever},
			IssuerRef:  cmmeta.IssuerReference{Name: root, Kind: cmapi.IssuerKind, Group: "cert-manager.io"},
		},
	}
	for _, object := range []client.Object{
		&cmapi.Issuer{
			ObjectMeta: metav1.ObjectMeta{Name: root, Namespace: caNamespace},
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

// Leaf signs a certificate for a SPIFFE ID with the key of an Authority, and gives it with its key. It goes past the ClusterIssuer,
// for which the operator approves nothing but what it asks for itself.
func (e *Env) Leaf(ctx context.Context, authority, spiffeID string) (tls.Certificate, error) {
	secret, err := e.secret(ctx, types.NamespacedName{Namespace: caNamespace, Name: authority})
	if err != nil {
		return tls.Certificate{}, err
	}
	ca, err := pki.ReadCA(pki.Pair{Certificate: secret.Data[corev1.TLSCertKey], Key: secret.Data[corev1.TLSPrivateKeyKey]})
	if err != nil {
		return tls.Certificate{}, err
	}
	pair, err := ca.Issue(pki.Request{SPIFFEID: spiffeID})
	if err != nil {
		return tls.Certificate{}, err
	}
	return pair.TLS()
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
