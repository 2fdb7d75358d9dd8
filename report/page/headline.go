package page

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/civil"
	"lienthong.gov.vn/connector-operator/report/locale"
	"lienthong.gov.vn/connector-operator/report/view"
)

// named is how many agencies a headline names; of more it tells how many there are.
const named = 3

// headline tells who is overdue and at risk, what comes next, and by when.
func (p *plan) headline() both {
	if !p.view.Accepted {
		return both{"Kế hoạch chưa có hiệu lực. %s", "The plan is not in force. %s"}.filled(p.view.Message)
	}
	if len(p.members) == 0 {
		return both{"Kế hoạch chưa có cơ quan nào.", "No agency is part of the plan yet."}
	}
	overdue, atRisk, open := p.troubled()
	said := who(overdue, both{"%d cơ quan quá hạn: %s.", "%d overdue: %s."})
	if more := who(atRisk, both{"%d cơ quan có nguy cơ chậm: %s.", "%d at risk: %s."}); more != (both{}) {
		said = said.plus(more)
	}
	switch {
	case open == 0:
		return both{
			"Tất cả %d cơ quan đã hoàn thành mọi mốc của kế hoạch.", "All %d agencies are done with every milestone of the plan.",
		}.filled(len(p.members))
	case said == (both{}):
		said = both{"Không có cơ quan nào quá hạn hay có nguy cơ chậm.", "No agency is overdue or at risk."}
	}
	return said.plus(p.next())
}

// troubled are the agencies that are overdue before a milestone, those that are at risk and nowhere overdue, and how many have still
// something to do.
func (p *plan) troubled() (overdue, atRisk []*view.Agency, open int) {
	for _, m := range p.members {
		switch worst := m.worst(); worst {
		case v1alpha1.MilestoneOverdue:
			overdue = append(overdue, m.agency)
		case v1alpha1.MilestoneAtRisk:
			atRisk = append(atRisk, m.agency)
		case v1alpha1.MilestoneMet, v1alpha1.MilestoneMetLate, v1alpha1.MilestoneExempt:
			continue
		default:
		}
		open++
	}
	return overdue, atRisk, open
}

func (m member) worst() v1alpha1.MilestoneState {
	return slices.MinFunc(m.standing, func(a, b v1alpha1.AgencyMilestone) int {
		return cmp.Compare(slices.Index(states(), a.State), slices.Index(states(), b.State))
	}).State
}

// who names the first of the agencies; nothing if there are none.
func who(agencies []*view.Agency, sentence both) both {
	if len(agencies) == 0 {
		return both{}
	}
	var vi, en []string
	for _, a := range agencies[:min(named, len(agencies))] {
		vi = append(vi, cmp.Or(a.Names.Vi, a.Name))
		en = append(en, cmp.Or(a.Names.En, a.Names.Vi, a.Name))
	}
	list := both{strings.Join(vi, ", "), strings.Join(en, ", ")}
	if more := len(agencies) - named; more > 0 {
		list.vi += fmt.Sprintf(" và %d cơ quan khác", more)
		list.en += fmt.Sprintf(" and %d more", more)
	}
	return both{fmt.Sprintf(sentence.vi, len(agencies), list.vi), fmt.Sprintf(sentence.en, len(agencies), list.en)}
}

// next tells which milestones are due next, who has yet to meet them, and how far away that is.
func (p *plan) next() both {
	if p.view.NextDeadline == nil {
		return both{"Mọi thời hạn đã qua.", "Every deadline has passed."}
	}
	due := *p.view.NextDeadline
	var names []string
	unmet := 0
	for i := range p.view.Milestones {
		if m := &p.view.Milestones[i]; m.Deadline == due {
			names = append(names, m.Name)
			unmet += p.unmet(m.Name)
		}
	}
	said := both{vi: "Tiếp theo: thời hạn " + locale.Vietnamese.DueOn(due), en: "Next deadline: " + locale.English.DueOn(due)}
	if len(names) > 0 {
		said.vi = fmt.Sprintf("Tiếp theo: mốc %s %s, còn %d cơ quan chưa hoàn thành", strings.Join(names, ", "), locale.Vietnamese.DueOn(due), unmet)
		said.en = fmt.Sprintf("Next: %s %s, with %d still to meet it", strings.Join(names, ", "), locale.English.DueOn(due), unmet)
	}
	if date, err := civil.Parse(string(due.Date)); err == nil {
		if days := civil.In(p.today, p.zone).DaysUntil(date); days == 0 {
			said.vi, said.en = said.vi+" (hôm nay)", said.en+" (today)"
		} else if days > 0 {
			said.vi, said.en = said.vi+fmt.Sprintf(" (còn %d ngày)", days), said.en+fmt.Sprintf(" (in %d %s)", days, plural(days, "day", "days"))
		}
	}
	return both{said.vi + ".", said.en + "."}
}

// unmet is how many agencies have yet to meet a milestone.
func (p *plan) unmet(milestone string) int {
	count := 0
	for _, m := range p.members {
		for _, at := range m.standing {
			if at.Milestone == milestone && !done(at.State) {
				count++
			}
		}
	}
	return count
}

func done(s v1alpha1.MilestoneState) bool {
	return s == v1alpha1.MilestoneMet || s == v1alpha1.MilestoneMetLate || s == v1alpha1.MilestoneExempt
}

func plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}
