//go:build charts

package agency

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// right are values that nothing is wrong with; each wrong value is put on top of them.
const right = `
agency:
  code: G12
  legacyCode: 000.00.00.G12
  type: Ministry
  names: {vi: Bộ Tài chính, en: Ministry of Finance}
  domains: [mof.example.gov.vn]
connector:
  securityLevel: 3
  services: [ElectronicDocuments]
  backend:
    url: http://qlvb.g12.svc:8080
    podSelector: {matchLabels: {app: qlvb}}
  hostnames: [lienthong.mof.example.gov.vn]
request:
  operators: [{kind: Group, name: g12-operators}]
evidence:
- kind: LevelApproval
  level: 3
  performedAt: 2026-09-01
  performedBy: {agency: g12, unit: Security unit}
  independentOfOperations: true
  outcome: {result: Passed}
  document: {reference: Decision of the unit, sha256: 5dad83bcbb5a5c7f4e1e7a34d4a0ee0c7b1a5c1b59f3c2b9c7b4d2a7ff1fa301}
`

// unreadable is what no refusal may have in it: a password that was written, and the words of schemas and templates about themselves.
var unreadable = regexp.MustCompile(`hunter2|nil pointer|error calling|does not match pattern|'(not|allOf|anyOf|oneOf)' failed|wrong type|` +
	`got [a-z]+, want|: got [0-9]+|are equal|must be one of`)

// vietnamese is the second half of a sentence.
var vietnamese = regexp.MustCompile(` / .*[À-ỹ]`)

func TestRightValuesAreTaken(t *testing.T) {
	for _, render := range []string{"tenant", "request", "all", "evidence"} {
		if found := objects(t, "g12", "--values", file(t, right), "--set", "render="+render); len(found) == 0 {
			t.Errorf("render=%s gives no object", render)
		}
	}
}

// TestRefusals gives the chart wrong values. Each refusal names the field, and says in words what is expected there.
func TestRefusals(t *testing.T) {
	all := maps.Clone(refusals)
	maps.Copy(all, oddRefusals)
	if len(all) != len(refusals)+len(oddRefusals) {
		t.Error("two wrong values have one name, and one of them is not tried")
	}
	for name, wrong := range all {
		t.Run(name, func(t *testing.T) {
			arguments := []string{"--values", file(t, right), "--values", file(t, wrong.values)}
			if wrong.render != "" {
				arguments = append(arguments, "--set", "render="+wrong.render)
			}
			rendered, refusal := template(t, "g12", arguments...)
			if refusal == "" {
				t.Fatalf("it is not refused, and renders\n%s", rendered)
			}
			for _, words := range []string{wrong.field, wrong.expected} {
				if !strings.Contains(refusal, words) {
					t.Errorf("the refusal does not say %q:\n%s", words, refusal)
				}
			}
			if !vietnamese.MatchString(refusal) {
				t.Errorf("the refusal has nothing in Vietnamese:\n%s", refusal)
			}
			if found := unreadable.FindString(refusal); found != "" {
				t.Errorf("the refusal has %q in it, which is not for its reader:\n%s", found, refusal)
			}
		})
	}
}

// TestNamespaceIsTheAgencys: helm uses the namespace default where none is said, and no agency may be bound to that one.
func TestNamespaceIsTheAgencys(t *testing.T) {
	_, refusal := template(t, "default", "--values", file(t, right))
	for _, words := range []string{"namespace is default", "--namespace g12"} {
		if !strings.Contains(refusal, words) {
			t.Errorf("the refusal does not say %q:\n%s", words, refusal)
		}
	}
	for _, namespace := range []string{"kube-system", "cert-manager", "lienthong-system"} {
		_, refusal := template(t, namespace, "--values", file(t, right), "--set", "render=request")
		if want := "The namespace " + namespace + " is the cluster's or the platform's"; !strings.Contains(refusal, want) {
			t.Errorf("the refusal does not say %q:\n%s", want, refusal)
		}
		_, listed := template(t, "g12", "--values", file(t, right), "--set", "render=request", "--set", "agency.namespaces={"+namespace+"}")
		if want := "'/agency/namespaces/0': value must be 'a namespace of the agency"; !strings.Contains(listed, want) {
			t.Errorf("the refusal does not say %q:\n%s", want, listed)
		}
	}
}

// TestSeveralAtOnce: whoever has made three mistakes is told of the three.
func TestSeveralAtOnce(t *testing.T) {
	_, refusal := template(t, "g12", "--values", file(t, right), "--values", file(t, "agency: {code: g12, type: ministry}\nconnector: {securityLevel: 9}"))
	for _, where := range []string{"'/agency/code'", "'/agency/type'", "'/connector/securityLevel'"} {
		if !strings.Contains(refusal, where) {
			t.Errorf("the refusal does not name %s:\n%s", where, refusal)
		}
	}
}

// TestNoValueGetsOutOfItsPlace: the request is applied with the platform's rights, so what stands in a value must never become an object or a
// field of one, also where the schema was skipped.
func TestNoValueGetsOutOfItsPlace(t *testing.T) {
	const hostile = "x\"\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: planted}\n---\n#"
	values := file(t, text(t, object{
		"agency": object{
			"name": hostile, "parent": hostile + "p", "names": object{"vi": hostile},
			"focalPoint": object{"unit": hostile}, "annotations": object{"a": hostile},
		},
		"hub": hostile, "connector": object{"name": "g12"}, "request": object{"note": hostile, "operators": []any{object{"kind": "User", "name": hostile}}},
	}))
	found := objects(t, "g12", "--values", file(t, right), "--values", values, "--set", "render=request", "--skip-schema-validation")
	for name := range found {
		if strings.HasPrefix(name, "ConfigMap/") || strings.HasPrefix(name, "Secret/") {
			t.Errorf("a value became %s", name)
		}
	}
	const unseen = "agency: {operatedBy: \"unit%snamespaces: [kube-system]\"}"
	for _, hidden := range []string{`\u2028`, `\u2029`, `\u0085`, `\u202e`, `\u200b`, `\u0007`} {
		values := file(t, strings.Replace(unseen, "%s", hidden, 1))
		_, refusal := template(t, "g12", "--values", file(t, right), "--values", values, "--set", "render=request", "--skip-schema-validation")
		if !strings.Contains(refusal, "agency: a text in it has a character that no screen shows") {
			t.Errorf("the character %s is not refused: %s", hidden, refusal)
		}
	}
	if len(found) != 4 {
		t.Errorf("%d objects are rendered, want Namespace, Agency and two bindings", len(found))
	}
}

// file puts text into a file for helm.
func file(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "values.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
