package staging

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/desired"
)

// digits is how many hexadecimal digits of the digest name a revision.
const digits = 20

// technical is the part of a profile whose change reaches Connectors a batch at a time.
type technical struct {
	TLS          v1alpha1.TLSRequirements          `json:"tls,omitzero"`
	Cryptography v1alpha1.CryptographyRequirements `json:"cryptography,omitzero"`
	Certificate  v1alpha1.CertificateRequirements  `json:"certificate,omitzero"`
	Workload     v1alpha1.WorkloadRequirements     `json:"workload,omitzero"`
	Network      v1alpha1.NetworkRequirements      `json:"network,omitzero"`
	Logging      v1alpha1.LoggingRequirements      `json:"logging,omitzero"`
}

func technicalOf(spec *v1alpha1.SecurityProfileSpec) technical {
	return technical{
		TLS: spec.TLS, Cryptography: spec.Cryptography, Certificate: spec.Certificate,
		Workload: spec.Workload, Network: spec.Network, Logging: spec.Logging,
	}
}

func (t *technical) writeInto(spec *v1alpha1.SecurityProfileSpec) {
	spec.TLS, spec.Cryptography, spec.Certificate = t.TLS, t.Cryptography, t.Certificate
	spec.Workload, spec.Network, spec.Logging = t.Workload, t.Network, t.Logging
}

// Revision names the technical part of a profile.
func Revision(spec v1alpha1.SecurityProfileSpec) string { return named(encodeProfile(spec)) }

// ClassRevision names the spec of a class, apart from how it is rolled out, and the way in which this operator builds by it.
func ClassRevision(spec v1alpha1.ConnectorClassSpec) string { return named(encodeClass(spec)) }

func named(text []byte, err error) string {
	if err != nil {
		// No value of these types can fail to be written as JSON.
		return ""
	}
	return digest(text)
}

func encodeProfile(spec v1alpha1.SecurityProfileSpec) ([]byte, error) {
	text, err := json.Marshal(technicalOf(&spec))
	if err != nil {
		return nil, fmt.Errorf("writing the technical part of a profile: %w", err)
	}
	return canonical(text)
}

// builtClass is what makes the pods of a Connector: what the class says, and the way in which the operator builds by that.
type builtClass struct {
	v1alpha1.ConnectorClassSpec

	Builder int `json:"builder,omitempty"`
}

func encodeClass(spec v1alpha1.ConnectorClassSpec) ([]byte, error) {
	spec.Rollout = v1alpha1.RolloutPolicy{}
	text, err := json.Marshal(builtClass{spec, desired.Builder})
	if err != nil {
		return nil, fmt.Errorf("writing the spec of a class: %w", err)
	}
	return canonical(text)
}

// canonical sorts the keys, so that the order in which a type declares its fields does not matter.
func canonical(text []byte) ([]byte, error) {
	var value any
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	if err := decoder.Decode(&value); err != nil {
		return nil, fmt.Errorf("reading what is stored: %w", err)
	}
	return json.Marshal(value)
}

func digest(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])[:digits]
}

var errContent = errors.New("its content is not what its name says")

// decode reads what is stored, whose digest must be the revision: what anybody else wrote is not used.
func decode[T any](text []byte, revision string) (*T, error) {
	sorted, err := canonical(text)
	if err != nil {
		return nil, err
	}
	if digest(sorted) != revision {
		return nil, errContent
	}
	var t T
	if err := json.Unmarshal(sorted, &t); err != nil {
		return nil, fmt.Errorf("reading what revision %s holds: %w", revision, err)
	}
	return &t, nil
}
