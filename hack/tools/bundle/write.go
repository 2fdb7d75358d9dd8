package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/yaml"
)

const prefix = "operators.operatorframework.io.bundle."

// write replaces the directory.
func (b *bundle) write(directory string) error {
	files, err := b.files()
	if err != nil {
		return err
	}
	if err := os.RemoveAll(directory); err != nil {
		return fmt.Errorf("cannot remove the bundle from before: %w", err)
	}
	for name, content := range files {
		path := filepath.Join(directory, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return fmt.Errorf("cannot write the bundle: %w", err)
		}
		if err := os.WriteFile(path, content, 0o644); err != nil {
			return fmt.Errorf("cannot write the bundle: %w", err)
		}
	}
	return nil
}

// files are the content of the directory by path.
func (b *bundle) files() (map[string][]byte, error) {
	csv, err := runtime.DefaultUnstructuredConverter.ToUnstructured(b.csv)
	if err != nil {
		return nil, fmt.Errorf("cannot write the ClusterServiceVersion: %w", err)
	}
	// Nothing has happened to it yet.
	delete(csv, "status")
	files := map[string][]byte{}
	objects := append([]unstructured.Unstructured{{Object: csv}}, b.beside...)
	for _, object := range objects {
		text, err := yaml.Marshal(object.Object)
		if err != nil {
			return nil, fmt.Errorf("cannot write %s %s: %w", object.GetKind(), object.GetName(), err)
		}
		files["manifests/"+fileName(object)] = text
	}
	annotations := b.annotations()
	text, err := yaml.Marshal(map[string]any{"annotations": annotations})
	if err != nil {
		return nil, fmt.Errorf("cannot write the annotations: %w", err)
	}
	files["metadata/annotations.yaml"] = text
	files["bundle.Dockerfile"] = dockerfile(annotations)
	return files, nil
}

// fileName is what operator-sdk calls the file of an object.
func fileName(object unstructured.Unstructured) string {
	switch object.GetKind() {
	case "ClusterServiceVersion":
		return packageName + ".clusterserviceversion.yaml"
	case "CustomResourceDefinition":
		plural, group, _ := strings.Cut(object.GetName(), ".")
		return group + "_" + plural + ".yaml"
	}
	gvk := object.GroupVersionKind()
	return strings.ToLower(strings.Trim(fmt.Sprintf("%s_%s_%s_%s", object.GetName(), gvk.Group, gvk.Version, gvk.Kind), "_")) + ".yaml"
}

// annotation is one line of metadata/annotations.yaml, which the bundle's image tells as a label too.
func (b *bundle) annotations() map[string]string {
	return map[string]string{
		prefix + "mediatype.v1":       "registry+v1",
		prefix + "manifests.v1":       "manifests/",
		prefix + "metadata.v1":        "metadata/",
		prefix + "package.v1":         packageName,
		prefix + "channels.v1":        channel,
		prefix + "channel.default.v1": channel,
	}
}

// dockerfile builds the image in which a bundle is handed on.
func dockerfile(annotations map[string]string) []byte {
	var text strings.Builder
	text.WriteString("# The image in which the bundle is handed on; build it in this directory: docker build -f bundle.Dockerfile .\nFROM scratch\n")
	for _, key := range []string{"mediatype.v1", "manifests.v1", "metadata.v1", "package.v1", "channels.v1", "channel.default.v1"} {
		fmt.Fprintf(&text, "LABEL %s%s=%s\n", prefix, key, annotations[prefix+key])
	}
	text.WriteString("COPY manifests /manifests/\nCOPY metadata /metadata/\n")
	return []byte(text.String())
}
