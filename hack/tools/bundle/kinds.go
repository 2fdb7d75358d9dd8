package main

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	"github.com/operator-framework/api/pkg/operators/v1alpha1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// describe tells of every definition what people read of it; said is what config/manifests says of some already.
func describe(operator []unstructured.Unstructured, said []v1alpha1.CRDDescription) ([]v1alpha1.CRDDescription, error) {
	definitions, err := ofKind[apiextensionsv1.CustomResourceDefinition](operator, "CustomResourceDefinition")
	if err != nil {
		return nil, err
	}
	before := map[string]v1alpha1.CRDDescription{}
	for _, description := range said {
		before[description.Name] = description
	}
	var owned []v1alpha1.CRDDescription
	for _, definition := range definitions {
		for _, served := range definition.Spec.Versions {
			if !served.Served {
				continue
			}
			description := before[definition.Name]
			description.Name, description.Version, description.Kind = definition.Name, served.Name, definition.Spec.Names.Kind
			description.DisplayName = words(description.Kind)
			description.Description = strings.Join(strings.Fields(served.Schema.OpenAPIV3Schema.Description), " ")
			owned = append(owned, description)
		}
		delete(before, definition.Name)
	}
	for name := range before {
		return nil, fmt.Errorf("config/manifests describes %s, and there is no such definition", name)
	}
	return owned, nil
}

// words writes the name of a kind as people do: "Exchange hub".
func words(kind string) string {
	spaced := regexp.MustCompile(`([a-z])([A-Z])`).ReplaceAllString(kind, "$1 $2")
	return spaced[:1] + strings.ToLower(spaced[1:])
}

// examples gives the first sample of each kind that is owned, as consoles offer them to start from.
func examples(samples []unstructured.Unstructured, owned []v1alpha1.CRDDescription) (string, error) {
	found := []map[string]any{}
	for _, description := range owned {
		for _, sample := range samples {
			if sample.GetKind() == description.Kind && strings.HasSuffix(sample.GetAPIVersion(), "/"+description.Version) {
				found = append(found, sample.Object)
				break
			}
		}
	}
	text, err := json.MarshalIndent(found, "", "  ")
	if err != nil {
		return "", fmt.Errorf("cannot write the examples: %w", err)
	}
	return string(text), nil
}
