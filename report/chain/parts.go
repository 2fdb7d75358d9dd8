package chain

import (
	"k8s.io/apimachinery/pkg/api/equality"
)

// checkParts walks along the chain and looks at each report as a whole: its parts follow each other from the first to the last and tell of
// one moment. A report that broke off is all right if the next one names it.
func (c *Chain) checkParts(links []Link) {
	for start := 0; start < len(links); {
		end := start + 1
		for end < len(links) && continues(&links[start], &links[end-1], &links[end]) {
			end++
		}
		var next *Link
		if end < len(links) {
			next = &links[end]
		}
		c.checkReport(links[start:end], next)
		start = end
	}
}

// continues tells whether a link is a further part of the report that begins with first.
func continues(first, before, l *Link) bool {
	return l.part() == before.part()+1 && l.parts() == first.parts() && l.Spec.Sequence == before.Spec.Sequence+1 &&
		l.Spec.TakenAt.Equal(&first.Spec.TakenAt) && l.Spec.DueAt.Equal(&first.Spec.DueAt) &&
		l.Spec.Plan == first.Spec.Plan && equality.Semantic.DeepEqual(l.Spec.Trigger, first.Spec.Trigger)
}

// checkReport looks at one report: the links that belong together, and the one after.
func (c *Chain) checkReport(parts []Link, next *Link) {
	first, last := &parts[0], &parts[len(parts)-1]
	if first.part() != 1 {
		c.add(says(Incomplete, c.Plan, first.Name,
			"Báo cáo %s là phần %d trên %d, nhưng phần trước nó không có trong chuỗi.",
			"Report %s is part %d of %d, and the part before it is not in the chain.",
			first.Name, first.part(), first.parts()))
		return
	}
	complete := last.part() == first.parts()
	if named := next != nil && names(next, parts); named && !complete {
		c.Abandoned++
		return
	} else if next != nil && next.Spec.Abandoned != nil && next.part() == 1 && !named {
		c.add(says(Incomplete, c.Plan, next.Name,
			"Báo cáo %s ghi rằng trước nó có một báo cáo dở dang, nhưng điều đó không khớp với báo cáo trước nó, %s.",
			"Report %s states that a report before it broke off, which does not fit the report before it, %s.",
			next.Name, last.Name))
	}
	if !complete {
		c.add(says(Incomplete, c.Plan, last.Name,
			"Báo cáo bắt đầu với %s bị dở dang: chỉ có %d trên %d phần.",
			"The report that begins with %s is incomplete: it has %d of %d parts.",
			first.Name, len(parts), first.parts()))
	}
}

// names tells whether a report states that the writing of the parts broke off. It may be about something else: the plan can have changed
// in between.
func names(next *Link, parts []Link) bool {
	a := next.Spec.Abandoned
	return a != nil && next.part() == 1 && a.Sequence == parts[0].Spec.Sequence && orOne(a.Parts) == int64(len(parts))
}
