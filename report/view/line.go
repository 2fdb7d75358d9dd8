package view

import (
	"strings"
	"unicode"
)

// Line makes one line of a text that may come from anywhere: what would steer a terminal or turn the direction of the writing is left out.
func Line(text string) string {
	return strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r), r == unicode.ReplacementChar:
			return -1
		}
		return r
	}, text)), " ")
}
