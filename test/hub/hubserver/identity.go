package hubserver

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"sync"

	"lienthong.gov.vn/connector-operator/gateway/volume"
)

// credentials reads the hub's certificate and the trust anchors anew for every handshake, so a rotation is in use at once. A
// set that cannot be read leaves the last one in use.
type credentials struct {
	identityDir, trustFile string

	mu   sync.Mutex
	pair *tls.Certificate
	pool *x509.CertPool
}

func (c *credentials) load() (*tls.Certificate, *x509.CertPool, error) {
	pair, pairErr := readPair(c.identityDir)
	pool, poolErr := readPool(c.trustFile)
	c.mu.Lock()
	defer c.mu.Unlock()
	if pairErr == nil {
		c.pair = pair
	}
	if poolErr == nil {
		c.pool = pool
	}
	if c.pair == nil || c.pool == nil {
		return nil, nil, errors.Join(pairErr, poolErr)
	}
	return c.pair, c.pool, nil
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

// serverTLS accepts every client whose chain verifies; who it is decides what it may send.
func (c *credentials) serverTLS() *tls.Config {
	return &tls.Config{
		MinVersion: tls.VersionTLS12,
		GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) {
			pair, pool, err := c.load()
			if err != nil {
				return nil, err
			}
			return &tls.Config{
				MinVersion:   tls.VersionTLS12,
				NextProtos:   []string{"h2", "http/1.1"},
				Certificates: []tls.Certificate{*pair},
				ClientAuth:   tls.RequireAndVerifyClientCert,
				ClientCAs:    pool,
			}, nil
		},
	}
}

// clientTLS accepts exactly the connector with the SPIFFE ID.
func (c *credentials) clientTLS(spiffeID string) (*tls.Config, error) {
	pair, pool, err := c.load()
	if err != nil {
		return nil, err
	}
	return &tls.Config{
		MinVersion:         tls.VersionTLS12,
		NextProtos:         []string{"h2", "http/1.1"},
		Certificates:       []tls.Certificate{*pair},
		InsecureSkipVerify: true, //nolint:gosec // VerifyConnection verifies the chain and the SPIFFE ID instead of the host name.
		VerifyConnection: func(state tls.ConnectionState) error {
			return verifyConnector(state, pool, spiffeID)
		},
	}, nil
}

func verifyConnector(state tls.ConnectionState, pool *x509.CertPool, spiffeID string) error {
	leaf := state.PeerCertificates[0]
	if _, err := leaf.Verify(x509.VerifyOptions{Roots: pool}); err != nil {
		return fmt.Errorf("the connector's chain does not verify: %w", err)
	}
	if len(leaf.URIs) != 1 || leaf.URIs[0].String() != spiffeID {
		return fmt.Errorf("the connector is not %s", spiffeID)
	}
	return nil
}
