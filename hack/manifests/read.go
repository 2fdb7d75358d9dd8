package manifests

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
)

// decoderBuffer is how many bytes the decoder looks ahead to tell YAML from JSON.
const decoderBuffer = 4096

// ReadFiles reads the objects of a YAML file, or of every YAML file directly in a directory, sorted by name.
func ReadFiles(path string) ([]*unstructured.Unstructured, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("cannot read manifests: %w; name a YAML file or a directory of them", err)
	}
	if !info.IsDir() {
		return readFile(path)
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return nil, fmt.Errorf("cannot list the manifests of %s: %w", path, err)
	}
	var objects []*unstructured.Unstructured
	for _, entry := range entries {
		if !isManifest(entry) {
			continue
		}
		of, err := readFile(filepath.Join(path, entry.Name()))
		if err != nil {
			return nil, err
		}
		objects = append(objects, of...)
	}
	if len(objects) == 0 {
		return nil, fmt.Errorf("no object in the YAML files of %s; a directory with a kustomization.yaml is given with -k", path)
	}
	return objects, nil
}

// isManifest tells whether a directory entry holds objects for a cluster; a kustomization only says which files do.
func isManifest(entry fs.DirEntry) bool {
	extension := filepath.Ext(entry.Name())
	return !entry.IsDir() && (extension == ".yaml" || extension == ".yml") && entry.Name() != "kustomization.yaml"
}

func readFile(path string) (objects []*unstructured.Unstructured, err error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("cannot read manifests: %w", err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	return Read(path, file)
}

// Read reads the objects of a YAML stream; name tells where it comes from, for errors.
func Read(name string, stream io.Reader) ([]*unstructured.Unstructured, error) {
	decoder := yaml.NewYAMLOrJSONDecoder(stream, decoderBuffer)
	var objects []*unstructured.Unstructured
	for document := 1; ; document++ {
		content := map[string]any{}
		if err := decoder.Decode(&content); errors.Is(err, io.EOF) {
			return objects, nil
		} else if err != nil {
			return nil, fmt.Errorf("document %d of %s is not YAML: %w", document, name, err)
		}
		if len(content) == 0 { // only comments between two separators
			continue
		}
		object := &unstructured.Unstructured{Object: content}
		if object.GetAPIVersion() == "" || object.GetKind() == "" || object.GetName() == "" {
			return nil, fmt.Errorf("document %d of %s is no Kubernetes object; it needs apiVersion, kind and metadata.name", document, name)
		}
		objects = append(objects, object)
	}
}

// Kustomize renders the kustomization in a directory.
func Kustomize(directory string) ([]*unstructured.Unstructured, error) {
	rendered, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(filesys.MakeFsOnDisk(), directory)
	if err != nil {
		return nil, fmt.Errorf("the kustomization in %s does not render: %w", directory, err)
	}
	text, err := rendered.AsYaml()
	if err != nil {
		return nil, fmt.Errorf("the kustomization in %s renders to no YAML: %w", directory, err)
	}
	return Read("the kustomization in "+directory, bytes.NewReader(text))
}

// ranks of kinds that others need before them. What is not named comes last, in the order it was written.
const (
	rankFoundation = iota // namespaces and definitions
	rankAccounts
	rankPermissions
	rankConfiguration
	rankRest
)

func rank(object *unstructured.Unstructured) int {
	switch object.GetKind() {
	case "Namespace", "CustomResourceDefinition":
		return rankFoundation
	case "ServiceAccount":
		return rankAccounts
	case "ClusterRole", "Role", "ClusterRoleBinding", "RoleBinding":
		return rankPermissions
	case "ConfigMap", "Secret":
		return rankConfiguration
	default:
		return rankRest
	}
}

// IsFoundation tells whether an object must be in force before others can be sent at all.
func IsFoundation(object *unstructured.Unstructured) bool { return rank(object) == rankFoundation }

// InInstallOrder returns the objects in the order in which they are applied; the reverse is the order of removal.
func InInstallOrder(objects []*unstructured.Unstructured) []*unstructured.Unstructured {
	ordered := slices.Clone(objects)
	slices.SortStableFunc(ordered, func(a, b *unstructured.Unstructured) int { return rank(a) - rank(b) })
	return ordered
}
