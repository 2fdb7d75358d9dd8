package manifests

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

func TestRead(t *testing.T) {
	tests := map[string]struct {
		text    string
		want    []string
		wantErr string
	}{
		"one object":             {text: "apiVersion: v1\nkind: Namespace\nmetadata: {name: g12}\n", want: []string{"g12"}},
		"comments between":       {text: "# a\n---\n# b\n---\napiVersion: v1\nkind: Namespace\nmetadata: {name: g12}\n", want: []string{"g12"}},
		"nothing":                {text: "# nothing\n"},
		"no object":              {text: "a: b\n", wantErr: "document 1 of test is no Kubernetes object"},
		"no name":                {text: "apiVersion: v1\nkind: Namespace\n", wantErr: "metadata.name"},
		"no YAML":                {text: "a: [\n", wantErr: "document 1 of test is not YAML"},
		"second document broken": {text: "apiVersion: v1\nkind: Namespace\nmetadata: {name: g12}\n---\na: b\n", wantErr: "document 2 of test"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			objects, err := Read("test", strings.NewReader(test.text))
			if test.wantErr != "" {
				if err == nil || !strings.Contains(err.Error(), test.wantErr) {
					t.Fatalf("the error is %v; it should say %q", err, test.wantErr)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got := names(objects); !slices.Equal(got, test.want) {
				t.Errorf("read %v, want %v", got, test.want)
			}
		})
	}
}

func TestReadFilesLeavesKustomizationsOut(t *testing.T) {
	directory := t.TempDir()
	for name, text := range map[string]string{
		"kustomization.yaml": "resources: []\n",
		"b.yaml":             "apiVersion: v1\nkind: Namespace\nmetadata: {name: second}\n",
		"a.yaml":             "apiVersion: v1\nkind: Namespace\nmetadata: {name: first}\n",
		"notes.txt":          "not read",
	} {
		if err := os.WriteFile(filepath.Join(directory, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	objects, err := ReadFiles(directory)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := names(objects), []string{"first", "second"}; !slices.Equal(got, want) {
		t.Errorf("read %v, want %v", got, want)
	}
}

func TestInInstallOrder(t *testing.T) {
	var objects []*unstructured.Unstructured
	for _, kind := range []string{"Connector", "Deployment", "ClusterRole", "CustomResourceDefinition", "Agency", "ServiceAccount", "Namespace", "ConfigMap"} {
		object := &unstructured.Unstructured{}
		object.SetKind(kind)
		object.SetName(kind)
		objects = append(objects, object)
	}
	want := []string{"CustomResourceDefinition", "Namespace", "ServiceAccount", "ClusterRole", "ConfigMap", "Connector", "Deployment", "Agency"}
	if got := names(InInstallOrder(objects)); !slices.Equal(got, want) {
		t.Errorf("ordered %v, want %v", got, want)
	}
}

func TestImageName(t *testing.T) {
	tests := map[string]string{
		"a":                          "a",
		"a:1":                        "a",
		"a@sha256:00":                "a",
		"registry:5000/a":            "registry:5000/a",
		"registry:5000/a:1":          "registry:5000/a",
		"registry:5000/a:1@sha256:0": "registry:5000/a",
		"":                           "",
	}
	for reference, want := range tests {
		if got := imageName(reference); got != want {
			t.Errorf("imageName(%q) = %q, want %q", reference, got, want)
		}
	}
}

func TestSetImages(t *testing.T) {
	const deployment = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d}\nspec: {template: {spec: {containers: [{name: c, image: op:latest}]}}}\n"
	const class = "apiVersion: lienthong.gov.vn/v1alpha1\nkind: ConnectorClass\nmetadata: {name: gateway}\nspec: {image: op@sha256:00}\n"
	tests := map[string]struct {
		text    string
		images  Images
		want    string
		unused  []string
		wantErr string
	}{
		"workload, any reference": {text: deployment, images: Images{"op": "r/op:2"}, want: "r/op:2"},
		"workload, other image":   {text: deployment, images: Images{"other": "r/op:2"}, want: "op:latest", unused: []string{"other"}},
		"class, digest":           {text: class, images: Images{"op": "r/op@sha256:11"}, want: "r/op@sha256:11"},
		"class, tag":              {text: class, images: Images{"op": "r/op:2"}, wantErr: "by digest only"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			objects, err := Read("test", strings.NewReader(test.text))
			if err != nil {
				t.Fatal(err)
			}
			unused, err := test.images.Set(objects)
			if test.wantErr != "" {
				if err == nil || !strings.Contains(err.Error(), test.wantErr) {
					t.Fatalf("the error is %v; it should say %q", err, test.wantErr)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got := imageOf(t, objects[0]); got != test.want || !slices.Equal(unused, test.unused) {
				t.Errorf("image %q, unused %v; want %q and %v", got, unused, test.want, test.unused)
			}
		})
	}
}

func imageOf(t *testing.T, object *unstructured.Unstructured) string {
	t.Helper()
	if image, found, _ := unstructured.NestedString(object.Object, "spec", "image"); found {
		return image
	}
	containers, _, err := unstructured.NestedSlice(object.Object, "spec", "template", "spec", "containers")
	if err != nil || len(containers) == 0 {
		t.Fatalf("no containers in %v: %v", object, err)
	}
	container, _ := containers[0].(map[string]any)
	image, _ := container["image"].(string)
	return image
}

// names of the objects, in their order.
func names(objects []*unstructured.Unstructured) []string {
	var of []string
	for _, object := range objects {
		of = append(of, object.GetName())
	}
	return of
}
