package agencycode

import (
	"fmt"
	"slices"
	"strings"
)

// Legacy is an identifier code of QCVN 102: three groups of digits, the leaf first, then the level-1 unit.
type Legacy struct {
	text string
	// root is the level-1 unit, such as G12.
	root string
	// below are the groups of the levels 2, 3 and 4; a group of zeros only means that there is no such level.
	below [3]string
}

// ParseLegacy reads a code of QCVN 102.
func ParseLegacy(s string) (Legacy, error) {
	groups := strings.Split(s, ".")
	if len(groups) != 4 || !isRoot(groups[3]) ||
		!isNumber(groups[0], 3) || !isNumber(groups[1], 2) || !isNumber(groups[2], 2) {
		return Legacy{}, fmt.Errorf("%q is no legacy code; write thirteen characters, leaf first (QCVN 102:2016/BTTTT), such as 000.00.18.G12", s)
	}
	return Legacy{text: s, root: groups[3], below: [3]string{groups[2], groups[1], groups[0]}}, nil
}

// String is the code as it was declared.
func (l Legacy) String() string {
	return l.text
}

// Level is the lowest level that the code names, from 1 to 4.
func (l Legacy) Level() int {
	for level := len(l.below); level > 0; level-- {
		if !isZero(l.below[level-1]) {
			return level + 1
		}
	}
	return 1
}

// SkippedLevel is the highest level that the code leaves out although it names a lower one, or 0 if it leaves out none. Such
// codes are in use, so they are no error, but worth a look.
func (l Legacy) SkippedLevel() int {
	for i, group := range l.below[:l.Level()-1] {
		if isZero(group) {
			return i + 2
		}
	}
	return 0
}

// SameUnit tells whether two codes name the same unit: the same groups in the opposite order, zeros in front aside. A level
// that the legacy code skips is a group like any other, so such a code is the same as hardly any.
func SameUnit(code Code, legacy Legacy) bool {
	named := append([]string{legacy.root}, legacy.below[:legacy.Level()-1]...)
	return slices.EqualFunc(code.groups(), named, func(a, b string) bool {
		return strings.TrimLeft(a, "0") == strings.TrimLeft(b, "0")
	})
}

func isNumber(group string, digits int) bool {
	return len(group) == digits && everyGroup(group, isDigit)
}

func isZero(group string) bool {
	return strings.Trim(group, "0") == ""
}
