//go:build charts

package charts

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"
)

// TestSchemasAreStrict holds that no typing error slips through: an object whose fields are named takes no others, at any level.
func TestSchemasAreStrict(t *testing.T) {
	t.Parallel()
	for _, file := range schemas(t) {
		var schema map[string]any
		read(t, file, json.Unmarshal, &schema)
		// An umbrella chart writes its own values into global, which all its charts see.
		loose(schema, "", func(path string) {
			if path != "/properties/global" {
				t.Errorf("%s takes any field at %q; write additionalProperties: false there", file, path)
			}
		})
	}
}

// loose calls back for every object with named fields that takes others.
func loose(value any, path string, found func(path string)) {
	switch value := value.(type) {
	case []any:
		for _, item := range value {
			loose(item, path, found)
		}
	case map[string]any:
		_, named := value["properties"].(map[string]any)
		others, said := value["additionalProperties"].(bool)
		if named && isObject(value) && (!said || others) {
			found(path)
		}
		for key, item := range value {
			loose(item, path+"/"+key, found)
		}
	}
}

// isObject tells whether a schema wants an object: by its type, or by what it says "if" there is none.
func isObject(schema map[string]any) bool {
	refused, _ := schema["if"].(map[string]any)
	not, _ := refused["not"].(map[string]any)
	return schema["type"] == "object" || not["type"] == "object"
}

// TestEveryValueOfTheSchemaHasItsDefault holds that whoever reads values.yaml sees every value that there is.
func TestEveryValueOfTheSchemaHasItsDefault(t *testing.T) {
	t.Parallel()
	file := filepath.Join(chart("connector-operator"), "values.schema.json")
	var schema, values map[string]any
	read(t, file, json.Unmarshal, &schema)
	read(t, filepath.Join(filepath.Dir(file), "values.yaml"), func(text []byte, into any) error { return yaml.Unmarshal(text, into) }, &values)
	missing(schema, values, "", func(path string) {
		t.Errorf("the schema knows %s, and values.yaml does not", path)
	})
}

// mayBeTakenOut are defaults that null takes out on purpose: what is left is Kubernetes' own choice.
var mayBeTakenOut = []string{
	".podSecurityContext.runAsUser", ".podSecurityContext.runAsGroup", ".podSecurityContext.fsGroup", ".manager.nodeSelector", ".monitoring.dashboard.labels",
}

// TestNoValueIsTakenOutByAccident holds that a name with nothing behind it is refused, as after its lines were made comments: Helm takes the default out
// then, and templates would fail in words that nobody understands, or open what a list closes.
func TestNoValueIsTakenOutByAccident(t *testing.T) {
	t.Parallel()
	file := filepath.Join(chart("connector-operator"), "values.schema.json")
	var schema, values map[string]any
	read(t, file, json.Unmarshal, &schema)
	read(t, filepath.Join(filepath.Dir(file), "values.yaml"), func(text []byte, into any) error { return yaml.Unmarshal(text, into) }, &values)
	definitions, _ := schema["definitions"].(map[string]any)
	optional(schema, values, definitions, "", func(path string) {
		if !slices.Contains(mayBeTakenOut, path) {
			t.Errorf("the schema does not require %s, so null takes its default out", path)
		}
	})
}

// optional calls back for each default that the schema does not require, or requires without the sentence that says what to do.
func optional(schema, values, definitions map[string]any, path string, found func(path string)) {
	if reference, is := schema["$ref"].(string); is {
		schema, _ = definitions[strings.TrimPrefix(reference, "#/definitions/")].(map[string]any)
	}
	properties, _ := schema["properties"].(map[string]any)
	required, _ := schema["required"].([]any)
	told := reflect.DeepEqual(schema["then"], map[string]any{"$ref": "#/definitions/takenOut"}) &&
		reflect.DeepEqual(schema["if"], map[string]any{"type": "object", "not": map[string]any{"required": schema["required"]}})
	for name, of := range properties {
		value, there := values[name]
		if there && (!told || !slices.Contains(required, any(name))) {
			found(path + "." + name)
		}
		// What pods ask for and how they are asked is Kubernetes' own choice where it is taken out.
		inner, isSchema := of.(map[string]any)
		within, isMap := value.(map[string]any)
		if isSchema && isMap && len(within) > 0 && inner["$ref"] != "#/definitions/resources" && inner["$ref"] != "#/definitions/probe" {
			optional(inner, within, definitions, path+"."+name, found)
		}
	}
}

func missing(schema, values map[string]any, path string, found func(path string)) {
	properties, _ := schema["properties"].(map[string]any)
	for name, of := range properties {
		value, there := values[name]
		if !there {
			found(path + "." + name)
			continue
		}
		inner, isSchema := of.(map[string]any)
		if within, isMap := value.(map[string]any); isSchema && isMap && len(within) > 0 {
			missing(inner, within, path+"."+name, found)
		}
	}
}

func schemas(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(chart("*"), "values.schema.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no schemas of charts were found: %v", err)
	}
	return files
}

func read(t *testing.T, file string, decode func([]byte, any) error, into any) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := decode(text, into); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
}
