package approval

import (
	"bytes"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"net"
	"net/url"
	"testing"

	cmapi "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

// TestWhatIsSigned asks, in the name of the right Connector, for something else than the operator does.
func TestWhatIsSigned(t *testing.T) {
	evil := &url.URL{Scheme: "spiffe", Host: "lienthong.test", Path: "/agency/G13/connector/g13/main"}
	tests := map[string]struct {
		ask    func(*x509.CertificateRequest)
		reason string
		says   string
	}{
		"names in another order":  {ask: func(r *x509.CertificateRequest) { r.DNSNames[0], r.DNSNames[2] = r.DNSNames[2], r.DNSNames[0] }},
		"usages left to the spec": {ask: func(r *x509.CertificateRequest) { r.ExtraExtensions = nil }},
		"a subject key identifier, and no authority": {ask: func(r *x509.CertificateRequest) {
			r.ExtraExtensions = append(r.ExtraExtensions, extension(extensionSubjectKeyID, []byte{1, 2}), extension(extensionBasic, struct{}{}))
		}},
		"common name":       {func(r *x509.CertificateRequest) { r.Subject.CommonName = "hub" }, reasonNames, `"CN=hub"`},
		"organization":      {func(r *x509.CertificateRequest) { r.Subject.Organization = []string{"system:masters"} }, reasonNames, "system:masters"},
		"wildcard":          {func(r *x509.CertificateRequest) { r.DNSNames[2] = "*.g12.example.vn" }, reasonNames, "*.g12.example.vn"},
		"one name more":     {func(r *x509.CertificateRequest) { r.DNSNames = append(r.DNSNames, "hub.example.vn") }, reasonNames, "hub.example.vn"},
		"one name less":     {func(r *x509.CertificateRequest) { r.DNSNames = r.DNSNames[:2] }, reasonNames, "DNS names"},
		"no names":          {func(r *x509.CertificateRequest) { r.DNSNames, r.URIs = nil, nil }, reasonNames, "the URIs none"},
		"a name twice":      {func(r *x509.CertificateRequest) { r.DNSNames = append(r.DNSNames, r.DNSNames[0]) }, reasonNames, "DNS names"},
		"address":           {func(r *x509.CertificateRequest) { r.IPAddresses = []net.IP{net.IPv4(10, 0, 0, 1)} }, reasonNames, "1 names that are neither"},
		"mailbox":           {func(r *x509.CertificateRequest) { r.EmailAddresses = []string{"a@example.vn"} }, reasonNames, "1 names that are neither"},
		"one URI more":      {func(r *x509.CertificateRequest) { r.URIs = append(r.URIs, evil) }, reasonNames, "/agency/G13/"},
		"another URI":       {func(r *x509.CertificateRequest) { r.URIs = []*url.URL{evil} }, reasonNames, "/agency/G13/"},
		"URI twice":         {func(r *x509.CertificateRequest) { r.URIs = append(r.URIs, r.URIs[0]) }, reasonNames, "URIs"},
		"authority":         {add(extension(extensionBasic, struct{ IsCA bool }{true})), reasonUsages, "certification authority"},
		"unreadable basics": {add(pkix.Extension{Id: oid(extensionBasic), Value: []byte{1}}), reasonUsages, "certification authority"},
		"name constraints":  {add(pkix.Extension{Id: oid("2.5.29.30"), Value: []byte{0x30, 0}}), reasonExtensions, "extension 2.5.29.30"},
		"unknown extension": {add(pkix.Extension{Id: oid("1.3.6.1.4.1.311.20.2"), Value: []byte{5, 0}}), reasonExtensions, "1.3.6.1.4.1.311.20.2"},
		"another kind of name": {func(r *x509.CertificateRequest) {
			// An otherName, as Windows takes for a user's name, beside the right names.
			names := []asn1.RawValue{{Class: asn1.ClassContextSpecific, Tag: 0, IsCompound: true, Bytes: []byte{6, 1, 42}}}
			for _, d := range r.DNSNames {
				names = append(names, asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: tagDNS, Bytes: []byte(d)})
			}
			names = append(names, asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: tagURI, Bytes: []byte(r.URIs[0].String())})
			r.ExtraExtensions = append(r.ExtraExtensions, extension(extensionNames, names))
		}, reasonNames, "1 names that are neither"},
		"signing usage": {func(r *x509.CertificateRequest) {
			r.ExtraExtensions[0] = extension(extensionKeyUsage, asn1.BitString{Bytes: []byte{0x84}, BitLength: 6})
		}, reasonUsages, "other usages"},
		"extended usage": {func(r *x509.CertificateRequest) {
			r.ExtraExtensions[1] = extension(extensionExtendedUsage, []asn1.ObjectIdentifier{oid(usageClientAuth), oid("1.3.6.1.5.5.7.3.3")})
		}, reasonUsages, "other usages"},
		"extended usage twice": {func(r *x509.CertificateRequest) {
			r.ExtraExtensions[1] = extension(extensionExtendedUsage, []asn1.ObjectIdentifier{oid(usageClientAuth), oid(usageClientAuth)})
		}, reasonUsages, "other usages"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := newTrial(t)
			ask := s.ask()
			tt.ask(ask)
			s.sign(t, ask)
			check(t, decide(s.scope), tt.reason, tt.says)
		})
	}
}

func add(e pkix.Extension) func(*x509.CertificateRequest) {
	return func(r *x509.CertificateRequest) { r.ExtraExtensions = append(r.ExtraExtensions, e) }
}

func TestKeys(t *testing.T) {
	weak, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	strong, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	wantRSA := func(s *trial) {
		s.profile.Spec.Certificate.KeyAlgorithm, s.profile.Spec.Certificate.KeySize = v1alpha1.KeyAlgorithmRSA, 2048
		s.want()
	}
	tests := map[string]struct {
		spoil        func(*trial)
		reason, says string
		waits        bool
	}{
		"another curve":       {func(s *trial) { s.key = ecKey(t, elliptic.P384()) }, reasonKey, "ECDSA with 384 bits", true},
		"RSA":                 {func(s *trial) { s.key = strong }, reasonKey, "RSA with 2048 bits", true},
		"RSA as wanted":       {func(s *trial) { wantRSA(s); s.certificate.Spec = *s.wanted; s.key = strong }, "", "", false},
		"RSA with 1024 bits":  {func(s *trial) { wantRSA(s); s.certificate.Spec = *s.wanted; s.key = weak }, reasonKey, "1024", true},
		"profile just edited": {wantRSA, reasonKey, "ECDSA with 256 bits, but SecurityProfile level-2 asks for RSA with 2048", true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := newTrial(t)
			tt.spoil(s)
			s.sign(t, s.ask())
			o := decide(s.scope)
			check(t, o, tt.reason, tt.says)
			if o != nil && o.waits != tt.waits {
				t.Errorf("waits = %t, want %t", o.waits, tt.waits)
			}
		})
	}
}

// TestBrokenText gives texts that are not exactly one request.
func TestBrokenText(t *testing.T) {
	s := newTrial(t)
	good := s.request.Spec.Request
	block, _ := pem.Decode(good)
	forged := bytes.Clone(block.Bytes)
	forged[len(forged)-1] ^= 1
	challenge := attribute(t, s, block.Bytes)
	tests := map[string]struct {
		text         []byte
		reason, says string
	}{
		"nothing":          {nil, reasonMalformed, "not in PEM form"},
		"no PEM":           {block.Bytes, reasonMalformed, "not in PEM form"},
		"two requests":     {append(bytes.Clone(good), good...), reasonMalformed, "not a single PEM block"},
		"a certificate":    {pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: block.Bytes}), reasonMalformed, "not a single PEM block"},
		"no request":       {pem.EncodeToMemory(&pem.Block{Type: requestType, Bytes: []byte{0x30, 0}}), reasonMalformed, "no certificate request"},
		"broken signature": {pem.EncodeToMemory(&pem.Block{Type: requestType, Bytes: forged}), reasonMalformed, "not signed with the key"},
		"other attribute":  {challenge, reasonExtensions, "attribute 1.2.840.113549.1.9.7"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s.request.Spec.Request = tt.text
			check(t, decide(s.scope), tt.reason, tt.says)
		})
	}
}

// attribute gives the request with a challenge password added, and signed again.
func attribute(t *testing.T, s *trial, der []byte) []byte {
	t.Helper()
	request, err := x509.ParseCertificateRequest(der)
	if err != nil {
		t.Fatal(err)
	}
	type body struct {
		Version    int
		Subject    asn1.RawValue
		PublicKey  asn1.RawValue
		Attributes []asn1.RawValue `asn1:"tag:0"`
	}
	var b body
	if _, err := asn1.Unmarshal(request.RawTBSCertificateRequest, &b); err != nil {
		t.Fatal(err)
	}
	added, err := asn1.Marshal(struct {
		ID     asn1.ObjectIdentifier
		Values []string `asn1:"set"`
	}{oid("1.2.840.113549.1.9.7"), []string{"password"}})
	if err != nil {
		t.Fatal(err)
	}
	b.Attributes = append(b.Attributes, asn1.RawValue{FullBytes: added})
	return resign(t, s, b)
}

func resign(t *testing.T, s *trial, body any) []byte {
	t.Helper()
	tbs, err := asn1.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	der, err := signed(s.key, tbs)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: requestType, Bytes: der})
}

// FuzzParse feeds arbitrary text to the parser; whatever it accepts it must be able to judge.
func FuzzParse(f *testing.F) {
	f.Add([]byte("-----BEGIN CERTIFICATE REQUEST-----\nMAA=\n-----END CERTIFICATE REQUEST-----\n"))
	f.Fuzz(func(_ *testing.T, text []byte) {
		asked, err := parse(text)
		if err != nil {
			return
		}
		asked.key()
		asked.isAuthority()
		asked.usagesAre([]cmapi.KeyUsage{cmapi.UsageDigitalSignature, cmapi.UsageClientAuth})
	})
}
