package scenario

import (
	"regexp"
	"slices"
	"strings"
)

// anything stands in a document for what is another each time: within a line for the rest of a word or of the line, alone on a line for lines.
const anything = "…"

// abbreviated is a word of which only the beginning is shown, as of a digest.
var abbreviated = regexp.MustCompile(`\w*` + anything)

// Matches tells whether what was printed is what a document shows. Spaces count as one, because the widths of columns follow what is in them.
func Matches(shown, printed string, varies []string) bool {
	var b strings.Builder
	b.WriteString(`\A`)
	for _, line := range lines(shown) {
		if line == anything {
			b.WriteString(`(?:[^\n]*\n)*?`)
			continue
		}
		b.WriteString(pattern(line, varies) + `\n`)
	}
	b.WriteString(`\z`)
	return regexp.MustCompile(b.String()).MatchString(strings.Join(append(lines(printed), ""), "\n"))
}

// pattern is the expression of one line.
func pattern(line string, varies []string) string {
	line = regexp.QuoteMeta(line)
	// A word that contains another one goes first.
	varies = slices.SortedFunc(slices.Values(varies), func(a, b string) int { return len(b) - len(a) })
	for _, word := range varies {
		line = strings.ReplaceAll(line, regexp.QuoteMeta(word), `\S+`)
	}
	return abbreviated.ReplaceAllLiteralString(line, `[^\n]*?`)
}

// lines are those of a text, with one space for several and none at either end; empty ones at the ends are left out.
func lines(text string) []string {
	var all []string
	for line := range strings.SplitSeq(strings.Trim(text, "\n"), "\n") {
		all = append(all, strings.Join(strings.Fields(line), " "))
	}
	if len(all) == 1 && all[0] == "" {
		return nil
	}
	return all
}
