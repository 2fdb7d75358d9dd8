package replay

import (
	"os"
	"strings"
	"testing"
	"time"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

// none is the state of a milestone that is not asked.
const none v1alpha1.MilestoneState = "None"

// reading of "trước ngày X".
type reading string

const (
	before     reading = "before"
	onOrBefore reading = "onOrBefore"
)

// key is a milestone of an agency.
type key struct{ agency, milestone string }

// span is a state from a moment on. A milestone that is met in it was met at metAt, by metBy if that was another agency.
type span struct {
	from, metAt time.Time
	state       v1alpha1.MilestoneState
	metBy       string
}

// interval is from a moment to another, which is not in it any more.
type interval struct{ from, to time.Time }

func (i interval) has(t time.Time) bool { return !t.Before(i.from) && t.Before(i.to) }

// table is what is expected under one reading.
type table struct {
	rows      map[key][]span
	regressed map[key][]interval
	nothing   []interval
}

// lines are those of a file that say something.
func lines(t *testing.T, path string) []string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			all = append(all, line)
		}
	}
	return all
}

func hanoi(t *testing.T) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Asia/Ho_Chi_Minh")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

// moment reads a date, or a date with a time to the minute or the second.
func moment(t *testing.T, text string) time.Time {
	t.Helper()
	for _, layout := range []string{"2006-01-02", "2006-01-02T15:04", "2006-01-02T15:04:05"} {
		if at, err := time.ParseInLocation(layout, text, hanoi(t)); err == nil {
			return at
		}
	}
	t.Fatalf("%q is no moment", text)
	return time.Time{}
}

// readTable reads the expectations of one reading.
func readTable(t *testing.T, r reading) *table {
	t.Helper()
	expected := &table{rows: map[key][]span{}, regressed: map[key][]interval{}}
	for _, line := range lines(t, "testdata/expected.txt") {
		head, tail, ok := strings.Cut(line, ": ")
		if !ok {
			t.Fatalf("no colon in %q", line)
		}
		words := strings.Fields(head)
		switch words[0] {
		case "nothing":
			expected.nothing = append(expected.nothing, readInterval(t, tail))
		case "regressed":
			k := key{words[1], words[2]}
			expected.regressed[k] = append(expected.regressed[k], readInterval(t, tail))
		default:
			if last := words[len(words)-1]; strings.HasPrefix(last, "[") {
				if last != "["+string(r)+"]" {
					continue
				}
				words = words[:len(words)-1]
			}
			expected.add(t, words[:len(words)-1], words[len(words)-1], tail)
		}
	}
	return expected
}

func (e *table) add(t *testing.T, agencies []string, milestone, text string) {
	t.Helper()
	row := readRow(t, text)
	for _, agency := range agencies {
		k := key{agency, milestone}
		if e.rows[k] != nil {
			t.Fatalf("there are two rows of %v", k)
		}
		e.rows[k] = row
	}
}

func readInterval(t *testing.T, text string) interval {
	t.Helper()
	from, to, ok := strings.Cut(text, " to ")
	if !ok {
		t.Fatalf("%q is no interval", text)
	}
	return interval{moment(t, from), moment(t, to)}
}

// readRow reads spans, and fills in when what is met was met.
func readRow(t *testing.T, text string) []span {
	t.Helper()
	var row []span
	var metAt time.Time
	metBy := ""
	for part := range strings.SplitSeq(text, ", ") {
		words := strings.Fields(part)
		s := span{from: moment(t, words[1]), state: v1alpha1.MilestoneState(words[0])}
		if len(row) > 0 && !row[len(row)-1].from.Before(s.from) {
			t.Fatalf("the spans of %q are not in order", text)
		}
		if met := s.state == v1alpha1.MilestoneMet || s.state == v1alpha1.MilestoneMetLate; met {
			if metAt.IsZero() {
				metAt = s.from
				if len(words) == 5 {
					metAt, metBy = moment(t, strings.TrimPrefix(words[2], "(")), strings.TrimSuffix(words[4], ")")
				}
			}
			s.metAt, s.metBy = metAt, metBy
		}
		row = append(row, s)
	}
	return row
}

// at is what is expected of a milestone at a moment.
func (e *table) at(k key, now time.Time) (s span, regressed bool) {
	s = span{state: none}
	for _, i := range e.nothing {
		if i.has(now) {
			return s, false
		}
	}
	for _, candidate := range e.rows[k] {
		if !now.Before(candidate.from) {
			s = candidate
		}
	}
	for _, i := range e.regressed[k] {
		regressed = regressed || i.has(now)
	}
	return s, regressed && s.state != none
}
