package page

import (
	"fmt"

	"lienthong.gov.vn/connector-operator/report/locale"
	"lienthong.gov.vn/connector-operator/report/view"
)

// both is a wording in both languages.
type both struct{ vi, en string }

// filled fills in what both wordings have in common, in the manner of fmt.
func (b both) filled(args ...any) both {
	return both{vi: fmt.Sprintf(b.vi, args...), en: fmt.Sprintf(b.en, args...)}
}

// plus puts another sentence behind.
func (b both) plus(next both) both {
	if b == (both{}) {
		return next
	}
	return both{vi: b.vi + " " + next.vi, en: b.en + " " + next.en}
}

// in words something in both languages.
func in(say func(locale.Language) string) both {
	return both{vi: say(locale.Vietnamese), en: say(locale.English)}
}

// text is a wording on the page: what is shown first, and the number by which the script finds both languages.
type text struct {
	ID    int
	Shown string
}

// texts is the table of all wordings of one page. A wording that is used a thousand times is in it once.
type texts struct {
	language locale.Language
	numbers  map[both]int
	table    [][2]string
}

func newTexts(language locale.Language) *texts {
	return &texts{language: language, numbers: map[both]int{}}
}

func (t *texts) add(b both) text {
	b = both{vi: view.Line(b.vi), en: view.Line(b.en)}
	number, known := t.numbers[b]
	if !known {
		number = len(t.table)
		t.numbers[b] = number
		t.table = append(t.table, [2]string{b.vi, b.en})
	}
	if t.language == locale.Vietnamese {
		return text{number, b.vi}
	}
	return text{number, b.en}
}
