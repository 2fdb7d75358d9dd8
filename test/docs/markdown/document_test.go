package markdown

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

const sample = "# Cấp độ an toàn\n\n<!-- docs: start: nothing -->\n\n## What `x` is, and why\n\nSee [there](a.md#b) and `make it`.\n\n" +
	"1. One\n\n   <!-- docs: set\n   A=1\n   -->\n   <!-- docs: refused: no -->\n   ```sh\n   echo a\n   ```\n\n## What `x` is, and why\n\n<!-- a remark -->\n```text\nb\n```\n"

func TestParse(t *testing.T) {
	got, err := Parse("a.md", []byte(sample))
	if err != nil {
		t.Fatal(err)
	}
	want := &Document{
		Path: "a.md",
		Headings: []Heading{
			{Level: 1, Title: "Cấp độ an toàn", Anchor: "cấp-độ-an-toàn"},
			{Level: 2, Title: "What x is, and why", Anchor: "what-x-is-and-why"},
			{Level: 2, Title: "What x is, and why", Anchor: "what-x-is-and-why-1"},
		},
		Links: []Link{{Target: "a.md#b", Line: 7}},
		Code:  []Span{{Text: "x", Line: 5}, {Text: "make it", Line: 7}, {Text: "x", Line: 19}},
		Parts: []Part{
			{Directive: &Directive{Name: "start", Value: "nothing", Line: 3}},
			{Directive: &Directive{Name: "set", Body: "A=1", Line: 11}},
			{Directive: &Directive{Name: "refused", Value: "no", Line: 14}},
			{Block: &Block{Language: "sh", Text: "echo a\n", Chapter: "What x is, and why", Line: 16}},
			{Block: &Block{Language: "text", Text: "b\n", Chapter: "What x is, and why", Line: 23}},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestWhatIsNoDocument(t *testing.T) {
	for name, source := range map[string]string{
		"an indented block":        "A\n\n    kubectl get pods\n",
		"a directive without name": "<!-- docs: Run it -->\n",
	} {
		if _, err := Parse("a.md", []byte(source)); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
}
