package docs

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"lienthong.gov.vn/connector-operator/test/docs/scenario"
)

// additional are programs that not every machine has.
var additional = regexp.MustCompile(`\b(?:curl|docker|git|go|helm|jq|kubectl|make|openssl)\b`)

// Whoever starts is told of every program at the start, and not by an error halfway.
func TestGuidesNameTheProgramsThatTheyNeed(t *testing.T) {
	guides := map[string]string{"docs/getting-started.md": "## 1. ", "docs/onboarding.md": "## 2. ", "docs/onboarding.vi.md": "## 2. "}
	for _, document := range documents(t) {
		next, guide := guides[document.Path]
		if !guide {
			continue
		}
		delete(guides, document.Path)
		start, _, found := strings.Cut(read(t, document.Path), "\n"+next)
		if !found {
			t.Fatalf("%s has no chapter %q", document.Path, next)
		}
		// What is in blocks is used there, and not named.
		named := additional.FindAllString(strings.ToLower(regexp.MustCompile("(?s)```.*?```|<!--.*?-->").ReplaceAllString(start, "")), -1)
		for _, block := range document.Blocks() {
			if block.Language != "sh" && block.Language != "console" {
				continue
			}
			for line := range strings.Lines(block.Text) {
				code, _, _ := strings.Cut(line, "# ")
				for _, program := range commands(code) {
					if !slices.Contains(named, program) {
						t.Errorf("%s:%d: %s is used, and not named before %q", document.Path, block.Line, program, next)
					}
				}
			}
		}
	}
	if len(guides) > 0 {
		t.Errorf("there are no such guides: %v", guides)
	}
}

// commands are the additional programs with which a line begins, or what is behind a pipe or an operator in it.
func commands(line string) []string {
	var found []string
	for _, command := range regexp.MustCompile(`\|+|&&|;|\$\(|^\$ `).Split(strings.TrimSpace(line), -1) {
		words := strings.Fields(regexp.MustCompile(`^\s*(?:[A-Z_]+=\S+\s+)+`).ReplaceAllString(command, ""))
		if len(words) > 0 && additional.FindString(words[0]) == words[0] {
			found = append(found, words[0])
		}
	}
	return found
}

// What is only said on the command line, the next upgrade takes back, so guides write it into the file of values.
func TestUpgradesTakeTheirValuesFromAFile(t *testing.T) {
	upgrades := 0
	for _, s := range scenarios(t) {
		for _, step := range s.Steps {
			if step.Kind != scenario.Run || step.Hidden || !strings.Contains(step.Text, "helm upgrade ") {
				continue
			}
			upgrades++
			if step.Refusal == "" && strings.Contains(step.Text, "--set") {
				t.Errorf("%s:%d: write the value into a file of values, or the next upgrade takes it back:\n%s", s.Path, step.Line, step.Text)
			}
		}
	}
	if upgrades < 5 {
		t.Errorf("only %d upgrades were found", upgrades)
	}
}

// The project's name is no address: whoever reads a document has a server of their own, which stands under .example.
func TestNoDocumentSendsToTheNameOfTheModule(t *testing.T) {
	for _, path := range paths(t) {
		number := 0
		for line := range strings.Lines(read(t, path)) {
			number++
			// A command that replaces the name says what it is.
			if strings.Contains(line, "https://lienthong.gov.vn") && !strings.Contains(line, "| sed ") {
				t.Errorf("%s:%d: nobody answers there; write a server under .example, and say what it stands for", path, number)
			}
		}
	}
}
