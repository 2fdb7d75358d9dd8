package format

import (
	"bufio"
	"io"
	"strings"

	"github.com/mattn/go-runewidth"
	"golang.org/x/text/cases"
	"golang.org/x/text/language"

	"lienthong.gov.vn/connector-operator/report/view"
)

// gap is what stands between two columns.
const gap = "  "

// Status writes where the plans, their milestones and the agencies stand, one row for each agency.
func Status(w io.Writer, v *view.View, o Options) error {
	from := writer{o.Language, v}
	return writeTables(w, from.header(), o, from.plans(), from.milestones(), from.agencies())
}

// Table writes everything: what Status has, and one row for each agency and milestone.
func Table(w io.Writer, v *view.View, o Options) error {
	from := writer{o.Language, v}
	return writeTables(w, from.header(), o, from.plans(), from.milestones(), from.agencies(), from.details())
}

func writeTables(w io.Writer, header string, o Options, sections ...section) error {
	out := bufio.NewWriter(w)
	_, _ = out.WriteString(header + "\n") // Flush tells the first error.
	for _, s := range sections {
		_, _ = out.WriteString("\n" + s.title + "\n")
		s.write(out, o.Colour)
	}
	return out.Flush()
}

// write aligns the columns by how wide a terminal shows each cell: letters with marks take one place, wide ones two.
func (s section) write(out *bufio.Writer, colour bool) {
	if len(s.rows) == 0 {
		_, _ = out.WriteString(s.empty + "\n")
		return
	}
	widths := make([]int, len(s.columns))
	for i, c := range s.columns {
		widths[i] = width(c)
	}
	for _, row := range s.rows {
		for i, c := range row {
			widths[i] = max(widths[i], width(c.text))
		}
	}
	header := make([]cell, 0, len(s.columns))
	for _, c := range s.columns {
		header = append(header, cell{c, faint})
	}
	for _, row := range append([][]cell{header}, s.rows...) {
		for i, c := range row {
			_, _ = out.WriteString(painted(c, colour))
			if i < len(row)-1 {
				_, _ = out.WriteString(strings.Repeat(" ", widths[i]-width(c.text)) + gap)
			}
		}
		_, _ = out.WriteString("\n")
	}
}

// Columns writes rows as columns without a header, such as the flags of a command.
func Columns(w io.Writer, before string, rows [][]string) error {
	var widths []int
	for _, row := range rows {
		for i, c := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], width(c))
		}
	}
	out := bufio.NewWriter(w)
	for _, row := range rows {
		line := before
		for i, c := range row {
			line += c + strings.Repeat(" ", widths[i]-width(c)) + gap
		}
		_, _ = out.WriteString(strings.TrimRight(line, " ") + "\n") // Flush tells the first error.
	}
	return out.Flush()
}

// width is how many places of a terminal a text takes. It does not ask the environment, so that a report is the same everywhere.
func width(text string) int {
	c := runewidth.Condition{StrictEmojiNeutral: true}
	return c.StringWidth(text)
}

func upper(text string) string { return cases.Upper(language.Vietnamese).String(text) }

// painted gives a cell in its colour.
func painted(c cell, colour bool) string {
	code := map[tone]string{good: "32", warning: "33", bad: "1;31", faint: "2"}[c.tone]
	if !colour || code == "" {
		return c.text
	}
	return "\x1b[" + code + "m" + c.text + "\x1b[0m"
}
