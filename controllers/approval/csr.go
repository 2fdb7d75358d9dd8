package approval

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"

	cmapi "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
)

// Object identifiers of what a request may hold (RFC 2985 and RFC 5280), in their dotted form.
const (
	attributeExtensions    = "1.2.840.113549.1.9.14"
	extensionSubjectKeyID  = "2.5.29.14"
	extensionKeyUsage      = "2.5.29.15"
	extensionNames         = "2.5.29.17"
	extensionBasic         = "2.5.29.19"
	extensionExtendedUsage = "2.5.29.37"
	usageServerAuth        = "1.3.6.1.5.5.7.3.1"
	usageClientAuth        = "1.3.6.1.5.5.7.3.2"
)

const (
	requestType = "CERTIFICATE REQUEST"
	// Tags of the kinds of names.
	tagDNS, tagURI = 2, 6
)

// csr is what is to be signed, with nothing left out: an issuer may take over parts that Go's parser passes over.
type csr struct {
	*x509.CertificateRequest
	attributes []string
	// extensions by their identifier; doubled names one that is there twice.
	extensions map[string]pkix.Extension
	doubled    string
	// dns and uris are the names of these kinds, and otherNames counts those of any other.
	dns, uris  []string
	otherNames int
}

// parse reads the one request that the text must consist of.
func parse(text []byte) (*csr, error) {
	block, rest := pem.Decode(text)
	switch {
	case block == nil:
		return nil, errors.New("it is not in PEM form")
	case block.Type != requestType || len(block.Headers) > 0 || len(bytes.TrimSpace(rest)) > 0:
		return nil, fmt.Errorf("it is not a single PEM block of the type %s", requestType)
	}
	request, err := x509.ParseCertificateRequest(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("it is no certificate request: %w", err)
	}
	c := &csr{CertificateRequest: request, extensions: map[string]pkix.Extension{}}
	for _, e := range request.Extensions {
		id := e.Id.String()
		if _, ok := c.extensions[id]; ok {
			c.doubled = id
		}
		c.extensions[id] = e
	}
	if c.attributes, err = attributes(request.RawTBSCertificateRequest); err != nil {
		return nil, err
	}
	if err := c.readNames(); err != nil {
		return nil, err
	}
	return c, nil
}

// attributes names every attribute of the request; Go tells of those only whose value it can read.
func attributes(raw []byte) ([]string, error) {
	var body struct {
		Raw        asn1.RawContent
		Version    int
		Subject    asn1.RawValue
		PublicKey  asn1.RawValue
		Attributes []asn1.RawValue `asn1:"tag:0"`
	}
	if _, err := asn1.Unmarshal(raw, &body); err != nil {
		return nil, fmt.Errorf("its attributes cannot be read: %w", err)
	}
	var ids []string
	for _, a := range body.Attributes {
		var attribute struct {
			ID     asn1.ObjectIdentifier
			Values []asn1.RawValue `asn1:"set"`
		}
		if _, err := asn1.Unmarshal(a.FullBytes, &attribute); err != nil {
			return nil, fmt.Errorf("an attribute cannot be read: %w", err)
		}
		ids = append(ids, attribute.ID.String())
	}
	return ids, nil
}

func (c *csr) readNames() error {
	names, ok := c.extensions[extensionNames]
	if !ok {
		return nil
	}
	var sequence asn1.RawValue
	if rest, err := asn1.Unmarshal(names.Value, &sequence); err != nil || len(rest) > 0 {
		return errors.New("its names cannot be read")
	}
	for rest := sequence.Bytes; len(rest) > 0; {
		var name asn1.RawValue
		var err error
		if rest, err = asn1.Unmarshal(rest, &name); err != nil {
			return fmt.Errorf("a name cannot be read: %w", err)
		}
		switch {
		case name.Class == asn1.ClassContextSpecific && name.Tag == tagDNS:
			c.dns = append(c.dns, string(name.Bytes))
		case name.Class == asn1.ClassContextSpecific && name.Tag == tagURI:
			c.uris = append(c.uris, string(name.Bytes))
		default:
			c.otherNames++
		}
	}
	return nil
}

// usagesAre tells whether the usages that are to be signed, where the request names any, are these. cert-manager may be told to
// leave them out, and then takes them from the request's spec.
func (c *csr) usagesAre(usages []cmapi.KeyUsage) bool {
	var bits x509.KeyUsage
	extended := map[string]bool{}
	for _, u := range usages {
		switch u {
		case cmapi.UsageDigitalSignature:
			bits |= x509.KeyUsageDigitalSignature
		case cmapi.UsageServerAuth:
			extended[usageServerAuth] = true
		case cmapi.UsageClientAuth:
			extended[usageClientAuth] = true
		default:
			// The operator asks for no other; one that it may ask for some day is added here first.
			return false
		}
	}
	if e, ok := c.extensions[extensionKeyUsage]; ok && keyUsage(e.Value) != bits {
		return false
	}
	e, ok := c.extensions[extensionExtendedUsage]
	if !ok {
		return true
	}
	var ids []asn1.ObjectIdentifier
	if rest, err := asn1.Unmarshal(e.Value, &ids); err != nil || len(rest) > 0 || len(ids) != len(extended) {
		return false
	}
	for _, id := range ids {
		if !extended[id.String()] {
			return false
		}
		delete(extended, id.String())
	}
	return true
}

// keyUsage reads the bits of the extension; none if it cannot be read.
func keyUsage(value []byte) x509.KeyUsage {
	var bits asn1.BitString
	if rest, err := asn1.Unmarshal(value, &bits); err != nil || len(rest) > 0 {
		return 0
	}
	var usage x509.KeyUsage
	for i := range bits.BitLength {
		if bits.At(i) != 0 {
			usage |= 1 << i
		}
	}
	return usage
}

// isAuthority tells whether the request is for a certificate that could sign others, or cannot be read in this.
func (c *csr) isAuthority() bool {
	e, ok := c.extensions[extensionBasic]
	if !ok {
		return false
	}
	var basic struct {
		IsCA       bool `asn1:"optional"`
		MaxPathLen int  `asn1:"optional,default:-1"`
	}
	rest, err := asn1.Unmarshal(e.Value, &basic)
	return err != nil || len(rest) > 0 || basic.IsCA
}

// key tells the algorithm and the size of the public key.
func (c *csr) key() (cmapi.PrivateKeyAlgorithm, int) {
	switch k := c.PublicKey.(type) {
	case *ecdsa.PublicKey:
		return cmapi.ECDSAKeyAlgorithm, k.Curve.Params().BitSize
	case *rsa.PublicKey:
		return cmapi.RSAKeyAlgorithm, k.N.BitLen()
	default:
		return cmapi.PrivateKeyAlgorithm(c.PublicKeyAlgorithm.String()), 0
	}
}

// sameKey tells whether the certificate was issued for the key of the request.
func (c *csr) sameKey(certificate []byte) bool {
	leaf := leafOf(certificate)
	return leaf != nil && bytes.Equal(leaf.RawSubjectPublicKeyInfo, c.RawSubjectPublicKeyInfo)
}

// uris are the URIs in the first certificate of a chain in PEM form.
func uris(chain []byte) []string {
	leaf := leafOf(chain)
	if leaf == nil {
		return nil
	}
	result := make([]string, 0, len(leaf.URIs))
	for _, u := range leaf.URIs {
		result = append(result, u.String())
	}
	return result
}

func leafOf(chain []byte) *x509.Certificate {
	block, _ := pem.Decode(chain)
	if block == nil {
		return nil
	}
	leaf, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return nil
	}
	return leaf
}

// quoteAll writes names for people.
func quoteAll(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return quote(strings.Join(names, ", "))
}
