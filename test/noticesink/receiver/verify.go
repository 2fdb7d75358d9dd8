package receiver

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"encoding/asn1"
	"errors"
	"fmt"
	"math/big"
)

func verify(p Proof) error {
	hashes := map[string]crypto.Hash{"ecdsa-p256-sha256": crypto.SHA256, "ecdsa-p384-sha384": crypto.SHA384, "rsa-pss-sha512": crypto.SHA512}
	digest := p.Base
	if hash, hashed := hashes[p.Algorithm]; hashed {
		h := hash.New()
		h.Write(p.Base)
		digest = h.Sum(nil)
	}
	good := false
	switch key := p.Leaf.PublicKey.(type) {
	case *ecdsa.PublicKey:
		half := len(p.Signature) / 2
		good = p.Algorithm == fmt.Sprintf("ecdsa-p%d-sha%[1]d", key.Params().BitSize) &&
			ecdsa.Verify(key, digest, new(big.Int).SetBytes(p.Signature[:half]), new(big.Int).SetBytes(p.Signature[half:]))
	case *rsa.PublicKey:
		good = p.Algorithm == "rsa-pss-sha512" && rsa.VerifyPSS(key, crypto.SHA512, digest, p.Signature, nil) == nil
	case ed25519.PublicKey:
		good = p.Algorithm == "ed25519" && ed25519.Verify(key, digest, p.Signature)
	}
	if !good {
		return errors.New("the signature is not that of the certificate's key over this request")
	}
	return nil
}

// ForOpenSSL is the signature as openssl wants it: of an ECDSA key in DER.
func (p Proof) ForOpenSSL() ([]byte, error) {
	if _, ok := p.Leaf.PublicKey.(*ecdsa.PublicKey); !ok {
		return p.Signature, nil
	}
	half := len(p.Signature) / 2
	return asn1.Marshal(struct{ R, S *big.Int }{new(big.Int).SetBytes(p.Signature[:half]), new(big.Int).SetBytes(p.Signature[half:])})
}
