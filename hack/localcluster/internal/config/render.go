package config

import (
	"encoding/json"
	"fmt"
)

// render encodes a configuration file as JSON, which the CNI library insists on and the components take as well as YAML. The
// files are written from values instead of templates, so that a path with an odd character in it cannot break them.
func (b *builder) render(value map[string]any) []byte {
	raw, err := json.MarshalIndent(value, "", "  ")
	if err != nil && b.err == nil {
		b.err = fmt.Errorf("encode the configuration file of kind %v: %w", value["kind"], err)
	}
	return append(raw, '\n')
}
