package cli

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const document = "../../docs/cli.md"

// example is a command in the document with its output, between two markers.
var example = regexp.MustCompile("(?s)(<!-- output of: (kubectl lienthong [^\n]*) -->\n)(.*?)(<!-- end of output -->)")

// What docs/cli.md shows is what the commands say. With -update, it is written anew.
func TestDocumentedExamples(t *testing.T) {
	text, err := os.ReadFile(document)
	if err != nil {
		t.Fatal(err)
	}
	shown := map[string]bool{}
	written := example.ReplaceAllStringFunc(string(text), func(found string) string {
		parts := example.FindStringSubmatch(found)
		args := strings.Fields(strings.TrimPrefix(parts[2], "kubectl lienthong "))
		shown[args[0]] = true
		got := call(t, country(t), args...)
		if got.stderr != "" {
			t.Errorf("%s says on stderr: %s", parts[2], got.stderr)
		}
		return parts[1] + "```console\n$ " + parts[2] + "\n" + got.stdout + "```\n" + parts[4]
	})
	for _, command := range []string{"status", "report", "explain", "help"} {
		if !shown[command] {
			t.Errorf("%s has no example of %s", document, command)
		}
	}
	if strings.Count(string(text), "<!-- output of:") != len(example.FindAllString(string(text), -1)) {
		t.Error("an example has no end")
	}
	if *update {
		if err := os.WriteFile(document, []byte(written), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(written, string(text)); diff != "" {
		t.Errorf("%s shows what is no longer so; run go test ./report/cli -update (-want +got):\n%s", document, diff)
	}
}
