package verify

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/report/chain"
)

// export is a plan with its head and three reports, as kubectl gives them.
func export(t *testing.T, plan string) (*v1alpha1.RolloutPlan, []v1alpha1.ReadinessReport) {
	t.Helper()
	var reports []v1alpha1.ReadinessReport
	p := &v1alpha1.RolloutPlan{TypeMeta: metav1.TypeMeta{APIVersion: "lienthong.gov.vn/v1alpha1", Kind: "RolloutPlan"}}
	p.Name = plan
	for sequence := int64(1); sequence <= 3; sequence++ {
		at := metav1.NewTime(time.Date(2019, time.Month(sequence), 1, 0, 0, 0, 0, time.UTC))
		r := v1alpha1.ReadinessReport{TypeMeta: metav1.TypeMeta{APIVersion: "lienthong.gov.vn/v1alpha1", Kind: "ReadinessReport"}}
		r.Name = chain.Name(plan, sequence)
		r.Spec = v1alpha1.ReadinessReportSpec{
			Plan:     v1alpha1.ReportedPlan{Name: plan, Generation: 1, TimeZone: "Asia/Ho_Chi_Minh", Hub: "axis"},
			Sequence: sequence, Part: new(int32(1)), Parts: new(int32(1)), DueAt: at, TakenAt: at, Late: new(false),
			Trigger: v1alpha1.ReportTrigger{Type: v1alpha1.ReportOnRequest, RequestedAt: at.Format(time.RFC3339)},
			Content: v1alpha1.ReportContent{Agencies: new(int32(0))},
		}
		if sequence > 1 {
			r.Spec.PreviousSHA256 = reports[sequence-2].Spec.SHA256
		}
		if _, err := chain.Seal(&r.Spec); err != nil {
			t.Fatal(err)
		}
		reports = append(reports, r)
		p.Status.Reports = &v1alpha1.ReportChainStatus{Last: &v1alpha1.ReportChainHead{Name: r.Name, Sequence: sequence, SHA256: r.Spec.SHA256, TakenAt: at}}
	}
	return p, reports
}

func asJSON(t *testing.T, objects ...any) []byte {
	t.Helper()
	text, err := json.Marshal(map[string]any{"apiVersion": "v1", "kind": "List", "items": objects})
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func asYAML(t *testing.T, objects ...any) []byte {
	t.Helper()
	var documents [][]byte
	for _, o := range objects {
		text, err := yaml.Marshal(o)
		if err != nil {
			t.Fatal(err)
		}
		documents = append(documents, text)
	}
	return bytes.Join(documents, []byte("---\n"))
}

// with runs the command on what is on its standard input.
func with(t *testing.T, stdin []byte, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, failed bytes.Buffer
	code = Run(t.Context(), args, bytes.NewReader(stdin), &out, &failed)
	return code, out.String(), failed.String()
}

func TestRun(t *testing.T) {
	plan, r := export(t, "decision-28")
	_, other := export(t, "decision-29")
	forged := *r[2].DeepCopy()
	forged.Spec.Content.Agencies = new(int32(7))
	if _, err := chain.Seal(&forged.Spec); err != nil {
		t.Fatal(err)
	}
	head := string(r[2].Spec.SHA256)
	const twice = "apiVersion: lienthong.gov.vn/v1alpha1\nkind: ReadinessReport\nmetadata: {name: a}\nspec: {sequence: 1, sequence: 2}\n"
	tests := map[string]struct {
		stdin []byte
		args  []string
		code  int
		// says is what one of the two outputs contains.
		says string
	}{
		"JSON with the plan": {asJSON(t, r[0], r[1], r[2], plan), []string{"-"}, Intact,
			"Plan decision-28: 3 reports; the chain is intact. The last is decision-28-000003, taken at 2019-03-01T00:00:00Z, sha256:" + head +
				". It is the one that was recorded as the last."},
		"YAML with the plan":        {asYAML(t, plan, r[0], r[1], r[2]), []string{"-"}, Intact, "It is the one that was recorded as the last."},
		"JSON one after the other":  {append(asJSON(t, r[0], r[1]), asJSON(t, r[2])...), []string{"-"}, Intact, "3 reports; the chain is intact."},
		"no head":                   {asYAML(t, r[0], r[1]), []string{"-"}, Intact, "reports can be missing at the end: give --head, or the plan."},
		"in Vietnamese":             {asYAML(t, plan, r[0], r[1], r[2]), []string{"-", "--language", "vi"}, Intact, "Kế hoạch decision-28: 3 báo cáo; chuỗi còn nguyên vẹn."},
		"broken, in Vietnamese":     {asYAML(t, r[0], r[2]), []string{"--language=vi", "-"}, Broken, "  - Thiếu báo cáo decision-28-000002.\n"},
		"the last dropped":          {asJSON(t, r[0], r[1], plan), []string{"-"}, Broken, "  - Report decision-28-000003 is missing.\n"},
		"the last signed anew":      {asJSON(t, r[0], r[1], forged, plan), []string{"-"}, Broken, "the chain is broken in 1 place."},
		"against a noted head":      {asJSON(t, r[0], r[1], forged), []string{"-", "--head", "sha256:" + head}, Broken, "has no report with the digest"},
		"against the right head":    {asJSON(t, r[0], r[1], r[2]), []string{"--head", head, "-"}, Intact, "It is the one"},
		"one plan of two":           {asJSON(t, r[0], r[1], r[2], other[1]), []string{"--plan", "decision-28", "--head", head, "-"}, Intact, "decision-28: 3 reports"},
		"a head of two plans":       {asJSON(t, r[0], other[0]), []string{"--head", head, "-"}, Usage, "say with --plan"},
		"another kind":              {bytes.Replace(asYAML(t, r[0]), []byte("kind: Readi"), []byte("kind: Meadi"), 1), []string{"-"}, Unreadable, `it is a "MeadinessReport"`},
		"a field twice in YAML":     {[]byte(twice), []string{"-"}, Unreadable, `key "sequence" already set in map`},
		"a field twice in JSON":     {[]byte(`{"kind":"List","apiVersion":"v1","kind":"List"}`), []string{"-"}, Unreadable, `duplicate field "kind"`},
		"no YAML":                   {[]byte("a: b: c"), []string{"-"}, Unreadable, "document 1 of -"},
		"cut off":                   {asJSON(t, r[0])[:100], []string{"-"}, Unreadable, "document 1 of -"},
		"a plan that is not there":  {asJSON(t, r[0], other[0]), []string{"--plan", "decision-82", "-"}, Unreadable, `no reports of the plan "decision-82"; it has those of decision-28, `},
		"nothing":                   {nil, []string{"-"}, Unreadable, "There are no ReadinessReports in the input"},
		"no such file":              {nil, []string{"/nonexistent/export.yaml"}, Unreadable, "/nonexistent/export.yaml"},
		"no file named":             {nil, nil, Usage, "say what to verify"},
		"a head that is no digest":  {nil, []string{"--head", "sha256:12", "-"}, Usage, "--head is no SHA-256 digest"},
		"a language that is absent": {nil, []string{"--language", "fr", "-"}, Usage, `there are no reports in language "fr"`},
		"help":                      {nil, []string{"-h"}, Intact, "Exit codes: 0 intact, 1 broken"},
		"help, in Vietnamese":       {nil, []string{"--language=vi", "-h"}, Intact, "Mã thoát: 0 nguyên vẹn, 1 bị phá vỡ"},
		"nothing, in Vietnamese":    {nil, []string{"--language=vi", "-"}, Unreadable, "Đầu vào không có ReadinessReport nào"},
		"a flag that is absent":     {nil, []string{"--language=vi", "--bogus", "-"}, Usage, "Gọi lệnh chưa đúng: flag provided but not defined: -bogus"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			code, stdout, stderr := with(t, tt.stdin, tt.args...)
			if code != tt.code || !strings.Contains(stdout+stderr, tt.says) {
				t.Errorf("exit code %d, want %d, and %q in\n%s%s", code, tt.code, tt.says, stdout, stderr)
			}
		})
	}
}

// A folder is read with the folders in it, and what is no YAML or JSON by its name is left alone.
func TestFolder(t *testing.T) {
	plan, r := export(t, "decision-28")
	dir := t.TempDir()
	for name, text := range map[string][]byte{
		"2019/01.yaml": asYAML(t, r[0]), "2019/02.json": asJSON(t, r[0], r[1]), "03.yml": asYAML(t, r[2], plan), "README.txt": []byte("a: b: c"),
	} {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if code, stdout, stderr := with(t, nil, dir); code != Intact || !strings.Contains(stdout, "3 reports; the chain is intact.") {
		t.Errorf("exit code %d:\n%s%s", code, stdout, stderr)
	}
}
