package pki

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"net"
	"slices"
	"time"
)

// Leaf describes a certificate that a component serves with or shows to others.
type Leaf struct {
	CommonName string
	// Groups are what Kubernetes reads from the organizations of the subject.
	Groups   []string
	DNSNames []string
	IPs      []string
	Usages   []x509.ExtKeyUsage
}

// EnsureLeaf keeps the certificate in the two files if it still says what the leaf says and verifies against the
// authority; otherwise it makes a new key and certificate.
func (a *Authority) EnsureLeaf(certFile, keyFile string, leaf Leaf, now time.Time) error {
	cert, key, err := readPair(certFile, keyFile)
	if err == nil && key.PublicKey.Equal(cert.PublicKey) && a.Verify(cert, leaf, now.Add(renewBefore)) == nil {
		return nil
	}
	key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return fmt.Errorf("make the key of %s: %w", leaf.CommonName, err)
	}
	cert, err = sign(leaf.template(now), a.cert, &key.PublicKey, a.key)
	if err != nil {
		return fmt.Errorf("sign the certificate of %s: %w", leaf.CommonName, err)
	}
	if err := a.Verify(cert, leaf, now); err != nil {
		return fmt.Errorf("the certificate just made for %s does not verify: %w", leaf.CommonName, err)
	}
	return writePair(certFile, keyFile, cert, key)
}

func (l Leaf) template(now time.Time) *x509.Certificate {
	t := &x509.Certificate{
		Subject:               pkix.Name{CommonName: l.CommonName, Organization: l.Groups},
		NotBefore:             now.Add(-backdate),
		NotAfter:              now.Add(leafLife),
		KeyUsage:              x509.KeyUsageDigitalSignature,
		ExtKeyUsage:           l.Usages,
		BasicConstraintsValid: true,
		DNSNames:              l.DNSNames,
	}
	for _, ip := range l.IPs {
		t.IPAddresses = append(t.IPAddresses, net.ParseIP(ip))
	}
	return t
}

// Verify checks the certificate as a peer would at the given time, and that it carries the identity of the leaf.
func (a *Authority) Verify(cert *x509.Certificate, leaf Leaf, at time.Time) error {
	roots := x509.NewCertPool()
	roots.AddCert(a.cert)
	for _, usage := range leaf.Usages {
		opts := x509.VerifyOptions{Roots: roots, CurrentTime: at, KeyUsages: []x509.ExtKeyUsage{usage}}
		if _, err := cert.Verify(opts); err != nil {
			return err
		}
	}
	for _, name := range slices.Concat(leaf.DNSNames, leaf.IPs) {
		if err := cert.VerifyHostname(name); err != nil {
			return err
		}
	}
	if cert.Subject.CommonName != leaf.CommonName || !slices.Equal(cert.Subject.Organization, leaf.Groups) {
		return fmt.Errorf("the certificate is for %s, not for %s", cert.Subject, leaf.CommonName)
	}
	return nil
}
