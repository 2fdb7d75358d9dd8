// Package crd carries the CustomResourceDefinitions that `make manifests` generates in bases/, so that the operator's own image can bring those of
// a cluster up to date.
//
// It is data that is compiled in, and has no state.
package crd

import (
	"embed"
	"fmt"
	"io/fs"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"sigs.k8s.io/yaml"
)

//go:embed bases/*.yaml
var bases embed.FS

// Definitions are the definitions of every kind of this operator, ordered by the names of their files.
func Definitions() ([]*apiextensionsv1.CustomResourceDefinition, error) {
	files, err := fs.Glob(bases, "bases/*.yaml")
	if err != nil {
		return nil, fmt.Errorf("listing the definitions in this program: %w", err)
	}
	definitions := make([]*apiextensionsv1.CustomResourceDefinition, 0, len(files))
	for _, file := range files {
		text, err := bases.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("reading the definition %s in this program: %w", file, err)
		}
		definition := &apiextensionsv1.CustomResourceDefinition{}
		if err := yaml.UnmarshalStrict(text, definition); err != nil {
			return nil, fmt.Errorf("reading the definition %s in this program: %w", file, err)
		}
		definitions = append(definitions, definition)
	}
	return definitions, nil
}
