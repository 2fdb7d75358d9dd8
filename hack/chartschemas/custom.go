package main

import (
	"fmt"
	"os"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/yaml"
)

// custom writes a schema for each version of a definition that is served.
func custom(file, into string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("reading: %w", err)
	}
	var definition apiextensionsv1.CustomResourceDefinition
	if err := yaml.Unmarshal(text, &definition); err != nil {
		return fmt.Errorf("reading: %w", err)
	}
	if definition.Kind != "CustomResourceDefinition" { // such as a kustomization beside them
		return nil
	}
	for _, version := range definition.Spec.Versions {
		if !version.Served {
			continue
		}
		schema, err := runtime.DefaultUnstructuredConverter.ToUnstructured(version.Schema.OpenAPIV3Schema)
		if err != nil {
			return fmt.Errorf("the schema of %s: %w", version.Name, err)
		}
		harden(schema)
		// The API server knows these without being told.
		fields, _ := schema["properties"].(node)
		fields["metadata"] = node{"type": "object"}
		if err := write(into, definition.Spec.Group, version.Name, definition.Spec.Names.Kind, schema); err != nil {
			return err
		}
	}
	return nil
}
