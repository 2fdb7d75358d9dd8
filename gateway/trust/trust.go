// Package trust reads a bundle of trust anchors (the CA certificates that peers' chains must end in) and names it by a
// digest, so that the operator can see which bundle each gateway has in use.
//
// It runs in the gateway on every change of the mounted bundle, and in the operator when it renders one. It is pure: no
// I/O and no state, so a restart of either side needs no recovery.
package trust

import (
	"bytes"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"slices"
)

// Bundle is a parsed, non-empty set of trust anchors.
type Bundle struct {
	// Anchors in the order of their digests, each only once.
	Anchors []*x509.Certificate
	// Pool holds the same anchors.
	Pool *x509.CertPool
	// Digest is "sha256:" and the hex SHA-256 of the anchors' SHA-256 sums (each over its DER, in ascending order, each once).
	Digest string
}

// Parse reads PEM. Comments, order and duplicates do not matter; anything that is not a CA certificate is an error, because
// a bundle that silently loses an anchor would cut off peers later.
func Parse(data []byte) (*Bundle, error) {
	bySum := map[[sha256.Size]byte]*x509.Certificate{}
	for n, rest := 1, data; ; n++ {
		var block *pem.Block
		block, rest = pem.Decode(rest)
		if block == nil {
			if bytes.Contains(rest, []byte("-----BEGIN")) {
				return nil, fmt.Errorf("after %d certificates, the trust bundle has a PEM block that is cut short; write the whole bundle again", n-1)
			}
			break
		}
		anchor, err := parseAnchor(block)
		if err != nil {
			return nil, fmt.Errorf("block %d of the trust bundle: %w", n, err)
		}
		bySum[sha256.Sum256(anchor.Raw)] = anchor
	}
	if len(bySum) == 0 {
		return nil, errors.New("the trust bundle holds no certificate; write at least one CA certificate in PEM")
	}
	return newBundle(bySum), nil
}

func parseAnchor(block *pem.Block) (*x509.Certificate, error) {
	if block.Type != "CERTIFICATE" {
		return nil, fmt.Errorf("it is a %q block; write only CERTIFICATE blocks", block.Type)
	}
	anchor, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("it is not an X.509 certificate; write it again: %w", err)
	}
	if !anchor.IsCA {
		return nil, fmt.Errorf("the certificate of %q is not a CA; write the CA's certificate instead", anchor.Subject)
	}
	return anchor, nil
}

func newBundle(bySum map[[sha256.Size]byte]*x509.Certificate) *Bundle {
	sums := make([][sha256.Size]byte, 0, len(bySum))
	for sum := range bySum {
		sums = append(sums, sum)
	}
	slices.SortFunc(sums, func(a, b [sha256.Size]byte) int { return bytes.Compare(a[:], b[:]) })
	bundle := &Bundle{Pool: x509.NewCertPool()}
	whole := sha256.New()
	for _, sum := range sums {
		whole.Write(sum[:])
		bundle.Anchors = append(bundle.Anchors, bySum[sum])
		bundle.Pool.AddCert(bySum[sum])
	}
	bundle.Digest = "sha256:" + hex.EncodeToString(whole.Sum(nil))
	return bundle
}
