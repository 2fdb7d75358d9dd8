package format

import (
	"bufio"
	"io"
	"strings"

	"lienthong.gov.vn/connector-operator/report/explain"
)

// indent is how far one step stands to the right of the one that holds it.
const indent = "  "

// Explanation writes the chain, one step a line: its mark, what it says, what the status says, and the commands to run next.
func Explanation(w io.Writer, e *explain.Explanation, o Options) error {
	out := bufio.NewWriter(w)
	verdict := cell{clean(e.Verdict), bad}
	if e.Ready {
		verdict.tone = good
	}
	_, _ = out.WriteString(clean(e.Heading) + "\n" + painted(verdict, o.Colour) + "\n\n") // Flush tells the first error.
	for i := range e.Steps {
		writeStep(out, &e.Steps[i], o)
	}
	if e.Unread != "" {
		_, _ = out.WriteString("\n" + clean(e.Unread) + "\n")
	}
	return out.Flush()
}

func writeStep(out *bufio.Writer, s *explain.Step, o Options) {
	mark, color := "•", plain
	switch s.Mark {
	case explain.Good:
		mark, color = "✓", good
	case explain.Bad:
		mark, color = "✗", bad
	case explain.Open:
		mark, color = "?", warning
	case explain.Note:
	}
	at := strings.Repeat(indent, s.Depth)
	_, _ = out.WriteString(at + painted(cell{mark, color}, o.Colour) + " " + clean(s.Text) + "\n")
	if s.Said != "" {
		_, _ = out.WriteString(at + indent + painted(cell{"“" + clean(s.Said) + "”", faint}, o.Colour) + "\n")
	}
	for _, c := range s.Commands {
		_, _ = out.WriteString(at + indent + o.Language.Say("Lệnh tiếp theo, dành cho %s:", "Next, for %s:", c.Who) + "\n")
		for line := range strings.SplitSeq(c.Line, "\n") {
			// A command of several lines may end in a word that a shell looks for at the beginning of a line, so none is indented.
			_, _ = out.WriteString(commandLine(at, line, strings.Contains(c.Line, "\n")) + "\n")
		}
	}
}

func commandLine(at, line string, several bool) string {
	if several {
		return strings.TrimRight(keepIndent(line), " ")
	}
	return at + indent + indent + clean(line)
}

// keepIndent cleans a line and keeps the spaces that it begins with.
func keepIndent(line string) string {
	bare := strings.TrimLeft(line, " ")
	return line[:len(line)-len(bare)] + clean(bare)
}
