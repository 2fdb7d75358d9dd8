package requestlog

import (
	"unicode/utf8"
)

// appendString writes a string of JSON in printable ASCII only: whatever a client sends, it can neither begin a line of its own nor
// change how a terminal or a later reader takes the line. It is cut behind so many bytes.
func appendString(line []byte, s string, most int) []byte {
	cut := len(s) > most
	if cut {
		s = s[:most]
	}
	line = append(line, '"')
	for s != "" {
		c := s[0]
		switch {
		case c == '"' || c == '\\':
			line = append(line, '\\', c)
		case c >= ' ' && c < 0x7f:
			line = append(line, c)
		default:
			r, size := utf8.DecodeRuneInString(s)
			line = appendEscaped(line, r)
			s = s[size:]
			continue
		}
		s = s[1:]
	}
	if cut {
		line = append(line, "..."...)
	}
	return append(line, '"')
}

// appendEscaped writes a character as JSON escapes it, in two halves beyond the first plane.
func appendEscaped(line []byte, r rune) []byte {
	const first, high, low, half = 0x10000, 0xd800, 0xdc00, 10
	if r >= first {
		r -= first
		return appendEscaped(appendEscaped(line, high+r>>half), low+r&(1<<half-1))
	}
	const digits = "0123456789abcdef"
	return append(line, '\\', 'u', digits[r>>12&15], digits[r>>8&15], digits[r>>4&15], digits[r&15])
}
