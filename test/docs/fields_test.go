package docs

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"sigs.k8s.io/yaml"
)

// schemas are those of the kinds of this project, by kind.
func schemas(t *testing.T) map[string]*apiextensionsv1.JSONSchemaProps {
	t.Helper()
	files, err := filepath.Glob(root + "/config/crd/bases/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no definitions were found: %v", err)
	}
	all := map[string]*apiextensionsv1.JSONSchemaProps{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var definition apiextensionsv1.CustomResourceDefinition
		if err := yaml.UnmarshalStrict(text, &definition); err != nil {
			t.Fatal(err)
		}
		all[definition.Spec.Names.Kind] = definition.Spec.Versions[0].Schema.OpenAPIV3Schema
	}
	return all
}

// field is a path below spec or status, with the kind before it or without.
var field = regexp.MustCompile(`^(?:([A-Z][A-Za-z]+)\.)?((?:spec|status)(?:\.[a-z][A-Za-z0-9]*(?:\[\])?)+)$`)

// foreignFields are paths of kinds that are not of this project.
func foreignFields() []string {
	return []string{
		"spec.renewal", // of cert-manager's Certificate
	}
}

// Every path of a field that a sentence names exists in the kind that it names, or in some kind.
func TestFieldsExist(t *testing.T) {
	kinds := schemas(t)
	checked := 0
	for _, document := range documents(t) {
		if document.Path == "docs/api-reference.md" {
			continue
		}
		for _, span := range document.Code {
			found := field.FindStringSubmatch(span.Text)
			if found == nil || slices.Contains(foreignFields(), span.Text) {
				continue
			}
			checked++
			among := slices.Collect(maps.Values(kinds))
			if kind := kinds[found[1]]; kind != nil {
				among = []*apiextensionsv1.JSONSchemaProps{kind}
			}
			if !slices.ContainsFunc(among, func(s *apiextensionsv1.JSONSchemaProps) bool { return has(s, strings.Split(found[2], ".")) }) {
				t.Errorf("%s:%d: no kind has the field %s", document.Path, span.Line, span.Text)
			}
		}
	}
	if checked < 50 {
		t.Errorf("only %d fields were found", checked)
	}
}

func has(s *apiextensionsv1.JSONSchemaProps, path []string) bool {
	if s == nil {
		return false
	}
	if s.Items != nil && s.Items.Schema != nil {
		return has(s.Items.Schema, path)
	}
	if len(path) == 0 {
		return true
	}
	next, ok := s.Properties[strings.TrimSuffix(path[0], "[]")]
	return ok && has(&next, path[1:])
}
