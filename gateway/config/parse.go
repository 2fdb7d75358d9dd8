package config

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"

	kjson "sigs.k8s.io/json"
	"sigs.k8s.io/yaml"
)

// maxFileBytes is far above what a ConfigMap can hold, and keeps a wrong file from costing memory.
const maxFileBytes = 2 << 20

// Parse reads a configuration file, puts defaults where it says nothing, and validates the result. A field it does not
// know is an error, because a misspelled limit must not silently become the default.
func Parse(data []byte) (Config, error) {
	if len(data) > maxFileBytes {
		return Config{}, fmt.Errorf("the configuration has %d bytes; write one of at most %d bytes", len(data), maxFileBytes)
	}
	asJSON, err := yaml.YAMLToJSONStrict(data)
	if err != nil {
		return Config{}, fmt.Errorf("the configuration is not valid YAML; correct it: %w", err)
	}
	cfg := Default()
	strict, err := kjson.UnmarshalStrict(asJSON, &cfg)
	if err != nil {
		return Config{}, fmt.Errorf("the configuration does not fit the schema %s; correct it: %w", APIVersion, err)
	}
	if len(strict) > 0 {
		return Config{}, fmt.Errorf("the configuration has fields that the schema %s does not know; remove or correct them: %w",
			APIVersion, errors.Join(strict...))
	}
	// An empty list is not rendered, so that it must read back as the same value.
	for _, list := range []*[]string{&cfg.Services, &cfg.TLS.CipherSuites, &cfg.TLS.KeyExchange, &cfg.Log.Fields} {
		if len(*list) == 0 {
			*list = nil
		}
	}
	if cfg.Trust.QuietPeriod.Duration == 0 {
		cfg.Trust.QuietPeriod = quietPeriod() // zero is not rendered either
	}
	if err := cfg.Validate(); err != nil {
		return Config{}, err
	}
	return cfg, nil
}

// Marshal renders a configuration so that Parse gives back an equal value. Equal values give equal bytes.
func Marshal(cfg Config) ([]byte, error) {
	data, err := yaml.Marshal(cfg)
	if err != nil {
		return nil, fmt.Errorf("the configuration cannot be rendered as YAML: %w", err)
	}
	return data, nil
}

// Digest is "sha256:" and the hex digest of a configuration file's bytes, as /status reports it.
func Digest(data []byte) string {
	sum := sha256.Sum256(data)
	return "sha256:" + hex.EncodeToString(sum[:])
}
