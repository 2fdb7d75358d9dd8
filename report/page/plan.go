package page

import (
	"slices"
	"strconv"
	"time"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/report/locale"
	"lienthong.gov.vn/connector-operator/report/view"
)

// dayLayout is how days are written, as locale.Day does.
const dayLayout = "02/01/2006"

// plan is the section of one plan.
type plan struct {
	Anchor, Name string
	Number       int
	Summary      []tally
	Progress     chart
	Milestones   []milestone
	Entries      []entry

	doc     *document
	view    *view.Plan
	zone    *time.Location
	today   time.Time
	members []member
}

// T is a word of the page.
func (p plan) T(name string) (text, error) { return p.doc.T(name) }

// member is an agency of a plan, with where it stands before each of its milestones.
type member struct {
	agency   *view.Agency
	standing []v1alpha1.AgencyMilestone
}

// tally counts the agencies of a plan by their worst state.
type tally struct {
	Count int
	State state
}

// milestone is a line in the table of milestones, and its burn-up.
type milestone struct {
	Number                    int
	Name, Description, Cohort string
	Due, Slack                text
	Counts                    []count
	Total                     int
	BurnUp                    chart
	Days                      []dayCount
}

// count is a number with the class of its state; 0 is shown pale.
type count struct {
	N     int
	Class string
}

// dayCount is how many agencies had met a milestone at the end of a day.
type dayCount struct {
	Day   string
	Count int
	at    time.Time
}

func (d *document) drawPlan(p *plan) {
	byWorst := map[v1alpha1.MilestoneState]int{}
	for _, m := range p.members {
		byWorst[m.worst()]++
	}
	for _, s := range states() {
		p.Summary = append(p.Summary, tally{byWorst[s], d.state(s)})
	}
	scale := p.scale()
	for i := range p.view.Milestones {
		m := d.milestone(p, i)
		m.BurnUp = d.burnUp(p, &m, scale)
		p.Milestones = append(p.Milestones, m)
	}
	p.Progress = d.progress(p, scale)
}

func (d *document) milestone(p *plan, index int) milestone {
	v := &p.view.Milestones[index]
	m := milestone{
		Number: index + 1, Name: view.Line(v.Name), Description: view.Line(v.Description), Cohort: view.Line(v.Cohort),
		Due: d.texts.add(in(func(l locale.Language) string { return l.DueOn(v.Deadline) })), Slack: d.texts.add(slack(v.Slack)),
		Days: p.metDays(func(at v1alpha1.AgencyMilestone) bool { return at.Milestone == v.Name }),
	}
	for _, s := range states() {
		n := v.Counts[s]
		class := string(s)
		if n == 0 {
			class = "none"
		}
		m.Counts = append(m.Counts, count{n, class})
		m.Total += n
	}
	return m
}

// slack words the least that an agency has left.
func slack(s *v1alpha1.MilestoneSlack) both {
	if s == nil || s.WorkingDays == nil {
		return both{"–", "–"}
	}
	day := locale.Day(s.LatestStart)
	if days := int(*s.WorkingDays); days >= 0 {
		return both{
			vi: strconv.Itoa(days) + " ngày làm việc (" + s.Agency + ", bắt đầu chậm nhất " + day + ")",
			en: strconv.Itoa(days) + " working " + plural(days, "day", "days") + " (" + s.Agency + ", to begin by " + day + ")",
		}
	}
	late := -int(*s.WorkingDays)
	return both{
		vi: "đã muộn " + strconv.Itoa(late) + " ngày làm việc (" + s.Agency + ", lẽ ra bắt đầu chậm nhất " + day + ")",
		en: strconv.Itoa(late) + " working " + plural(late, "day", "days") + " too late (" + s.Agency + ", was to begin by " + day + ")",
	}
}

// metDays counts, day by day in the plan's zone, how many times a milestone was met of those that are wanted.
func (p *plan) metDays(wanted func(v1alpha1.AgencyMilestone) bool) []dayCount {
	perDay := map[time.Time]int{}
	for _, m := range p.members {
		for _, at := range m.standing {
			if at.MetAt != nil && at.State != v1alpha1.MilestoneExempt && wanted(at) {
				year, month, day := at.MetAt.In(p.zone).Date()
				perDay[time.Date(year, month, day, 0, 0, 0, 0, p.zone)]++
			}
		}
	}
	var days []dayCount
	for at, n := range perDay {
		days = append(days, dayCount{Day: at.Format(dayLayout), Count: n, at: at})
	}
	slices.SortFunc(days, func(a, b dayCount) int { return a.at.Compare(b.at) })
	for i := 1; i < len(days); i++ {
		days[i].Count += days[i-1].Count
	}
	return days
}

// asked is how many agencies a milestone is asked of, those exempt left out.
func (p *plan) asked(wanted func(v1alpha1.AgencyMilestone) bool) int {
	n := 0
	for _, m := range p.members {
		for _, at := range m.standing {
			if at.State != v1alpha1.MilestoneExempt && wanted(at) {
				n++
			}
		}
	}
	return n
}
