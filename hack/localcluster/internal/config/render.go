package config

import (
	"fmt"

	"sigs.k8s.io/yaml"
)

// render encodes the configuration of a component. The files are written from values instead of templates, so that a
// path with an odd character in it cannot break them.
func (b *builder) render(value map[string]any) []byte {
	raw, err := yaml.Marshal(value)
	if err != nil && b.err == nil {
		b.err = fmt.Errorf("encode the configuration file of kind %v: %w", value["kind"], err)
	}
	return raw
}
