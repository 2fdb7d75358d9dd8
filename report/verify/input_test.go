package verify

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"golang.org/x/text/encoding/unicode"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

// marshal writes anything in JSON.
func marshal(t *testing.T, object any) string {
	t.Helper()
	text, err := json.Marshal(object)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// An export is the same chain however a system writes its lines and its letters.
func TestEncodings(t *testing.T) {
	plan, r := export(t, "decision-28")
	inYAML := asYAML(t, plan, r[0], r[1], r[2])
	var inJSON bytes.Buffer
	if err := json.Indent(&inJSON, asJSON(t, plan, r[0], r[1], r[2]), "", "    "); err != nil {
		t.Fatal(err)
	}
	utf16 := func(text []byte) []byte {
		encoded, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().Bytes(text)
		if err != nil {
			t.Fatal(err)
		}
		return encoded
	}
	for format, text := range map[string][]byte{"YAML": inYAML, "JSON": inJSON.Bytes()} {
		for name, written := range map[string][]byte{
			"with CRLF":            bytes.ReplaceAll(text, []byte("\n"), []byte("\r\n")),
			"with a mark in UTF-8": append([]byte("\uFEFF"), text...),
			"in UTF-16":            utf16(text),
		} {
			code, stdout, stderr := with(t, written, "-")
			if code != Intact || !strings.Contains(stdout, "3 reports; the chain is intact.") || !strings.Contains(stdout, "recorded as the last.") {
				t.Errorf("%s %s: exit code %d: %s%s", format, name, code, stdout, stderr)
			}
		}
	}
}

// What is verified is what the API server and every other reader take for the report: fields by their exact names.
func TestFieldsByTheirExactNames(t *testing.T) {
	plan, r := export(t, "decision-28")
	forged := *r[1].DeepCopy()
	forged.Spec.Content.Agencies = new(int32(7))
	const object = `{"apiVersion":"lienthong.gov.vn/v1alpha1","kind":"ReadinessReport","metadata":{"name":"decision-28-000002"},"spec":`
	two := object + marshal(t, forged.Spec) + `,"Spec":` + marshal(t, r[1].Spec) + "}"
	code, stdout, _ := with(t, []byte(marshal(t, r[0])+two+marshal(t, r[2])+marshal(t, plan)), "-")
	if code != Broken || !strings.Contains(stdout, "Report decision-28-000002 was changed after it was written") {
		t.Errorf("a changed report with the right one beside it: exit code %d: %s", code, stdout)
	}
	shorter := *plan.DeepCopy()
	shorter.Status.Reports.Last = &v1alpha1.ReportChainHead{Name: r[1].Name, Sequence: 2, SHA256: r[1].Spec.SHA256}
	withTwo := strings.TrimSuffix(marshal(t, plan), "}") + `,"Status":` + marshal(t, shorter.Status) + "}"
	code, stdout, _ = with(t, []byte(marshal(t, r[0])+marshal(t, r[1])+withTwo), "-")
	if code != Broken || !strings.Contains(stdout, "decision-28-000003 is missing") {
		t.Errorf("a plan with two heads: exit code %d: %s", code, stdout)
	}
}

// Whoever writes a report cannot write lines into what is said of it, or steer the terminal.
func TestNamesStayInTheirLine(t *testing.T) {
	const evil = `{"apiVersion":"lienthong.gov.vn/v1alpha1","kind":"ReadinessReport","metadata":{"name":"x\u001b[2J\nPlan a: intact"},` +
		`"spec":{"sequence":1,"plan":{"name":"p\u001b[31m\nPlan b: intact"}}}`
	for _, args := range [][]string{{"-"}, {"--language=vi", "-"}, {"--plan", "other", "-"}} {
		code, stdout, stderr := with(t, []byte(evil), args...)
		said := stdout + stderr
		if code == Intact || strings.Contains(said, "\x1b") || strings.Contains(said, "\nPlan a") || strings.Contains(said, "\nPlan b") {
			t.Errorf("%q: exit code %d: %q", args, code, said)
		}
	}
}

// What is no chain at all is told from one that is broken.
func TestNothingToVerify(t *testing.T) {
	_, r := export(t, "decision-28")
	head := strings.Repeat("a", 64)
	tests := map[string]struct {
		stdin string
		args  []string
		says  string
	}{
		"another plan, with a head":  {marshal(t, r[0]), []string{"--plan", "decision-82", "--head", head, "-"}, `no reports of the plan "decision-82"; it has those of decision-28.`},
		"nothing, with a head":       {"", []string{"--head", head, "-"}, "There are no ReadinessReports in the input"},
		"documents without anything": {"---\n\n---\n", []string{"-"}, "There are no ReadinessReports in the input"},
		"an empty list":              {`{"apiVersion":"v1","kind":"List","items":[]}`, []string{"-"}, "There are no ReadinessReports in the input"},
		"a list in JSON":             {"[1, 2]", []string{"-"}, "document 1 of -: it is no object; give only ReadinessReports and RolloutPlans of lienthong.gov.vn/v1alpha1."},
		"an object of nobody":        {"{}", []string{"-"}, `it is a "" of ""; give only`},
		"another kind of a list":     {`{"apiVersion":"v1","kind":"List","items":[{"apiVersion":"v1","kind":"ConfigMap"}]}`, []string{"-"}, `item 1: it is a "ConfigMap" of "v1"`},
		"items that are none":        {`{"apiVersion":"v1","kind":"List","items":7}`, []string{"-"}, "its apiVersion, kind or items cannot be read"},
	}
	for name, tt := range tests {
		code, stdout, stderr := with(t, []byte(tt.stdin), tt.args...)
		if code != Unreadable || stdout != "" || !strings.Contains(stderr, tt.says) {
			t.Errorf("%s: exit code %d, want %d, and %q in\n%s%s", name, code, Unreadable, tt.says, stdout, stderr)
		}
	}
}
