//go:build e2e

package e2e

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"testing"
	"time"

	cmapi "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
	cmmeta "github.com/cert-manager/cert-manager/pkg/apis/meta/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/controllers"
	"lienthong.gov.vn/connector-operator/hack/stage"
)

const (
	certManagerGroup = "cert-manager.io"
	// nextAuthority is the ClusterIssuer, and the Secret with its key, that take the place of the first authority.
	nextAuthority = "lienthong-hub-ca-2"
	// nextPlatform is the Issuer that signs for the hub and for the operator with the same key.
	nextPlatform = "lienthong-platform-2"
)

// newAuthority makes another certification authority, and gives its certificate in PEM form. It outlives the test, because the
// identities that it signs do.
func newAuthority(t *testing.T) string {
	t.Helper()
	root := nextAuthority + "-root"
	create(t,
		&cmapi.Issuer{
			ObjectMeta: metav1.ObjectMeta{Namespace: "cert-manager", Name: root},
			Spec:       cmapi.IssuerSpec{IssuerConfig: cmapi.IssuerConfig{SelfSigned: &cmapi.SelfSignedIssuer{}}},
		},
		&cmapi.Certificate{
			ObjectMeta: metav1.ObjectMeta{Namespace: "cert-manager", Name: nextAuthority},
			Spec: cmapi.CertificateSpec{
				IsCA: true, CommonName: "Lienthong stand-in root 2027", SecretName: nextAuthority,
				Duration:   &metav1.Duration{Duration: 365 * 24 * time.Hour},
				PrivateKey: &cmapi.CertificatePrivateKey{Algorithm: cmapi.ECDSAKeyAlgorithm, Size: 256, RotationPolicy: cmapi.RotationPolicyNever},
				IssuerRef:  cmmeta.IssuerReference{Name: root, Kind: cmapi.IssuerKind, Group: certManagerGroup},
			},
		},
		&cmapi.ClusterIssuer{ObjectMeta: metav1.ObjectMeta{Name: nextAuthority}, Spec: signsWith(nextAuthority)},
	)
	ca := secret(t, "cert-manager", nextAuthority)
	for _, namespace := range []string{stage.HubNamespace, controllers.DefaultNamespace} {
		create(t,
			&corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: nextAuthority}, Type: ca.Type, Data: ca.Data},
			&cmapi.Issuer{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: nextPlatform}, Spec: signsWith(nextAuthority)},
		)
	}
	return string(ca.Data[corev1.TLSCertKey])
}

func signsWith(secret string) cmapi.IssuerSpec {
	return cmapi.IssuerSpec{IssuerConfig: cmapi.IssuerConfig{CA: &cmapi.CAIssuer{SecretName: secret}}}
}

// create makes what is to stay.
func create(t *testing.T, objects ...client.Object) {
	t.Helper()
	for _, object := range objects {
		if err := shared.stage.Client.Create(t.Context(), object); err != nil {
			t.Fatalf("creating %T %s: %v", object, object.GetName(), err)
		}
	}
}

// moveIdentity has one of the platform's own identities signed by the next authority, and waits until it is.
func moveIdentity(t *testing.T, namespace, name string) {
	t.Helper()
	certificate := &cmapi.Certificate{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name}}
	err := editAgain(t, certificate, func() {
		certificate.Spec.IssuerRef = cmmeta.IssuerReference{Name: nextPlatform, Kind: cmapi.IssuerKind, Group: certManagerGroup}
	})
	if err != nil {
		t.Fatalf("moving the identity %s: %v", name, err)
	}
	next := must(x509Of(secret(t, "cert-manager", nextAuthority)))(t)
	eventually(t, func() error {
		now, err := x509Of(secret(t, namespace, name))
		if err != nil {
			return err
		}
		if err := now.CheckSignatureFrom(next); err != nil {
			return fmt.Errorf("the identity %s is still signed by another authority: %w", name, err)
		}
		return nil
	})
}

// fingerprint of the first certificate in PEM, as statuses tell it.
func fingerprint(text string) string {
	block, _ := pem.Decode([]byte(text))
	sum := sha256.Sum256(block.Bytes)
	return hex.EncodeToString(sum[:])
}

func x509Of(s *corev1.Secret) (*x509.Certificate, error) {
	block, _ := pem.Decode(s.Data[corev1.TLSCertKey])
	if block == nil {
		return nil, fmt.Errorf("Secret %s/%s holds no certificate", s.Namespace, s.Name)
	}
	return x509.ParseCertificate(block.Bytes)
}
