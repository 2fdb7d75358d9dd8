package scenario

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"lienthong.gov.vn/connector-operator/test/docs/markdown"
)

func scenarioOf(t *testing.T, text string) (*Scenario, error) {
	t.Helper()
	document, err := markdown.Parse("a.md", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return Of(document)
}

func fence(language, text string) string { return "```" + language + "\n" + text + "\n```\n" }

func comment(text string) string { return "<!-- docs: " + text + " -->\n" }

func TestSteps(t *testing.T) {
	got, err := scenarioOf(t, "# A\n\n"+comment("start: nothing")+"\n"+comment("set\nNAME -> g12\n")+comment("await\nsleep 0\n")+"\n"+
		fence("sh", "kubectl get NAME")+"\n"+comment("output")+comment("varies: 12d")+fence("text", "NAME 12d")+"\n"+
		fence("yaml", "apiVersion: v1\nkind: Namespace")+"\n"+comment("as: an")+comment("refused: no")+fence("console", "$ a \\\n  b\nno\n$ c")+"\n"+
		comment("not run: no network; covered by make e2e, README.md")+fence("sh", "git clone")+"\n"+comment("finally\nrm x\n"))
	if err != nil {
		t.Fatal(err)
	}
	output, refusal, silence := "NAME 12d\n", "no", ""
	want := &Scenario{
		Path: "a.md", Start: Nothing,
		Steps: []Step{
			{Kind: Run, Text: "sleep 0", Line: 8, Hidden: true, Eventually: true, Set: []Placeholder{{"NAME", "g12"}}},
			{Kind: Run, Text: "kubectl get NAME\n", Line: 13, Output: &output, Varies: []string{"12d"}},
			{Kind: Apply, Text: "apiVersion: v1\nkind: Namespace\n", Line: 23},
			{Kind: Run, Text: "a \\\n  b\n", Line: 30, As: "an", Refusal: "no", Output: &refusal},
			{Kind: Run, Text: "c\n", Line: 30, As: "an", Refusal: "no", Output: &silence},
		},
		Finally: []Step{{Kind: Run, Text: "rm x", Line: 41, Hidden: true}},
		NotRun:  []Omission{{Line: 38, Reason: "no network", CoveredBy: []string{"make e2e", "README.md"}}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestBlocksThatNobodyRuns(t *testing.T) {
	start := comment("start: nothing") + "\n"
	for text, want := range map[string]string{
		fence("sh", "a"):                                           "does not say from what they start",
		start + fence("", "a"):                                     `language ""`,
		start + fence("text", "a"):                                 "what it is the output of",
		start + fence("bash", "a"):                                 `language "bash"`,
		start + fence("yaml", "spec: {}"):                          "no whole object",
		start + comment("output") + fence("text", "a"):             "no step before",
		start + comment("not run: later") + fence("sh", "a"):       "covered by what runs it instead",
		start + comment("skipped") + fence("sh", "a"):              `no directive "skipped"`,
		start + comment("as: an"):                                  "no block follows",
		start + fence("console", "kubectl get pods"):               "begins with a command",
		start + comment("exit: no") + fence("sh", "a"):             "no number",
		start + comment("set\nNAME=a\n") + "\n" + fence("sh", "a"): "no placeholder",
	} {
		if _, err := scenarioOf(t, text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s\ngives %v, want %q", text, err, want)
		}
	}
}

func TestMatches(t *testing.T) {
	for _, c := range []struct {
		shown, printed string
		varies         []string
		want           bool
	}{
		{"NAME   READY\ng12    True\n", "NAME  READY\ng12   True  \n", nil, true},
		{"g12 True", "g12 False", nil, false},
		{"g12 True", "g12 True\nh29 True", nil, false},
		{"g12 True\n…", "g12 True\nh29 True\n", nil, true},
		{"…\nh29 True", "g12 True\nh29 True\n", nil, true},
		{"sha256:9b1f…", "sha256:aa00", nil, true},
		{"sha256:9b1f…", "sha512:aa00", nil, false},
		{"sha256:9b1f… done", "sha256:9b1f00 done", nil, true},
		{"Age 12d (12)", "Age 3s (7)", []string{"12", "12d"}, true},
		{"", "\n", nil, true},
		{"", "a", nil, false},
	} {
		if got := Matches(c.shown, c.printed, c.varies); got != c.want {
			t.Errorf("%q against %q: %t", c.shown, c.printed, got)
		}
	}
}
