package format

import (
	"bufio"
	"io"
	"strings"

	"lienthong.gov.vn/connector-operator/report/view"
)

// Markdown writes everything that Table has, as tables of Markdown.
func Markdown(w io.Writer, v *view.View, o Options) error {
	from := writer{o.Language, v}
	out := bufio.NewWriter(w)
	_, _ = out.WriteString("# " + o.Language.Say("Báo cáo kết nối", "Report on connections") + "\n\n" + from.header() + ".\n") // Flush tells the first error.
	for _, s := range []section{from.plans(), from.milestones(), from.agencies(), from.details()} {
		_, _ = out.WriteString("\n## " + s.title + "\n\n")
		s.writeMarkdown(out)
	}
	return out.Flush()
}

func (s section) writeMarkdown(out *bufio.Writer) {
	if len(s.rows) == 0 {
		_, _ = out.WriteString(s.empty + "\n")
		return
	}
	rule := make([]string, len(s.columns))
	for i := range rule {
		rule[i] = "---"
	}
	lines, escapes := [][]string{s.columns, rule}, escapesOfMarkdown()
	for _, row := range s.rows {
		var line []string
		for _, c := range row {
			line = append(line, escapes.Replace(c.text))
		}
		lines = append(lines, line)
	}
	for _, line := range lines {
		_, _ = out.WriteString("| " + strings.Join(line, " | ") + " |\n")
	}
}

// escapesOfMarkdown keep a text from being read as Markdown or HTML.
func escapesOfMarkdown() *strings.Replacer {
	return strings.NewReplacer(
		`\`, `\\`, "|", `\|`, "<", "&lt;", ">", "&gt;", "&", "&amp;", "`", "\\`", "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`,
	)
}
