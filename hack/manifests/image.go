package manifests

import (
	"errors"
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// Images maps the name of an image, as manifests write it without a tag or a digest, to the reference that takes its place.
type Images map[string]string

// ParseImage reads "<name>=<reference>".
func ParseImage(text string) (name, reference string, err error) {
	name, reference, found := strings.Cut(text, "=")
	if !found || name == "" || reference == "" {
		return "", "", fmt.Errorf("cannot read the image %q; write <name>=<reference>, such as "+
			"connector-operator=registry.example/connector-operator@sha256:<digest>", text)
	}
	return name, reference, nil
}

// Set replaces images in the pod templates of workloads and in ConnectorClasses. A class takes images by digest only, so a
// reference without one is refused there rather than by the API server. It returns the names that were found nowhere.
func (i Images) Set(objects []*unstructured.Unstructured) (unused []string, err error) {
	used := map[string]bool{}
	for _, object := range objects {
		if object.GetKind() == "ConnectorClass" {
			err = errors.Join(err, i.setClass(object, used))
			continue
		}
		for _, list := range []string{"initContainers", "containers"} {
			err = errors.Join(err, i.setContainers(object, list, used))
		}
	}
	for name := range i {
		if !used[name] {
			unused = append(unused, name)
		}
	}
	return unused, err
}

func (i Images) setClass(class *unstructured.Unstructured, used map[string]bool) error {
	image, _, err := unstructured.NestedString(class.Object, "spec", "image")
	if err != nil {
		return fmt.Errorf("ConnectorClass %s: %w", class.GetName(), err)
	}
	name := imageName(image)
	reference, found := i[name]
	if !found {
		return nil
	}
	used[name] = true
	if !strings.Contains(reference, "@sha256:") {
		return fmt.Errorf("ConnectorClass %s takes an image by digest only, and %q has none; write <repository>@sha256:<digest>",
			class.GetName(), reference)
	}
	return unstructured.SetNestedField(class.Object, reference, "spec", "image")
}

func (i Images) setContainers(object *unstructured.Unstructured, list string, used map[string]bool) error {
	path := []string{"spec", "template", "spec", list}
	containers, found, err := unstructured.NestedSlice(object.Object, path...)
	if err != nil {
		return fmt.Errorf("%s %s: %w", object.GetKind(), object.GetName(), err)
	}
	if !found {
		return nil
	}
	for n := range containers {
		container, isMap := containers[n].(map[string]any)
		if !isMap {
			return fmt.Errorf("%s %s: %s[%d] is no container", object.GetKind(), object.GetName(), list, n)
		}
		image, isText := container["image"].(string)
		if reference, found := i[imageName(image)]; isText && found {
			used[imageName(image)] = true
			container["image"] = reference
		}
	}
	return unstructured.SetNestedSlice(object.Object, containers, path...)
}

// imageName is an image reference without its tag and its digest. A colon before the last slash is the port of a registry.
func imageName(reference string) string {
	name, _, _ := strings.Cut(reference, "@")
	if colon := strings.LastIndex(name, ":"); colon > strings.LastIndex(name, "/") {
		name = name[:colon]
	}
	return name
}
