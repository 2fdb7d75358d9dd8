package anchors

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"slices"
	"strings"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/gateway/trust"
)

// Bundle is every anchor of a hub: those in force, and those that are distrusted.
type Bundle struct {
	// PEM of the anchors in force. It depends on nothing but the set, so an anchor that is renamed, moved or held rewrites nothing.
	PEM string
	// Parsed is the same bundle, with the digest that gateways report.
	Parsed *trust.Bundle
	// Anchors that are known, each certificate once, for the hub's status. Distrusted ones are told here only.
	Anchors []v1alpha1.ObservedTrustAnchor
	// Certificates of Anchors, by fingerprint.
	Certificates map[string]*x509.Certificate
}

// Fingerprint is how anchors are named: the SHA-256 of the certificate in lower-case hexadecimal.
func Fingerprint(certificate *x509.Certificate) string {
	sum := sha256.Sum256(certificate.Raw)
	return hex.EncodeToString(sum[:])
}

// State is what becomes of the anchor; empty if the hub does not know it.
func (b *Bundle) State(fingerprint string) v1alpha1.TrustAnchorState {
	for i := range b.Anchors {
		if b.Anchors[i].SHA256 == fingerprint {
			return b.Anchors[i].State
		}
	}
	return ""
}

// Ends are the anchors in force that a chain, a leaf and its intermediates, ends in; in ascending order, trusted ones before held ones.
func (b *Bundle) Ends(chain []*x509.Certificate) []string {
	return append(b.inState(chain, v1alpha1.TrustAnchorTrusted), b.inState(chain, v1alpha1.TrustAnchorHeld)...)
}

// Authority is the anchor that stands for a chain: a trusted one if it ends in one, or else a held one. A chain that ends in
// distrusted ones alone is told by one of these, so that it can be replaced first: State tells, and Ends is empty. It is empty if
// the hub knows none of the chain's anchors.
func (b *Bundle) Authority(chain []*x509.Certificate) string {
	for _, state := range []v1alpha1.TrustAnchorState{
		v1alpha1.TrustAnchorTrusted, v1alpha1.TrustAnchorHeld, v1alpha1.TrustAnchorDistrusted,
	} {
		if ends := b.inState(chain, state); len(ends) > 0 {
			return ends[0]
		}
	}
	return ""
}

func (b *Bundle) inState(chain []*x509.Certificate, state v1alpha1.TrustAnchorState) []string {
	var result []string
	for i := range b.Anchors {
		a := &b.Anchors[i]
		if certificate := b.Certificates[a.SHA256]; a.State == state && certificate != nil && endsIn(chain, certificate) {
			result = append(result, a.SHA256)
		}
	}
	slices.Sort(result)
	return result
}

// endsIn asks at the moment at which the last of all became valid: whether one has expired since is another question.
func endsIn(chain []*x509.Certificate, anchor *x509.Certificate) bool {
	if len(chain) == 0 {
		return false
	}
	options := x509.VerifyOptions{
		Roots: x509.NewCertPool(), Intermediates: x509.NewCertPool(), CurrentTime: anchor.NotBefore,
		KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny},
	}
	options.Roots.AddCert(anchor)
	for i, certificate := range chain {
		if i > 0 {
			options.Intermediates.AddCert(certificate)
		}
		if certificate.NotBefore.After(options.CurrentTime) {
			options.CurrentTime = certificate.NotBefore
		}
	}
	_, err := chain[0].Verify(options)
	return err == nil
}

// Without gives the bundle without some anchors, in force or not.
func (b *Bundle) Without(fingerprints ...string) (*Bundle, error) {
	if len(fingerprints) == 0 {
		return b, nil
	}
	rest := &Bundle{Certificates: b.Certificates}
	for _, a := range b.Anchors {
		if !slices.Contains(fingerprints, a.SHA256) {
			rest.Anchors = append(rest.Anchors, a)
		}
	}
	if err := rest.render(); err != nil {
		return nil, err
	}
	return rest, nil
}

// render sets PEM and Parsed to the anchors in force.
func (b *Bundle) render() error {
	var inForce []string
	for i := range b.Anchors {
		if a := &b.Anchors[i]; a.State != v1alpha1.TrustAnchorDistrusted {
			inForce = append(inForce, a.SHA256)
		}
	}
	slices.Sort(inForce)
	var all strings.Builder
	for _, fingerprint := range inForce {
		all.WriteString(encode(b.Certificates[fingerprint]))
	}
	parsed, err := trust.Parse([]byte(all.String()))
	if err != nil {
		return fmt.Errorf("rendering the anchors in force: %w", err)
	}
	b.PEM, b.Parsed = all.String(), parsed
	return nil
}

func encode(certificate *x509.Certificate) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate.Raw}))
}
