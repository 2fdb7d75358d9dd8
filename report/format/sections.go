package format

import (
	"strconv"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/civil"
	"lienthong.gov.vn/connector-operator/report/locale"
	"lienthong.gov.vn/connector-operator/report/view"
)

// tone is how a cell is told from others where there is colour.
type tone int

const (
	plain tone = iota
	good
	warning
	bad
	faint
)

// cell is one cell of a table.
type cell struct {
	text string
	tone tone
}

// section is one table with its title.
type section struct {
	title   string
	columns []string
	rows    [][]cell
	// empty is said instead of a table without rows.
	empty string
}

// writer makes sections of a view.
type writer struct {
	l locale.Language
	v *view.View
}

func text(s string) cell { return cell{text: clean(s)} }

func number(n int) cell { return cell{text: strconv.Itoa(n)} }

// header says what the report is of, and when.
func (w writer) header() string {
	return w.l.Say("Tình hình lúc %s", "As of %s", w.takenAt())
}

// takenAt is in the time zone of the plans, if they have one in common.
func (w writer) takenAt() string {
	zone := "UTC"
	for i := range w.v.Plans {
		if i > 0 && w.v.Plans[i].TimeZone != zone {
			zone = "UTC"
			break
		}
		zone = w.v.Plans[i].TimeZone
	}
	return w.v.TakenAt.In(view.ZoneOf(zone)).Format("2006-01-02 15:04 -07:00")
}

func (w writer) plans() section {
	s := section{
		title: w.l.Say("Kế hoạch", "Plans"),
		columns: []string{
			w.l.Say("KẾ HOẠCH", "PLAN"), w.l.Say("TRỤC", "HUB"), w.l.Say("CƠ QUAN", "AGENCIES"), w.l.Say("THỜI HẠN GẦN NHẤT", "NEXT DEADLINE"),
			w.l.Say("CHẤP NHẬN", "ACCEPTED"),
		},
		empty: w.l.Say("Không có kế hoạch nào.", "There is no plan."),
	}
	for i := range w.v.Plans {
		p := &w.v.Plans[i]
		agencies := 0
		for _, c := range p.Cohorts {
			agencies += c.Agencies
		}
		next := w.l.Say("đã qua hết", "all have passed")
		if p.NextDeadline != nil {
			next = w.l.Deadline(*p.NextDeadline)
		}
		accepted := cell{w.l.Say("có", "yes"), good}
		if !p.Accepted {
			accepted = cell{clean(w.l.Say("không: ", "no: ") + p.Message), bad}
		}
		s.rows = append(s.rows, []cell{text(p.Name), text(p.Hub), number(agencies), text(next), accepted})
	}
	return s
}

func (w writer) milestones() section {
	s := section{
		title:   w.l.Say("Mốc", "Milestones"),
		columns: []string{w.l.Say("KẾ HOẠCH", "PLAN"), w.l.Say("MỐC", "MILESTONE"), w.l.Say("NHÓM", "COHORT"), w.l.Say("THỜI HẠN", "DEADLINE")},
		empty:   w.l.Say("Không có mốc nào.", "There is no milestone."),
	}
	for _, state := range v1alpha1.MilestoneStates() {
		s.columns = append(s.columns, upper(w.l.State(state)))
	}
	s.columns = append(s.columns, w.l.Say("PHẢI BẮT ĐẦU", "START BY"))
	for i := range w.v.Plans {
		p := &w.v.Plans[i]
		for j := range p.Milestones {
			m := &p.Milestones[j]
			row := []cell{text(p.Name), text(m.Name), text(m.Cohort), text(w.l.Deadline(m.Deadline))}
			for _, state := range v1alpha1.MilestoneStates() {
				c := number(m.Counts[state])
				if m.Counts[state] > 0 {
					c.tone = toneOf(state)
				}
				row = append(row, c)
			}
			s.rows = append(s.rows, append(row, w.slack(m.Slack)))
		}
	}
	return s
}

// slack names the day by which the agency that is worst off has to begin.
func (w writer) slack(slack *v1alpha1.MilestoneSlack) cell {
	if slack == nil {
		return cell{"–", faint}
	}
	return text(string(slack.LatestStart) + " (" + slack.Agency + ")")
}

// agencies has one row for each, with the milestone that it has to look after first.
func (w writer) agencies() section {
	s := section{
		title: w.l.Say("Cơ quan", "Agencies"),
		columns: []string{
			w.l.Say("MÃ", "CODE"), w.l.Say("CƠ QUAN", "AGENCY"), w.l.Say("TÊN", "NAME"), w.l.Say("SẴN SÀNG", "READY"), w.l.Say("LÝ DO", "REASON"),
			w.l.Say("MỐC CẦN CHÚ Ý", "PRESSING MILESTONE"), w.l.Say("TRẠNG THÁI", "STATE"), w.l.Say("THỜI HẠN", "DEADLINE"),
			w.l.Say("PHẢI BẮT ĐẦU", "START BY"),
		},
		empty: w.l.Say("Không có cơ quan nào.", "There is no agency."),
	}
	for i := range w.v.Agencies {
		a := &w.v.Agencies[i]
		row := w.agency(a)
		if m := a.Pressing(); m != nil {
			row = append(row, text(m.Plan+"/"+m.Milestone), w.state(m.State), text(w.l.Deadline(m.Deadline)), w.day(string(m.LatestStart)))
		} else {
			row = append(row, cell{"–", faint}, cell{"–", faint}, cell{"–", faint}, cell{"–", faint})
		}
		s.rows = append(s.rows, row)
	}
	return s
}

// details has one row for each agency and milestone.
func (w writer) details() section {
	s := section{
		title: w.l.Say("Cơ quan và mốc", "Agencies and milestones"),
		columns: []string{
			w.l.Say("MÃ", "CODE"), w.l.Say("CƠ QUAN", "AGENCY"), w.l.Say("KẾ HOẠCH", "PLAN"), w.l.Say("MỐC", "MILESTONE"),
			w.l.Say("THỜI HẠN", "DEADLINE"), w.l.Say("TRẠNG THÁI", "STATE"), w.l.Say("NGÀY ĐẠT", "MET ON"), w.l.Say("PHẢI BẮT ĐẦU", "START BY"),
			w.l.Say("VIỆC TIẾP THEO", "NEXT"), w.l.Say("NỘI DUNG", "MESSAGE"),
		},
		empty: w.l.Say("Không có mốc nào.", "There is no milestone."),
	}
	for i := range w.v.Agencies {
		a := &w.v.Agencies[i]
		for j := range a.Milestones {
			m := &a.Milestones[j]
			s.rows = append(s.rows, []cell{
				text(a.Code), text(a.Name), text(m.Plan), text(m.Milestone), text(w.l.Deadline(m.Deadline)), w.state(m.State),
				w.day(w.metOn(m)), w.day(string(m.LatestStart)), w.next(m), text(messageOf(m)),
			})
		}
	}
	return s
}

func (w writer) agency(a *view.Agency) []cell {
	ready := cell{w.l.Readiness(a.Ready), warning}
	switch a.Ready {
	case "True":
		ready.tone = good
	case "False":
		ready.tone = bad
	}
	return []cell{text(a.Code), text(a.Name), text(nameOf(w.l, a)), ready, text(w.l.Reason(a.Reason))}
}

func nameOf(l locale.Language, a *view.Agency) string {
	if l == locale.English && a.Names.En != "" {
		return a.Names.En
	}
	return a.Names.Vi
}

func (w writer) state(state v1alpha1.MilestoneState) cell {
	return cell{w.l.State(state), toneOf(state)}
}

func (w writer) day(day string) cell {
	if day == "" {
		return cell{"–", faint}
	}
	return text(day)
}

// metOn is the day on which a milestone was met, in the zone of its plan.
func (w writer) metOn(m *v1alpha1.AgencyMilestone) string {
	if m.MetAt == nil {
		return ""
	}
	return civil.In(m.MetAt.Time, view.ZoneOf(zoneOfPlan(w.v, m.Plan))).String()
}

// next is the first step of the critical path: as plans and records name it, which in Vietnamese is said in words.
func (w writer) next(m *v1alpha1.AgencyMilestone) cell {
	if len(m.Path) == 0 {
		return cell{"–", faint}
	}
	what := m.Path[0].What
	if w.l == locale.Vietnamese {
		what = w.l.Step(what)
	}
	if m.Path[0].Who == "" {
		return text(what)
	}
	return text(what + " (" + w.l.Who(m.Path[0].Who) + ")")
}

// messageOf is the message, with what regressed behind it.
func messageOf(m *v1alpha1.AgencyMilestone) string {
	if m.Regressed == "" {
		return m.Message
	}
	return m.Message + " " + m.Regressed
}

func zoneOfPlan(v *view.View, plan string) string {
	for i := range v.Plans {
		if v.Plans[i].Name == plan {
			return v.Plans[i].TimeZone
		}
	}
	return ""
}

func toneOf(state v1alpha1.MilestoneState) tone {
	switch state {
	case v1alpha1.MilestoneOverdue:
		return bad
	case v1alpha1.MilestoneAtRisk:
		return warning
	case v1alpha1.MilestoneMet, v1alpha1.MilestoneMetLate:
		return good
	case v1alpha1.MilestoneExempt:
		return faint
	default:
		return plain
	}
}
