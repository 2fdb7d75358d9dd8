package page

import (
	"fmt"
	"strings"
	"time"

	"lienthong.gov.vn/connector-operator/controllers/civil"
)

// chart is a drawing in the units of its own box; the style sheet gives each class its look.
type chart struct {
	ID            string
	Title, Says   text
	Width, Height float64
	Shapes        []shape
	Lines         []line
	Labels        []label
}

// shape is a path, filled or not.
type shape struct{ Class, Path string }

// line is a straight one.
type line struct {
	Class          string
	X1, Y1, X2, Y2 float64
}

// label is a text. Where Words is empty, Plain is the same in both languages.
type label struct {
	Class, Anchor string
	X, Y          float64
	Plain         string
	Words         *text
	// Disc draws a circle behind the label.
	Disc bool
}

func (c *chart) vertical(class string, x, top, bottom float64) {
	c.Lines = append(c.Lines, line{class, x, top, x, bottom})
}

func (c *chart) horizontal(class string, y, left, right float64) {
	c.Lines = append(c.Lines, line{class, left, y, right, y})
}

func (c *chart) plain(class, anchor string, x, y float64, words string) {
	c.Labels = append(c.Labels, label{Class: class, Anchor: anchor, X: x, Y: y, Plain: words})
}

func (c *chart) words(class, anchor string, x, y float64, words text) {
	c.Labels = append(c.Labels, label{Class: class, Anchor: anchor, X: x, Y: y, Words: &words})
}

// span is the time that the charts of a plan show.
type span struct{ from, to time.Time }

// scale spans all days on which something was met or is due, and today, with some room on both sides.
func (p *plan) scale() span {
	s := span{p.today, p.today}
	include := func(t time.Time) {
		if t.Before(s.from) {
			s.from = t
		}
		if t.After(s.to) {
			s.to = t
		}
	}
	for i := range p.view.Milestones {
		if due, ok := p.due(i); ok {
			include(due)
		}
	}
	for _, m := range p.members {
		for _, at := range m.standing {
			if at.MetAt != nil {
				include(at.MetAt.Time)
			}
		}
	}
	room := max(s.to.Sub(s.from)/20, 7*24*time.Hour)
	return span{s.from.Add(-room), s.to.Add(room)}
}

// due is the instant at which a milestone's deadline passes; false if the deadline cannot be read, which the plan's status tells.
func (p *plan) due(index int) (time.Time, bool) {
	deadline, err := civil.ParseDeadline(p.view.Milestones[index].Deadline, p.zone)
	if err != nil {
		return time.Time{}, false
	}
	return deadline.Instant(), true
}

// x is where an instant lies between two edges.
func (s span) x(t time.Time, left, right float64) float64 {
	return left + (right-left)*float64(t.Sub(s.from))/float64(s.to.Sub(s.from))
}

// months are the beginnings of months to mark, so many that their labels have room.
func (s span) months(zone *time.Location, room int) []time.Time {
	step := 1
	for _, step = range []int{1, 2, 3, 6, 12, 24, 60, 120} {
		if s.to.Sub(s.from) < time.Duration(room*step)*30*24*time.Hour {
			break
		}
	}
	from := s.from.In(zone)
	// Steps are counted from January, so that a mark of every third month stands at a quarter.
	month := time.Date(from.Year()-from.Year()%max(step/12, 1), time.January, 1, 0, 0, 0, 0, zone)
	var marks []time.Time
	for ; month.Before(s.to); month = month.AddDate(0, step, 0) {
		if month.After(s.from) {
			marks = append(marks, month)
		}
	}
	return marks
}

// steps draws how a count grew until an instant: level between days, and up at each.
func (s span) steps(days []dayCount, until time.Time, left, right float64, y func(count int) float64) string {
	var path strings.Builder
	fmt.Fprintf(&path, "M%.1f %.1f", left, y(0))
	for _, d := range days {
		fmt.Fprintf(&path, "H%.1fV%.1f", s.x(d.at, left, right), y(d.Count))
	}
	fmt.Fprintf(&path, "H%.1f", s.x(until, left, right))
	return path.String()
}

// final is the count after the last day.
func final(days []dayCount) int {
	if len(days) == 0 {
		return 0
	}
	return days[len(days)-1].Count
}

// axis draws the months, and today, down to the bottom of a chart.
func (d *document) axis(c *chart, p *plan, s span, left, right, top, bottom float64, room int) {
	for _, month := range s.months(p.zone, room) {
		x := s.x(month, left, right)
		c.vertical("grid", x, top, bottom)
		c.plain("tick", "middle", x, bottom+16, month.Format("01/2006"))
	}
	c.vertical("today", s.x(p.today, left, right), top-4, bottom)
}
