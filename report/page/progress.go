package page

import (
	"fmt"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/report/view"
)

// Measures of the chart of cohorts.
const (
	progressWidth = 960
	laneTop       = 44 // of the first lane, below the label of today
	laneHeight    = 108
	curveHeight   = 56
	progressLeft  = 52
	progressRight = progressWidth - 24
)

// progress draws each cohort in a lane of its own: how much of what is asked of it was met, and its deadlines by their numbers.
func (d *document) progress(p *plan, s span) chart {
	c := chart{
		ID: p.Anchor + "-progress", Title: d.texts.add(words()["progress"]),
		Width: progressWidth, Height: float64(laneTop + laneHeight*len(p.view.Cohorts) + 24),
	}
	bottom := c.Height - 24
	d.axis(&c, p, s, progressLeft, progressRight, laneTop-10, bottom, 9)
	today := s.x(p.today, progressLeft, progressRight)
	c.words("today-label", sideOf(today, progressWidth), today, laneTop-22, d.texts.add(withDay("today", p.today.In(p.zone).Format(dayLayout))))
	var said both
	for i := range p.view.Cohorts {
		said = said.plus(d.lane(&c, p, s, i))
	}
	c.Says = d.texts.add(said)
	return c
}

// lane draws one cohort, and tells in words what it drew.
func (d *document) lane(c *chart, p *plan, s span, index int) both {
	cohort := &p.view.Cohorts[index]
	top := float64(laneTop + laneHeight*index)
	base := top + laneHeight - 16
	of := func(at v1alpha1.AgencyMilestone) bool { return at.Cohort == cohort.Name }
	days, asked := p.metDays(of), p.asked(of)
	y := func(count int) float64 { return base - curveHeight*float64(count)/float64(max(asked, 1)) }
	percent := 100 * final(days) / max(asked, 1)

	c.plain("lane", "start", progressLeft, top+14, view.Line(cohort.Name))
	agencies := both{vi: fmt.Sprintf("%d cơ quan", cohort.Agencies), en: fmt.Sprintf("%d %s", cohort.Agencies, plural(cohort.Agencies, "agency", "agencies"))}
	says := both{
		vi: fmt.Sprintf("%s · hoàn thành %d%% số mốc", agencies.vi, percent), en: fmt.Sprintf("%s · %d%% of its milestones met", agencies.en, percent),
	}
	c.words("lane-note", "end", progressRight, top+14, d.texts.add(says))
	c.horizontal("full", y(asked), progressLeft, progressRight)
	c.horizontal("base", base, progressLeft, progressRight)
	c.plain("tick", "end", progressLeft-8, y(asked)+4, "100%")
	c.plain("tick", "end", progressLeft-8, base+4, "0%")
	curve := s.steps(days, p.today, progressLeft, progressRight, y)
	c.Shapes = append(c.Shapes,
		shape{"area", curve + fmt.Sprintf("V%.1fH%d", base, progressLeft) + "Z"}, shape{"curve", curve})
	d.deadlines(c, p, s, cohort.Name, y(asked), base)
	return both{
		vi: fmt.Sprintf("Nhóm %s: %s, hoàn thành %d%% số mốc.", cohort.Name, agencies.vi, percent),
		en: fmt.Sprintf("Cohort %s: %s, %d%% of its milestones met.", cohort.Name, agencies.en, percent),
	}
}

// deadlines of a cohort: a line with the milestone's number in a disc, and discs that would cover each other below each other.
func (d *document) deadlines(c *chart, p *plan, s span, cohort string, top, base float64) {
	var taken []float64
	for i := range p.view.Milestones {
		at, ok := p.due(i)
		if !ok || p.view.Milestones[i].Cohort != cohort {
			continue
		}
		x := s.x(at, progressLeft, progressRight)
		covered := 0
		for _, other := range taken {
			if x-other < 20 && other-x < 20 {
				covered++
			}
		}
		taken = append(taken, x)
		c.vertical("deadline", x, top, base)
		c.Labels = append(c.Labels, label{Class: "disc", Anchor: "middle", X: x, Y: top + 8 + 20*float64(covered), Plain: fmt.Sprint(i + 1), Disc: true})
	}
}

// Measures of a burn-up.
const (
	burnWidth  = 400
	burnHeight = 210
	burnLeft   = 44
	burnRight  = burnWidth - 16
	burnTop    = 34
	burnBottom = burnHeight - 30
)

// burnUp draws how many agencies had met a milestone, day by day, towards how many it is asked of.
func (d *document) burnUp(p *plan, m *milestone, s span) chart {
	target := p.asked(func(at v1alpha1.AgencyMilestone) bool { return at.Milestone == p.view.Milestones[m.Number-1].Name })
	met := final(m.Days)
	title := both{fmt.Sprintf("%d. %s", m.Number, m.Name), fmt.Sprintf("%d. %s", m.Number, m.Name)}
	c := chart{
		ID: fmt.Sprintf("%s-burn-up-%d", p.Anchor, m.Number), Title: d.texts.add(title), Width: burnWidth, Height: burnHeight,
		Says: d.texts.add(both{"%d trên %d cơ quan đã hoàn thành tính đến ngày %s.", "%d of %d agencies had met it by %s."}.filled(
			met, target, p.today.In(p.zone).Format(dayLayout))),
	}
	y := func(count int) float64 {
		return burnBottom - (burnBottom-burnTop-10)*float64(count)/float64(max(target, 1))
	}
	d.axis(&c, p, s, burnLeft, burnRight, burnTop, burnBottom, 5)
	c.horizontal("base", burnBottom, burnLeft, burnRight)
	c.horizontal("target", y(target), burnLeft, burnRight)
	c.plain("tick", "end", burnLeft-6, burnBottom+4, "0")
	c.plain("tick", "end", burnLeft-6, y(target)+4, fmt.Sprint(target))
	curve := s.steps(m.Days, p.today, burnLeft, burnRight, y)
	c.Shapes = append(c.Shapes, shape{"area", curve + fmt.Sprintf("V%dH%d", burnBottom, burnLeft) + "Z"}, shape{"curve", curve})
	today := s.x(p.today, burnLeft, burnRight)
	if at, ok := p.due(m.Number - 1); ok {
		x := s.x(at, burnLeft, burnRight)
		c.vertical("deadline", x, burnTop-4, burnBottom)
		c.words("due-label", sideOf(x, burnWidth), x, burnTop-8, m.Due)
	}
	c.words("today-label", sideOf(today, burnWidth), today, burnTop-22, d.texts.add(withDay("today", p.today.In(p.zone).Format(dayLayout))))
	return c
}

// withDay puts a day behind a word of the page.
func withDay(name, day string) both {
	b := words()[name]
	return both{b.vi + " " + day, b.en + " " + day}
}

// sideOf anchors a label so that it stays inside of a chart.
func sideOf(x, width float64) string {
	switch {
	case x < width*0.2:
		return "start"
	case x > width*0.8:
		return "end"
	default:
		return "middle"
	}
}
