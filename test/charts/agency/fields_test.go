//go:build charts

package agency

import (
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

// TestEveryFieldHasAValue: whatever the API lets an agency say can be said with the chart, and the values files under ci/ say it. A field that is
// added to the API is missed here until it has a value.
func TestEveryFieldHasAValue(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(chart, "ci", "*-values.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	said := map[string]bool{}
	for _, values := range files {
		for name, o := range objects(t, "g12", "--values", values) {
			kind, _, _ := strings.Cut(name, "/")
			collect(said, kind+".spec", o["spec"])
		}
	}
	for kind, spec := range map[string]any{
		"Connector": v1alpha1.ConnectorSpec{}, "Agency": v1alpha1.AgencySpec{}, "ComplianceEvidence": v1alpha1.ComplianceEvidenceSpec{},
	} {
		for _, path := range fieldsOf(kind+".spec", reflect.TypeOf(spec)) {
			if !said[path] {
				t.Errorf("%s: no values file under ci/ gives it; add a value for it to the chart, and to one of these files", path)
			}
		}
	}
}

// collect notes the paths of everything in an object; entries of a list share one.
func collect(paths map[string]bool, path string, value any) {
	paths[path] = true
	switch value := value.(type) {
	case object:
		for key, inner := range value {
			collect(paths, path+"."+key, inner)
		}
	case []any:
		for _, inner := range value {
			collect(paths, path, inner)
		}
	}
}

// fieldsOf gives the paths of the fields of a type of this API, and of the types of this API within.
func fieldsOf(path string, of reflect.Type) []string {
	for of.Kind() == reflect.Pointer || of.Kind() == reflect.Slice {
		of = of.Elem()
	}
	if of.Kind() != reflect.Struct || !strings.HasSuffix(of.PkgPath(), "api/v1alpha1") {
		return []string{path}
	}
	var paths []string
	for i := range of.NumField() {
		name, _, _ := strings.Cut(of.Field(i).Tag.Get("json"), ",")
		paths = append(paths, fieldsOf(path+"."+name, of.Field(i).Type)...)
	}
	return paths
}
