package docs

import (
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"lienthong.gov.vn/connector-operator/test/docs/markdown"
)

// shape is what both languages of a guide have in common: the levels of the headings, the blocks of code without their remarks, the words of the API
// in the tables and sentences, and how many links there are.
type shape struct {
	Levels []int
	Blocks []string
	Names  map[string]int
	Links  int
}

// remark is the rest of a line behind a number sign.
var remark = regexp.MustCompile(`(?m)(?:^|[ \t]+)# .*$`)

func shapeOf(d *markdown.Document) shape {
	s := shape{Names: map[string]int{}, Links: len(d.Links)}
	for _, h := range d.Headings {
		s.Levels = append(s.Levels, h.Level)
	}
	for _, b := range d.Blocks() {
		s.Blocks = append(s.Blocks, b.Language+"\n"+strings.TrimSpace(remark.ReplaceAllString(b.Text, "")))
	}
	for _, span := range d.Code {
		s.Names[span.Text]++
	}
	return s
}

// A guide in two languages says the same in both: the same chapters, the same commands, the same names.
func TestBothLanguagesSayTheSame(t *testing.T) {
	byPath := map[string]*markdown.Document{}
	for _, d := range documents(t) {
		byPath[d.Path] = d
	}
	pairs := 0
	for path, vietnamese := range byPath {
		name, translated := strings.CutSuffix(path, ".vi.md")
		if !translated {
			continue
		}
		pairs++
		english := byPath[name+".md"]
		if english == nil {
			t.Errorf("%s has no English version", path)
			continue
		}
		if diff := cmp.Diff(shapeOf(english), shapeOf(vietnamese)); diff != "" {
			t.Errorf("%s differs from %s.md (-English +Vietnamese):\n%s", path, name, diff)
		}
	}
	if pairs < 2 {
		t.Errorf("there are %d guides in Vietnamese, want those of the ministry's operator and of the auditor", pairs)
	}
}
