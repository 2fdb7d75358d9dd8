package format

import (
	"bytes"
	"encoding/csv"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/report/explain"
	"lienthong.gov.vn/connector-operator/report/locale"
	"lienthong.gov.vn/connector-operator/report/view"
)

// named is a view with one agency that somebody gave these names.
func named(vi, message string) *view.View {
	return &view.View{
		TakenAt: time.Date(2026, 11, 2, 0, 0, 0, 0, time.UTC),
		Plans:   []view.Plan{{Name: "plan", TimeZone: "Asia/Ho_Chi_Minh"}},
		Agencies: []view.Agency{{
			Name: "g12", Code: "G12", Names: v1alpha1.LocalizedNames{Vi: vi},
			Milestones: []v1alpha1.AgencyMilestone{{Plan: "plan", Milestone: "pilot", State: v1alpha1.MilestoneMet, Message: message}},
		}},
	}
}

// Columns stand below each other however the letters are made: precomposed, with combining marks, or wide.
func TestColumnsAreAligned(t *testing.T) {
	for name, places := range map[string]int{"Bộ Tài chính": 12, norm.NFD.String("Bộ Tài chính"): 12, "財務省": 6, "plain": 5} {
		if got := width(name); got != places {
			t.Errorf("%q takes %d places, want %d", name, got, places)
		}
		var got bytes.Buffer
		if err := Columns(&got, "", [][]string{{name, "|"}, {strings.Repeat("x", 20), "|"}}); err != nil {
			t.Fatal(err)
		}
		if want := name + strings.Repeat(" ", 20-places) + "  |\n" + strings.Repeat("x", 20) + "  |\n"; got.String() != want {
			t.Errorf("the columns are\n%swant\n%s", got.String(), want)
		}
		got.Reset()
		if err := Status(&got, named(name, ""), Options{Language: locale.Vietnamese}); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(got.String(), name+strings.Repeat(" ", max(places, 3)-places)+"  ") {
			t.Errorf("the column of %q is not as wide as it:\n%s", name, got.String())
		}
	}
}

// No text of an object becomes a formula, and CSV gives it back otherwise as it is.
func TestCSVHasNoFormulas(t *testing.T) {
	for _, evil := range []string{"=HYPERLINK(\"http://x\")", "+1+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1", " =1", "|cmd", "=1"} {
		var got bytes.Buffer
		if err := CSV(&got, named(evil, evil), Options{}); err != nil {
			t.Fatal(err)
		}
		rows, err := csv.NewReader(bytes.NewReader(got.Bytes())).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range []int{4, len(rows[1]) - 1} {
			if c := rows[1][i]; !strings.HasPrefix(c, "'") || !strings.Contains(c, clean(evil)) {
				t.Errorf("%q became %q", evil, c)
			}
		}
		if !bytes.HasSuffix(got.Bytes(), []byte("\r\n")) || strings.Count(got.String(), "\n") != strings.Count(got.String(), "\r\n") {
			t.Errorf("lines do not end as RFC 4180 has it: %q", got.String())
		}
	}
}

// With the settings of many countries a spreadsheet takes semicolons for the ends of cells, whatever stands between commas and quotation marks.
func TestCSVHasNoFormulasBehindSemicolons(t *testing.T) {
	for text, want := range map[string]string{
		"a;=1+1": "a;'=1+1", "a; @SUM(A1);-2": "a; '@SUM(A1);'-2", `a;"=1`: `a;"'=1`, `"=1`: `"'=1`, "a; b - c": "a; b - c", "a;": "a;", "": "",
	} {
		if got := harmless(text); got != want {
			t.Errorf("%q became %q, want %q", text, got, want)
		}
	}
	var got bytes.Buffer
	if err := CSV(&got, named("Sở; =HYPERLINK(\"http://x\")", ""), Options{}); err != nil {
		t.Fatal(err)
	}
	for cell := range strings.SplitSeq(got.String(), ";") {
		if strings.HasPrefix(strings.TrimLeft(cell, ` "`), "=") {
			t.Errorf("a cell begins as a formula: %q", cell)
		}
	}
}

// Whatever an object says, a report stays one line a row, and neither a terminal nor a spreadsheet is steered by it.
func TestNothingSteersTheReader(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		evil := rapid.StringOf(rapid.OneOf(rapid.SampledFrom([]rune("\x1b\x07\x9b\u202e\u2066\n\r\t=+-@|<&\"'`*_[")), rapid.Rune())).Draw(t, "text")
		for _, f := range All() {
			var plain, got bytes.Buffer
			if err := f.Write(&plain, named("a", "b"), Options{Language: locale.English}); err != nil {
				t.Fatal(err)
			}
			if err := f.Write(&got, named("a"+evil, "b"+evil), Options{Language: locale.English}); err != nil {
				t.Fatal(err)
			}
			if a, b := strings.Count(plain.String(), "\n"), strings.Count(got.String(), "\n"); a != b {
				t.Fatalf("%s: %d lines became %d: %q", f.Name, a, b, got.String())
			}
			if f.Name != "json" && strings.ContainsAny(got.String(), "\x1b\x07\u009b\u202e\u2066") {
				t.Fatalf("%s: a control character is left: %q", f.Name, got.String())
			}
		}
	})
}

// Colour is for terminals alone.
func TestColour(t *testing.T) {
	for _, colour := range []bool{true, false} {
		var got bytes.Buffer
		if err := Status(&got, named("a", "b"), Options{Language: locale.English, Colour: colour}); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(got.String(), "\x1b[32mMet in time\x1b[0m") != colour {
			t.Errorf("with colour %t:\n%q", colour, got.String())
		}
	}
}

// A view without anything in it is told in whole sentences, and JSON has its lists.
func TestNothingToShow(t *testing.T) {
	empty := &view.View{TakenAt: time.Date(2026, 11, 2, 0, 0, 0, 0, time.UTC)}
	for _, f := range All() {
		var got bytes.Buffer
		if err := f.Write(&got, empty, Options{Language: locale.English}); err != nil {
			t.Fatal(err)
		}
		want := map[string]string{
			"table": "There is no agency.", "markdown": "There is no agency.", "json": `"agencies": []`, "csv": "takenAt,",
			"html": "There are no plans and no agencies yet.",
		}[f.Name]
		if want == "" || !strings.Contains(got.String(), want) {
			t.Errorf("%s does not say %q:\n%s", f.Name, want, got.String())
		}
	}
}

// A command of several lines can be copied as it stands, and steers nothing either.
func TestCommandsCanBeCopied(t *testing.T) {
	e := &explain.Explanation{Heading: "h", Verdict: "v", Steps: []explain.Step{{
		Depth: 2, Text: "a\x1b[2Jb", Commands: []explain.Command{{Line: "cat <<'EOF'\n  a: \x1b1\nEOF", Who: "all"}},
	}}}
	var got bytes.Buffer
	if err := Explanation(&got, e, Options{Language: locale.English}); err != nil {
		t.Fatal(err)
	}
	if want := "h\nv\n\n    • a[2Jb\n      Next, for all:\ncat <<'EOF'\n  a: 1\nEOF\n"; got.String() != want {
		t.Errorf("it is written as\n%q, want\n%q", got.String(), want)
	}
}
