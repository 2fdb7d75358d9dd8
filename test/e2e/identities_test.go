//go:build e2e

package e2e

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"math/big"
	"net/url"
	"os"
	"path/filepath"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"

	"lienthong.gov.vn/connector-operator/controllers"
	"lienthong.gov.vn/connector-operator/controllers/desired"
	"lienthong.gov.vn/connector-operator/hack/stage"
	"lienthong.gov.vn/connector-operator/test/pki"
)

const (
	hubID = "spiffe://lienthong.gov.vn/hub"
	// authority is the Secret, in the namespace of cert-manager, with the key that signs every identity.
	authority = "lienthong-hub-ca"
)

// identities are certificates with their keys, as files for other programs and as pairs for this one.
type identities struct {
	dir string
	// ca is the file with the anchor that gateways are verified by.
	ca    string
	pairs map[string]pki.Pair
}

// leaf says what an administrator with the authority's key signs; the zero value of a field stands for what is right.
type leaf struct {
	ids      []string
	notAfter time.Time
	usages   []x509.ExtKeyUsage
	isCA     bool
}

func newIdentities(t *testing.T) *identities {
	t.Helper()
	ca := secret(t, "cert-manager", authority)
	i := &identities{dir: t.TempDir(), pairs: map[string]pki.Pair{
		"hub":      pairOf(secret(t, stage.HubNamespace, "hub-identity")),
		"operator": pairOf(secret(t, controllers.DefaultNamespace, "connector-operator-identity")),
		"agency":   pairOf(secret(t, "g02", desired.SecretName("g02"))),
	}}
	i.ca = i.write(t, "ca.pem", ca.Data[corev1.TLSCertKey])
	other := must(pki.NewCA("Another root"))(t)
	i.pairs["other-ca"] = must(other.Issue(pki.Request{SPIFFEID: hubID}))(t)
	for name, l := range map[string]leaf{
		"expired":      {notAfter: time.Now().Add(-time.Minute)},
		"server-only":  {usages: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}},
		"two-ids":      {ids: []string{hubID, "spiffe://lienthong.gov.vn/operator"}},
		"other-domain": {ids: []string{"spiffe://example.gov.vn/hub"}},
		"issuing":      {isCA: true},
	} {
		i.pairs[name] = must(sign(pairOf(ca), l))(t)
	}
	for name, pair := range i.pairs {
		i.write(t, name+".crt", pair.Certificate)
		i.write(t, name+".key", pair.Key)
	}
	return i
}

func secret(t *testing.T, namespace, name string) *corev1.Secret {
	t.Helper()
	return must(shared.stage.Secret(t.Context(), namespace, name))(t)
}

func pairOf(s *corev1.Secret) pki.Pair {
	return pki.Pair{Certificate: s.Data[corev1.TLSCertKey], Key: s.Data[corev1.TLSPrivateKeyKey]}
}

func (i *identities) write(t *testing.T, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(i.dir, name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// files are the certificate and the key of an identity.
func (i *identities) files(name string) (certificate, key string) {
	return filepath.Join(i.dir, name+".crt"), filepath.Join(i.dir, name+".key")
}

// sign makes a certificate with the hub's own authority, as only somebody who has stolen its key can.
func sign(ca pki.Pair, l leaf) (pki.Pair, error) {
	issuer, err := ca.TLS()
	if err != nil {
		return pki.Pair{}, fmt.Errorf("reading the authority's pair: %w", err)
	}
	parent, err := x509.ParseCertificate(issuer.Certificate[0])
	if err != nil {
		return pki.Pair{}, fmt.Errorf("reading the authority's certificate: %w", err)
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return pki.Pair{}, fmt.Errorf("making a key: %w", err)
	}
	template, err := l.template()
	if err != nil {
		return pki.Pair{}, err
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), issuer.PrivateKey)
	if err != nil {
		return pki.Pair{}, fmt.Errorf("signing: %w", err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return pki.Pair{}, fmt.Errorf("encoding the key: %w", err)
	}
	return pki.Pair{
		Certificate: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}),
		Key:         pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER}),
	}, nil
}

func (l leaf) template() (*x509.Certificate, error) {
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()),
		NotBefore:    time.Now().Add(-time.Hour), NotAfter: l.notAfter,
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: l.usages,
		IsCA: l.isCA, BasicConstraintsValid: true,
	}
	if l.isCA {
		template.KeyUsage |= x509.KeyUsageCertSign
	}
	if l.notAfter.IsZero() {
		template.NotAfter = time.Now().Add(time.Hour)
	}
	if l.usages == nil {
		template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageServerAuth}
	}
	if l.ids == nil {
		l.ids = []string{hubID}
	}
	for _, id := range l.ids {
		u, err := url.Parse(id)
		if err != nil {
			return nil, fmt.Errorf("reading the SPIFFE ID %q: %w", id, err)
		}
		template.URIs = append(template.URIs, u)
	}
	return template, nil
}
