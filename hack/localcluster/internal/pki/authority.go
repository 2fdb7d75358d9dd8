// Package pki makes the keys and certificates of a local cluster and checks them with the verification that the components
// use. It runs at every `up`: what is there and verifies is kept, what is missing, broken or about to expire is made anew.
// Keys are ECDSA on P-256 and readable by their owner only.
package pki

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"os"
	"time"
)

const (
	authorityLife = 10 * 365 * 24 * time.Hour
	leafLife      = 365 * 24 * time.Hour
	// renewBefore is how long a certificate must still be valid for to be kept.
	renewBefore = 30 * 24 * time.Hour
	// backdate forgives clocks that differ a little, as after a virtual machine was resumed.
	backdate = 5 * time.Minute
)

// Authority signs the leaves of one circle of trust.
type Authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	// PEM is the certificate as others are given it.
	PEM []byte
}

// EnsureAuthority loads the authority from the two files or, if they are not there or no longer good, makes a new one.
func EnsureAuthority(certFile, keyFile, commonName string, now time.Time) (*Authority, error) {
	a, err := loadAuthority(certFile, keyFile, now)
	if err == nil {
		return a, nil
	}
	if !errors.Is(err, errRenew) {
		return nil, err
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make the key of %s: %w", commonName, err)
	}
	template := &x509.Certificate{
		Subject:               pkix.Name{CommonName: commonName},
		NotBefore:             now.Add(-backdate),
		NotAfter:              now.Add(authorityLife),
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageCRLSign | x509.KeyUsageDigitalSignature,
		BasicConstraintsValid: true,
		IsCA:                  true,
	}
	cert, err := sign(template, template, &key.PublicKey, key)
	if err != nil {
		return nil, fmt.Errorf("sign the certificate of %s: %w", commonName, err)
	}
	if err := writePair(certFile, keyFile, cert, key); err != nil {
		return nil, err
	}
	return &Authority{cert: cert, key: key, PEM: encodeCert(cert)}, nil
}

// errRenew says that what is on disk is of no use and must be made anew.
var errRenew = errors.New("missing or no longer good")

func loadAuthority(certFile, keyFile string, now time.Time) (*Authority, error) {
	cert, key, err := readPair(certFile, keyFile)
	if err != nil {
		return nil, err
	}
	if !cert.IsCA || now.Add(renewBefore).After(cert.NotAfter) || !key.PublicKey.Equal(cert.PublicKey) {
		return nil, fmt.Errorf("%s: %w", certFile, errRenew)
	}
	return &Authority{cert: cert, key: key, PEM: encodeCert(cert)}, nil
}

// sign fills in what all certificates have in common.
func sign(template, parent *x509.Certificate, pub *ecdsa.PublicKey, signer *ecdsa.PrivateKey) (*x509.Certificate, error) {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		return nil, err
	}
	template.SerialNumber = serial
	der, err := x509.CreateCertificate(rand.Reader, template, parent, pub, signer)
	if err != nil {
		return nil, err
	}
	return x509.ParseCertificate(der)
}

// readPair returns errRenew where either file is missing or not what it should be.
func readPair(certFile, keyFile string) (*x509.Certificate, *ecdsa.PrivateKey, error) {
	certPEM, err := os.ReadFile(certFile)
	if err != nil {
		return nil, nil, readError(certFile, err)
	}
	keyPEM, err := os.ReadFile(keyFile)
	if err != nil {
		return nil, nil, readError(keyFile, err)
	}
	certBlock, _ := pem.Decode(certPEM)
	keyBlock, _ := pem.Decode(keyPEM)
	if certBlock == nil || keyBlock == nil {
		return nil, nil, fmt.Errorf("%s: %w", certFile, errRenew)
	}
	cert, err := x509.ParseCertificate(certBlock.Bytes)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", certFile, errRenew)
	}
	key, err := x509.ParseECPrivateKey(keyBlock.Bytes)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", keyFile, errRenew)
	}
	return cert, key, nil
}

func readError(path string, err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s: %w", path, errRenew)
	}
	return fmt.Errorf("read %s: %w", path, err)
}

func writePair(certFile, keyFile string, cert *x509.Certificate, key *ecdsa.PrivateKey) error {
	keyPEM, err := encodeKey(key)
	if err != nil {
		return fmt.Errorf("encode the key %s: %w", keyFile, err)
	}
	if err := os.WriteFile(keyFile, keyPEM, 0o600); err != nil {
		return fmt.Errorf("write the key: %w", err)
	}
	if err := os.WriteFile(certFile, encodeCert(cert), 0o600); err != nil {
		return fmt.Errorf("write the certificate: %w", err)
	}
	return nil
}

func encodeCert(cert *x509.Certificate) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert.Raw})
}

func encodeKey(key *ecdsa.PrivateKey) ([]byte, error) {
	der, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		return nil, err
	}
	return pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: der}), nil
}
