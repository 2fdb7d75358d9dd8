package signature

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/tls"
	"encoding/asn1"
	"encoding/hex"
	"errors"
	"fmt"
	"math/big"
	"net/http"
	"strings"
	"time"

	"github.com/dunglas/httpsfv"
)

// Header fields of a signed request.
const (
	// HeaderCertificates offers the certificate of the signer and its intermediates, leaf first, as a list of byte sequences in DER.
	HeaderCertificates = "Lienthong-Certificates"
	headerDigest       = "Content-Digest"
	headerInput        = "Signature-Input"
	headerSignature    = "Signature"
)

const (
	// label of the signature among those that a request may have.
	label = "lienthong"
	// Tag tells what the signature is for, so that it cannot be taken for one of another application.
	Tag = "lienthong-notice"
	// life is how long a receiver may take a request as fresh. A notice that is sent again is signed again.
	life = 5 * time.Minute
)

// Sign signs a request with that content. The request has its target and its Content-Type already.
func Sign(r *http.Request, content []byte, identity *tls.Certificate, now time.Time) error {
	key, err := keyOf(identity)
	if err != nil {
		return err
	}
	if err := offer(r, content, identity); err != nil {
		return err
	}
	parameters, base, err := prepare(r, identity, key.algorithm, now)
	if err != nil {
		return err
	}
	signed, err := key.sign([]byte(base))
	if err != nil {
		return fmt.Errorf("signing a notice: %w", err)
	}
	input, signature := httpsfv.NewDictionary(), httpsfv.NewDictionary()
	input.Add(label, parameters)
	signature.Add(label, httpsfv.NewItem(signed))
	return errors.Join(set(r, headerInput, input), set(r, headerSignature, signature))
}

// offer puts the digest and the certificates into the header.
func offer(r *http.Request, content []byte, identity *tls.Certificate) error {
	sum := sha256.Sum256(content)
	digest := httpsfv.NewDictionary()
	digest.Add("sha-256", httpsfv.NewItem(sum[:]))
	chain := make(httpsfv.List, 0, len(identity.Certificate))
	for _, der := range identity.Certificate {
		chain = append(chain, httpsfv.NewItem(der))
	}
	return errors.Join(set(r, headerDigest, digest), set(r, HeaderCertificates, chain))
}

func set(r *http.Request, name string, value httpsfv.StructuredFieldValue) error {
	text, err := httpsfv.Marshal(value)
	if err != nil {
		return fmt.Errorf("writing the header field %s: %w", name, err)
	}
	r.Header.Set(name, text)
	return nil
}

// prepare gives the parameters of the signature and the text that is signed (RFC 9421, section 2.5).
func prepare(r *http.Request, identity *tls.Certificate, algorithm string, now time.Time) (httpsfv.InnerList, string, error) {
	components := []struct{ name, value string }{
		{"@method", r.Method},
		{"@target-uri", r.URL.String()},
		{"content-type", r.Header.Get("Content-Type")},
		{"content-digest", r.Header.Get(headerDigest)},
		{"lienthong-certificates", r.Header.Get(HeaderCertificates)},
	}
	leaf := sha256.Sum256(identity.Certificate[0])
	parameters := httpsfv.InnerList{Params: httpsfv.NewParams()}
	parameters.Params.Add("created", now.Unix())
	parameters.Params.Add("expires", now.Add(life).Unix())
	parameters.Params.Add("keyid", "sha256:"+hex.EncodeToString(leaf[:]))
	parameters.Params.Add("alg", algorithm)
	parameters.Params.Add("tag", Tag)
	var base strings.Builder
	for _, c := range components {
		parameters.Items = append(parameters.Items, httpsfv.NewItem(c.name))
		fmt.Fprintf(&base, "%q: %s\n", c.name, c.value)
	}
	text, err := httpsfv.Marshal(httpsfv.List{parameters})
	if err != nil {
		return parameters, "", fmt.Errorf("writing the parameters of a signature: %w", err)
	}
	base.WriteString(`"@signature-params": ` + text)
	return parameters, base.String(), nil
}

// key signs by one of the algorithms of RFC 9421, section 3.3.
type key struct {
	algorithm string
	sign      func(base []byte) ([]byte, error)
}

func keyOf(identity *tls.Certificate) (*key, error) {
	if len(identity.Certificate) == 0 {
		return nil, errors.New("the operator's identity has no certificate")
	}
	switch private := identity.PrivateKey.(type) {
	case *ecdsa.PrivateKey:
		return ofECDSA(private)
	case *rsa.PrivateKey:
		return &key{"rsa-pss-sha512", func(base []byte) ([]byte, error) {
			salt := &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash}
			return rsa.SignPSS(rand.Reader, private, crypto.SHA512, digest(crypto.SHA512, base), salt)
		}}, nil
	case ed25519.PrivateKey:
		return &key{"ed25519", func(base []byte) ([]byte, error) { return ed25519.Sign(private, base), nil }}, nil
	default:
		return nil, fmt.Errorf("the operator's identity has a key of the type %T, by which no notice can be signed; let it have an ECDSA or RSA key", private)
	}
}

func ofECDSA(private *ecdsa.PrivateKey) (*key, error) {
	var algorithm string
	var hash crypto.Hash
	switch private.Curve {
	case elliptic.P256():
		algorithm, hash = "ecdsa-p256-sha256", crypto.SHA256
	case elliptic.P384():
		algorithm, hash = "ecdsa-p384-sha384", crypto.SHA384
	default:
		return nil, fmt.Errorf("the operator's identity has a key on the curve %s, by which no notice can be signed; let it have P-256 or P-384",
			private.Curve.Params().Name)
	}
	return &key{algorithm, func(base []byte) ([]byte, error) {
		der, err := ecdsa.SignASN1(rand.Reader, private, digest(hash, base))
		if err != nil {
			return nil, err
		}
		return fixedLength(der, (private.Curve.Params().BitSize+7)/8)
	}}, nil
}

// fixedLength writes both numbers of an ECDSA signature at their full length, one after the other, as the RFC wants them.
func fixedLength(der []byte, size int) ([]byte, error) {
	var numbers struct{ R, S *big.Int }
	if _, err := asn1.Unmarshal(der, &numbers); err != nil {
		return nil, fmt.Errorf("reading an ECDSA signature: %w", err)
	}
	both := make([]byte, 2*size)
	numbers.R.FillBytes(both[:size])
	numbers.S.FillBytes(both[size:])
	return both, nil
}

func digest(hash crypto.Hash, text []byte) []byte {
	h := hash.New()
	h.Write(text)
	return h.Sum(nil)
}
