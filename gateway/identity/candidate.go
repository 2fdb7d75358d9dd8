package identity

import (
	"crypto/fips140"
	"crypto/tls"
	"errors"
	"fmt"

	"github.com/spiffe/go-spiffe/v2/svid/x509svid"

	"lienthong.gov.vn/connector-operator/gateway/config"
	"lienthong.gov.vn/connector-operator/gateway/revocation"
	"lienthong.gov.vn/connector-operator/gateway/trust"
)

// The files of the two volumes.
const (
	CertificateFile = "tls.crt"
	KeyFile         = "tls.key"
	ConfigFile      = "gateway.yaml"
	TrustFile       = "trust.pem"
	RevocationsFile = "revocations.json"
)

// candidate is what the volumes hold now, each part either usable or with the reason why it is not.
type candidate struct {
	config       *config.Config
	configDigest string
	configErr    error
	leaf         *Leaf
	leafErr      error
	trust        *trust.Bundle
	trustErr     error
	// revocations and revocationErr are both nil where no list is mounted.
	revocations      *revocation.List
	revocationDigest string
	revocationErr    error
}

func (c *candidate) parseConfig(files map[string][]byte) {
	data, ok := files[ConfigFile]
	if !ok {
		c.configErr = fmt.Errorf("there is no file %s in the configuration directory", ConfigFile)
		return
	}
	cfg, err := config.Parse(data)
	if err == nil && fips140.Enabled() {
		err = cfg.CheckLeft()
	}
	if err != nil {
		c.configErr = fmt.Errorf("the file %s cannot be used: %w", ConfigFile, err)
		return
	}
	c.config, c.configDigest = &cfg, config.Digest(data)
}

func (c *candidate) parseTrust(files map[string][]byte) {
	data, ok := files[TrustFile]
	if !ok {
		c.trustErr = fmt.Errorf("there is no file %s in the configuration directory", TrustFile)
		return
	}
	bundle, err := trust.Parse(data)
	if err != nil {
		c.trustErr = fmt.Errorf("the file %s cannot be used: %w", TrustFile, err)
		return
	}
	c.trust = bundle
}

func (c *candidate) parseRevocations(files map[string][]byte) {
	data, ok := files[RevocationsFile]
	if !ok {
		return
	}
	list, err := revocation.Parse(data)
	if err != nil {
		c.revocationErr = fmt.Errorf("the file %s cannot be used: %w", RevocationsFile, err)
		return
	}
	c.revocations, c.revocationDigest = list, revocation.Digest(data)
}

func (c *candidate) parseLeaf(files map[string][]byte) {
	certPEM, keyPEM := files[CertificateFile], files[KeyFile]
	if certPEM == nil || keyPEM == nil {
		c.leafErr = fmt.Errorf("the identity directory does not hold both %s and %s", CertificateFile, KeyFile)
		return
	}
	c.leaf, c.leafErr = parseLeaf(certPEM, keyPEM)
}

// parseLeaf checks that the key is the certificate's. The parser's own error is not passed on for the key file, so that no
// part of a key can reach a log.
func parseLeaf(certPEM, keyPEM []byte) (*Leaf, error) {
	pair, err := tls.X509KeyPair(certPEM, keyPEM)
	if err != nil {
		return nil, errors.New("the certificate and key cannot be used together: one of them is cut short, is not PEM, or belongs to another; write both again")
	}
	id, err := x509svid.IDFromCert(pair.Leaf)
	if err != nil {
		return nil, fmt.Errorf("the certificate carries no single SPIFFE ID; issue it with exactly one URI name: %w", err)
	}
	return &Leaf{Certificate: pair, X509: pair.Leaf, ID: id}, nil
}
