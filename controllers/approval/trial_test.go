package approval

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"math/big"
	"net/url"
	"strings"
	"testing"
	"time"

	cmapi "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
	cmmeta "github.com/cert-manager/cert-manager/pkg/apis/meta/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/ruling"
)

const (
	certManager = "system:serviceaccount:cert-manager:cert-manager"
	spiffeID    = "spiffe://lienthong.test/agency/G12/connector/g12/main"
)

// trial is a request with everything that it comes from, and the key that it is made for.
type trial struct {
	*scope
	key crypto.Signer
}

// newTrial is one that is approved.
func newTrial(t *testing.T) *trial {
	t.Helper()
	s := &scope{requesters: []string{certManager}}
	s.connector = &v1alpha1.Connector{
		ObjectMeta: metav1.ObjectMeta{Namespace: "g12", Name: "main", UID: "connector"},
		Spec: v1alpha1.ConnectorSpec{
			AgencyRef: v1alpha1.ObjectReference{Name: "g12"}, HubRef: v1alpha1.ObjectReference{Name: "hub"}, SecurityLevel: 2,
			Hostnames: []string{"lienthong.g12.example.vn"},
		},
	}
	s.agency = &v1alpha1.Agency{
		ObjectMeta: metav1.ObjectMeta{Name: "g12", UID: "agency"},
		Spec:       v1alpha1.AgencySpec{Code: "G12", Namespaces: []string{"g12"}, Domains: []string{"g12.example.vn"}},
	}
	s.hub = &v1alpha1.ExchangeHub{
		ObjectMeta: metav1.ObjectMeta{Name: "hub"},
		Spec:       v1alpha1.ExchangeHubSpec{TrustDomain: "lienthong.test", IssuerRef: v1alpha1.IssuerReference{Name: "hub-ca"}},
	}
	s.profile = &v1alpha1.SecurityProfile{
		ObjectMeta: metav1.ObjectMeta{Name: "level-2"},
		Spec: v1alpha1.SecurityProfileSpec{Certificate: v1alpha1.CertificateRequirements{
			KeyAlgorithm: v1alpha1.KeyAlgorithmECDSA, KeySize: 256,
			Duration: metav1.Duration{Duration: 24 * time.Hour}, RenewBefore: metav1.Duration{Duration: 8 * time.Hour},
		}},
	}
	s.ruling = &ruling.Ruling{Level: 2, Profile: s.profile}
	s.want()
	s.certificate = &cmapi.Certificate{ObjectMeta: metav1.ObjectMeta{Namespace: "g12", Name: "main-gateway", UID: "certificate"}, Spec: *s.wanted}
	s.request = &cmapi.CertificateRequest{
		ObjectMeta: metav1.ObjectMeta{Namespace: "g12", Name: "main-gateway-2", UID: "request"},
		Spec: cmapi.CertificateRequestSpec{
			Username: certManager, Duration: s.wanted.Duration, Usages: s.wanted.Usages,
			IssuerRef: cmmeta.IssuerReference{Name: "hub-ca", Kind: "ClusterIssuer", Group: "cert-manager.io"},
		},
	}
	result := &trial{scope: s, key: ecKey(t, elliptic.P256())}
	result.sign(t, result.ask())
	return result
}

func ecKey(t *testing.T, curve elliptic.Curve) crypto.Signer {
	t.Helper()
	key, err := ecdsa.GenerateKey(curve, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// ask is what cert-manager would ask for.
func (s *trial) ask() *x509.CertificateRequest {
	template := &x509.CertificateRequest{}
	for _, raw := range s.wanted.URIs {
		u, err := url.Parse(raw)
		if err == nil {
			template.URIs = append(template.URIs, u)
		}
	}
	template.DNSNames = append(template.DNSNames, s.wanted.DNSNames...)
	template.ExtraExtensions = []pkix.Extension{
		extension(extensionKeyUsage, asn1.BitString{Bytes: []byte{0x80}, BitLength: 1}),
		extension(extensionExtendedUsage, []asn1.ObjectIdentifier{oid(usageClientAuth), oid(usageServerAuth)}),
	}
	return template
}

func (s *trial) sign(t *testing.T, template *x509.CertificateRequest) {
	t.Helper()
	der, err := x509.CreateCertificateRequest(rand.Reader, template, s.key)
	if err != nil {
		t.Fatal(err)
	}
	s.request.Spec.Request = pem.EncodeToMemory(&pem.Block{Type: requestType, Bytes: der})
}

// issued is a request for which the Connector got a certificate with the key.
func (s *trial) issued(t *testing.T, name string, key crypto.Signer) cmapi.CertificateRequest {
	t.Helper()
	id, err := url.Parse(spiffeID)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), URIs: []*url.URL{id}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	result := cmapi.CertificateRequest{}
	result.Name = name
	result.Status.Certificate = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	return result
}

func oid(dotted string) asn1.ObjectIdentifier {
	id, err := x509.ParseOID(dotted)
	if err != nil {
		return nil
	}
	var result asn1.ObjectIdentifier
	der, err := id.MarshalBinary()
	if err != nil {
		return nil
	}
	if _, err := asn1.UnmarshalWithParams(append([]byte{asn1.TagOID, byte(len(der))}, der...), &result, ""); err != nil {
		return nil
	}
	return result
}

func extension(id string, value any) pkix.Extension {
	der, err := asn1.Marshal(value)
	if err != nil {
		return pkix.Extension{}
	}
	return pkix.Extension{Id: oid(id), Value: der}
}

// check compares an objection with what is expected; an empty reason means none.
func check(t *testing.T, got *objection, reason, says string) {
	t.Helper()
	switch {
	case got == nil && reason == "":
	case got == nil:
		t.Errorf("the request is approved, want it refused with %s", reason)
	case got.reason != reason || !strings.Contains(got.message, says):
		t.Errorf("the request is refused with %s: %q, want %s with %q", got.reason, got.message, reason, says)
	case !strings.HasSuffix(got.message, "."):
		t.Errorf("%q is no sentence", got.message)
	}
}

// signed makes a request of its body, as the holder of the key would.
func signed(key crypto.Signer, body []byte) ([]byte, error) {
	digest := sha256.Sum256(body)
	signature, err := key.Sign(rand.Reader, digest[:], crypto.SHA256)
	if err != nil {
		return nil, err
	}
	return asn1.Marshal(struct {
		Body      asn1.RawValue
		Algorithm pkix.AlgorithmIdentifier
		Signature asn1.BitString
	}{
		asn1.RawValue{FullBytes: body}, pkix.AlgorithmIdentifier{Algorithm: oid("1.2.840.10045.4.3.2")},
		asn1.BitString{Bytes: signature, BitLength: len(signature) * 8},
	})
}
