// Package agencycode reads the two kinds of identifier codes that agencies have: the one of Decision 20/2020/QĐ-TTg, root
// first, such as G12.18, and the one of QCVN 102:2016/BTTTT, leaf first, such as 000.00.18.G12.
//
// Both are kept as they were declared. The package compares them, and never makes one out of the other, because units that
// were coded after 2020 need not have codes that correspond. It is pure and keeps nothing, so a restart needs no recovery.
package agencycode

import (
	"fmt"
	"strings"
)

// maxLength of a code under Decision 20/2020.
const maxLength = 35

// Code is an identifier code of Decision 20/2020: groups of capitals and digits, root first.
type Code struct {
	text string
}

// Parse reads a code of Decision 20/2020.
func Parse(s string) (Code, error) {
	if len(s) > maxLength {
		return Code{}, fmt.Errorf("%q has %d characters; write a code of at most %d (Decision 20/2020/QĐ-TTg), such as G12.18", s, len(s), maxLength)
	}
	root, rest, dotted := strings.Cut(s, ".")
	if !isRoot(root) || (dotted && !everyGroup(rest, isCapitalOrDigit)) {
		return Code{}, fmt.Errorf("%q is no code; write a capital letter and two digits, then groups of capitals and digits behind dots "+
			"(Decision 20/2020/QĐ-TTg), such as G12 or G12.18", s)
	}
	return Code{text: s}, nil
}

// String is the code as it was declared.
func (c Code) String() string {
	return c.text
}

// Level is 1 for a ministry or a province, 2 for a unit right below it, and so on.
func (c Code) Level() int {
	return strings.Count(c.text, ".") + 1
}

func (c Code) groups() []string {
	return strings.Split(c.text, ".")
}

// isRoot tells whether a group is a capital letter and two digits.
func isRoot(group string) bool {
	return len(group) == 3 && isCapital(group[0]) && isDigit(group[1]) && isDigit(group[2])
}

// everyGroup tells whether the groups of s, split at dots, all have something, and only characters that are allowed.
func everyGroup(s string, allowed func(byte) bool) bool {
	for group := range strings.SplitSeq(s, ".") {
		if group == "" {
			return false
		}
		for i := range len(group) {
			if !allowed(group[i]) {
				return false
			}
		}
	}
	return true
}

func isCapital(b byte) bool        { return 'A' <= b && b <= 'Z' }
func isDigit(b byte) bool          { return '0' <= b && b <= '9' }
func isCapitalOrDigit(b byte) bool { return isCapital(b) || isDigit(b) }
