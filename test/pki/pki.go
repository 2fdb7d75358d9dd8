// Package pki makes certificate authorities and leaf certificates with SPIFFE IDs for tests, and writes them to disk the
// way the kubelet writes volumes.
//
// It runs in tests and in stand-in programs only. Keys live as long as the process.
package pki

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/url"
	"time"
)

// CA signs leaves.
type CA struct {
	Certificate *x509.Certificate
	key         *ecdsa.PrivateKey
}

// NewCA makes a self-signed authority, valid for ten years around now.
func NewCA(name string) (*CA, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("a key for the CA %s cannot be made: %w", name, err)
	}
	return sign(name, key, time.Now().AddDate(-5, 0, 0))
}

// Renewed is the same authority, of the same name and key, with another certificate that becomes valid only now.
func (ca *CA) Renewed() (*CA, error) {
	return sign(ca.Certificate.Subject.CommonName, ca.key, time.Now())
}

func sign(name string, key *ecdsa.PrivateKey, from time.Time) (*CA, error) {
	template := &x509.Certificate{
		SerialNumber:          serialNumber(),
		Subject:               pkix.Name{CommonName: name},
		NotBefore:             from,
		NotAfter:              from.AddDate(10, 0, 0),
		IsCA:                  true,
		BasicConstraintsValid: true,
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, fmt.Errorf("the CA %s cannot be signed: %w", name, err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("the CA %s cannot be read back: %w", name, err)
	}
	return &CA{Certificate: certificate, key: key}, nil
}

// ReadCA takes up an authority whose pair was made elsewhere, such as by cert-manager.
func ReadCA(pair Pair) (*CA, error) {
	issuer, err := pair.TLS()
	if err != nil {
		return nil, fmt.Errorf("the pair of a CA cannot be read: %w", err)
	}
	certificate, err := x509.ParseCertificate(issuer.Certificate[0])
	if err != nil {
		return nil, fmt.Errorf("the certificate of a CA cannot be read: %w", err)
	}
	key, ok := issuer.PrivateKey.(*ecdsa.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("the CA %s has a key of the type %T; only ECDSA is known here", certificate.Subject, issuer.PrivateKey)
	}
	return &CA{Certificate: certificate, key: key}, nil
}

// PEM is the authority's certificate.
func (ca *CA) PEM() []byte { return encode("CERTIFICATE", ca.Certificate.Raw) }

// Request says what a leaf is to be.
type Request struct {
	SPIFFEID string
	DNSNames []string
	IPs      []net.IP
	// NotBefore and NotAfter are an hour ago and a day ahead by default.
	NotBefore, NotAfter time.Time
	// Usages are client and server authentication by default.
	Usages []x509.ExtKeyUsage
}

// Pair is a certificate and its key in PEM.
type Pair struct {
	Certificate, Key []byte
}

// TLS is the pair for crypto/tls.
func (p Pair) TLS() (tls.Certificate, error) { return tls.X509KeyPair(p.Certificate, p.Key) }

// Issue signs a leaf with a new key.
func (ca *CA) Issue(r Request) (Pair, error) {
	template, err := r.template()
	if err != nil {
		return Pair{}, err
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return Pair{}, fmt.Errorf("a key for %s cannot be made: %w", r.SPIFFEID, err)
	}
	der, err := x509.CreateCertificate(rand.Reader, template, ca.Certificate, key.Public(), ca.key)
	if err != nil {
		return Pair{}, fmt.Errorf("the certificate of %s cannot be signed: %w", r.SPIFFEID, err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return Pair{}, fmt.Errorf("the key of %s cannot be encoded: %w", r.SPIFFEID, err)
	}
	return Pair{Certificate: encode("CERTIFICATE", der), Key: encode("PRIVATE KEY", keyDER)}, nil
}

func (r Request) template() (*x509.Certificate, error) {
	template := &x509.Certificate{
		SerialNumber: serialNumber(),
		NotBefore:    r.NotBefore,
		NotAfter:     r.NotAfter,
		DNSNames:     r.DNSNames,
		IPAddresses:  r.IPs,
		KeyUsage:     x509.KeyUsageDigitalSignature,
		ExtKeyUsage:  r.Usages,
	}
	if template.NotBefore.IsZero() {
		template.NotBefore = time.Now().Add(-time.Hour)
	}
	if template.NotAfter.IsZero() {
		template.NotAfter = time.Now().Add(24 * time.Hour)
	}
	if template.ExtKeyUsage == nil {
		template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageServerAuth}
	}
	if r.SPIFFEID != "" {
		id, err := url.Parse(r.SPIFFEID)
		if err != nil {
			return nil, fmt.Errorf("%q is no URI; write a SPIFFE ID: %w", r.SPIFFEID, err)
		}
		template.URIs = []*url.URL{id}
	}
	return template, nil
}

// serialNumber is 8 random bytes with the highest bit clear and never zero.
func serialNumber() *big.Int {
	bytes := make([]byte, 8)
	_, _ = rand.Read(bytes) // crypto/rand.Read never fails
	bytes[0] = bytes[0]&0x7f | 0x40
	return new(big.Int).SetBytes(bytes)
}

func encode(kind string, der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
}
