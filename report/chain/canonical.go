package chain

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"github.com/gowebpki/jcs"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

// digestField is left out of what is digested, because it holds the digest.
const digestField = "sha256"

// Canonical gives the bytes that are digested: the spec, in JSON, without its field sha256, in the canonical form of RFC 8785.
func Canonical(spec []byte) ([]byte, error) {
	fields := map[string]json.RawMessage{}
	if err := json.Unmarshal(spec, &fields); err != nil {
		return nil, fmt.Errorf("reading the spec of a report: %w", err)
	}
	delete(fields, digestField)
	rest, err := json.Marshal(fields)
	if err != nil {
		return nil, fmt.Errorf("writing the spec of a report: %w", err)
	}
	canonical, err := jcs.Transform(rest)
	if err != nil {
		return nil, fmt.Errorf("writing the spec of a report in canonical JSON: %w", err)
	}
	return canonical, nil
}

// Digest gives the digest of a spec in JSON, as its field sha256 has to have it.
func Digest(spec []byte) (v1alpha1.SHA256Digest, error) {
	canonical, err := Canonical(spec)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(canonical)
	return v1alpha1.SHA256Digest(hex.EncodeToString(sum[:])), nil
}

// Seal fills the digest of a spec, and tells how many bytes its canonical form has.
func Seal(spec *v1alpha1.ReadinessReportSpec) (size int, err error) {
	spec.SHA256 = ""
	text, err := json.Marshal(spec)
	if err != nil {
		return 0, fmt.Errorf("writing the spec of a report: %w", err)
	}
	canonical, err := Canonical(text)
	if err != nil {
		return 0, err
	}
	sum := sha256.Sum256(canonical)
	spec.SHA256 = v1alpha1.SHA256Digest(hex.EncodeToString(sum[:]))
	return len(canonical), nil
}
