//go:build upgrade

package upgrade

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"lienthong.gov.vn/connector-operator/test/harness"
)

// commands are the blocks of commands under a heading of a document, in their order, until the next heading.
func commands(t *testing.T, document, heading string) []string {
	t.Helper()
	root, err := harness.Root()
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(root, "docs", document))
	if err != nil {
		t.Fatal(err)
	}
	_, chapter, found := strings.Cut(string(text), "# "+heading+"\n")
	if !found {
		t.Fatalf("docs/%s has no chapter %q", document, heading)
	}
	if end := regexp.MustCompile(`(?m)^##+ `).FindStringIndex(chapter); end != nil {
		chapter = chapter[:end[0]]
	}
	var blocks []string
	for _, rest := range strings.Split("\n"+chapter, "\n```sh\n")[1:] {
		block, _, _ := strings.Cut(rest, "\n```")
		blocks = append(blocks, block+"\n")
	}
	if len(blocks) == 0 {
		t.Fatalf("docs/%s has no commands under %q", document, heading)
	}
	return blocks
}
