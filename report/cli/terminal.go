package cli

import (
	"fmt"
	"io"
	"os"

	"golang.org/x/term"

	"lienthong.gov.vn/connector-operator/report/collect"
	"lienthong.gov.vn/connector-operator/report/format"
)

// isTerminal tells whether a person looks at what is written.
func isTerminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}

// style is how what is written to w looks. There is colour on a terminal only, and none if NO_COLOR is set (https://no-color.org).
func (s *session) style(w io.Writer) format.Options {
	return format.Options{Language: s.l, Colour: isTerminal(w) && s.Getenv("NO_COLOR") == ""}
}

// reading are the options of a reading of the cluster; its progress is shown on stderr if that is a terminal or --progress says so. done takes
// away what was shown.
func (s *session) reading() (options collect.Options, done func()) {
	options = collect.Options{Now: s.Clock.Now(), PageSize: collect.DefaultPageSize}
	terminal := isTerminal(s.Stderr)
	if s.progressSet() && !s.progress || !s.progressSet() && !terminal {
		return options, func() {}
	}
	options.Progress = func(p collect.Progress) {
		line := s.l.Say("Đang đọc %s: %d", "Reading %s: %d", p.Resource, p.Read)
		if p.Remaining > 0 {
			line = s.l.Say("Đang đọc %s: %d trên %d", "Reading %s: %d of %d", p.Resource, p.Read, p.Read+p.Remaining)
		}
		if terminal {
			fmt.Fprint(s.Stderr, "\r\x1b[K"+line)
			return
		}
		fmt.Fprintln(s.Stderr, line)
	}
	if !terminal {
		return options, func() {}
	}
	return options, func() { fmt.Fprint(s.Stderr, "\r\x1b[K") }
}
