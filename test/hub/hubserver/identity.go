package hubserver

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"sync"

	"github.com/spiffe/go-spiffe/v2/spiffeid"
	"github.com/spiffe/go-spiffe/v2/svid/x509svid"

	"lienthong.gov.vn/connector-operator/gateway/revocation"
	"lienthong.gov.vn/connector-operator/gateway/volume"
)

// credentials reads the hub's certificate, the trust anchors and the revocations anew for every handshake, so what changes is in use at
// once. A file that cannot be read leaves the last one in use.
type credentials struct {
	// revocationsFile may be empty: then nothing is revoked.
	identityDir, trustFile, revocationsFile string

	mu      sync.Mutex
	pair    *tls.Certificate
	pool    *x509.CertPool
	revoked *revocation.List
}

// set is what one handshake goes by.
type set struct {
	pair    *tls.Certificate
	pool    *x509.CertPool
	revoked *revocation.List
}

func (c *credentials) load() (set, error) {
	pair, pairErr := readPair(c.identityDir)
	pool, poolErr := readPool(c.trustFile)
	revoked, revokedErr := readRevocations(c.revocationsFile)
	c.mu.Lock()
	defer c.mu.Unlock()
	if pairErr == nil {
		c.pair = pair
	}
	if poolErr == nil {
		c.pool = pool
	}
	if revokedErr == nil {
		c.revoked = revoked
	}
	if c.pair == nil || c.pool == nil || c.revoked == nil {
		return set{}, errors.Join(pairErr, poolErr, revokedErr)
	}
	return set{c.pair, c.pool, c.revoked}, nil
}

func readRevocations(path string) (*revocation.List, error) {
	if path == "" {
		return &revocation.List{}, nil
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("the revocations cannot be read; check -revocations: %w", err)
	}
	list, err := revocation.Parse(data)
	if err != nil {
		return nil, fmt.Errorf("the file %s cannot be used: %w", path, err)
	}
	return list, nil
}

func readPair(dir string) (*tls.Certificate, error) {
	files, err := volume.Read(dir, "tls.crt", "tls.key")
	if err != nil {
		return nil, err
	}
	pair, err := tls.X509KeyPair(files["tls.crt"], files["tls.key"])
	if err != nil {
		return nil, fmt.Errorf("the directory %s holds no certificate with its key: %w", dir, err)
	}
	return &pair, nil
}

func readPool(path string) (*x509.CertPool, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("the trust anchors cannot be read; check -trust: %w", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(data) {
		return nil, fmt.Errorf("the file %s holds no certificate in PEM", path)
	}
	return pool, nil
}

// serverTLS accepts every client whose chain verifies and who is not revoked; who it is decides what it may send. Whom it refuses it
// tells to the function.
func (c *credentials) serverTLS(refused func(error)) *tls.Config {
	return &tls.Config{
		MinVersion: tls.VersionTLS12,
		GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) {
			now, err := c.load()
			if err != nil {
				return nil, err
			}
			return &tls.Config{
				MinVersion:   tls.VersionTLS12,
				NextProtos:   []string{"h2", "http/1.1"},
				Certificates: []tls.Certificate{*now.pair},
				ClientAuth:   tls.RequireAndVerifyClientCert,
				ClientCAs:    now.pool,
				VerifyConnection: func(state tls.ConnectionState) error {
					err := now.check(state.PeerCertificates[0])
					if err != nil {
						refused(err)
					}
					return err
				},
			}, nil
		},
	}
}

// check tells why a connector's certificate is revoked; nil if it is not.
func (s set) check(leaf *x509.Certificate) error {
	id, err := x509svid.IDFromCert(leaf)
	if err != nil {
		id = spiffeid.ID{} // only its serial number can be revoked
	}
	return s.revoked.Check(leaf, id) //nolint:wrapcheck // it is the answer, not a failure
}

// clientTLS accepts exactly the connector with the SPIFFE ID, unless it is revoked.
func (c *credentials) clientTLS(spiffeID string) (*tls.Config, error) {
	now, err := c.load()
	if err != nil {
		return nil, err
	}
	return &tls.Config{
		MinVersion:         tls.VersionTLS12,
		NextProtos:         []string{"h2", "http/1.1"},
		Certificates:       []tls.Certificate{*now.pair},
		InsecureSkipVerify: true, //nolint:gosec // VerifyConnection verifies the chain and the SPIFFE ID instead of the host name.
		VerifyConnection: func(state tls.ConnectionState) error {
			return now.verifyConnector(state, spiffeID)
		},
	}, nil
}

func (s set) verifyConnector(state tls.ConnectionState, spiffeID string) error {
	leaf := state.PeerCertificates[0]
	if _, err := leaf.Verify(x509.VerifyOptions{Roots: s.pool}); err != nil {
		return fmt.Errorf("the connector's chain does not verify: %w", err)
	}
	if len(leaf.URIs) != 1 || leaf.URIs[0].String() != spiffeID {
		return fmt.Errorf("the connector is not %s", spiffeID)
	}
	return s.check(leaf)
}
