package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/yaml"
)

// decoderBuffer is how many bytes the decoder looks ahead to tell YAML from JSON.
const decoderBuffer = 4096

// read reads the objects of a file, in their order.
func read(path string) ([]unstructured.Unstructured, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("cannot read manifests: %w; write them with \"kustomize build\"", err)
	}
	decoder := yaml.NewYAMLOrJSONDecoder(bytes.NewReader(content), decoderBuffer)
	var objects []unstructured.Unstructured
	for {
		var object unstructured.Unstructured
		err := decoder.Decode(&object.Object)
		switch {
		case errors.Is(err, io.EOF):
			return objects, nil
		case err != nil:
			return nil, fmt.Errorf("%s is not YAML: %w", path, err)
		case len(object.Object) > 0:
			objects = append(objects, object)
		}
	}
}

// as converts an object to its type; a field that the type does not have is an error.
func as[T any](object unstructured.Unstructured) (*T, error) {
	var typed T
	if err := runtime.DefaultUnstructuredConverter.FromUnstructuredWithValidation(object.Object, &typed, true); err != nil {
		return nil, fmt.Errorf("%s %s: %w", object.GetKind(), object.GetName(), err)
	}
	return &typed, nil
}

// ofKind gives the objects of one kind as their type, in their order.
func ofKind[T any](objects []unstructured.Unstructured, kind string) ([]*T, error) {
	var of []*T
	for _, object := range objects {
		if object.GetKind() != kind {
			continue
		}
		typed, err := as[T](object)
		if err != nil {
			return nil, err
		}
		of = append(of, typed)
	}
	return of, nil
}
