package page

import (
	"cmp"
	"slices"
	"strings"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/report/locale"
	"lienthong.gov.vn/connector-operator/report/view"
)

// entry is one agency in the table of one plan.
type entry struct {
	Code, Vietnamese, English, Cohort, Level string
	Rows                                     []row
	highest                                  int
}

// row is where an agency stands before one milestone.
type row struct {
	Milestone string
	State     state
	Due       text
	// Latest day on which what is missing can begin.
	Latest string
	// Says is what the page words itself, Message what the operator wrote, and Regressed what has ceased to hold since.
	Says               text
	Message, Regressed string
}

// searchable is what the script knows of an entry. Its names are short because there are thousands.
type searchable struct {
	// Plan by its number; -1 for none.
	Plan   int      `json:"p"`
	Cohort string   `json:"c"`
	States []string `json:"s"`
	// Names that a search looks through.
	Names []string `json:"q"`
	// Keys that columns are sorted by.
	Keys keys `json:"k"`
}

// keys of the columns. The day is empty where there is none, and sorts last.
type keys struct {
	Code   string             `json:"code"`
	Names  [2]string          `json:"agency"`
	Cohort string             `json:"cohort"`
	Level  int                `json:"level"`
	State  int                `json:"state"`
	Due    v1alpha1.CivilDate `json:"due"`
	Latest v1alpha1.CivilDate `json:"latest"`
}

func newEntry(a *view.Agency, hub, cohort string) entry {
	level, highest := levels(a, hub)
	e := entry{
		Code: view.Line(a.Code), Vietnamese: view.Line(cmp.Or(a.Names.Vi, a.Name)), English: view.Line(a.Names.En), Cohort: view.Line(cohort),
		Level: level, highest: highest,
	}
	if e.English == e.Vietnamese {
		e.English = ""
	}
	return e
}

func (e *entry) searchable(a *view.Agency, plan int) searchable {
	names := slices.DeleteFunc([]string{e.Code, view.Line(a.LegacyCode), e.Vietnamese, e.English, a.Name}, func(s string) bool { return s == "" })
	return searchable{
		Plan: plan, Cohort: e.Cohort, States: []string{}, Names: names,
		Keys: keys{
			Code: e.Code, Names: [2]string{e.Vietnamese, cmp.Or(e.English, e.Vietnamese)}, Cohort: e.Cohort, Level: e.highest, State: len(states()),
		},
	}
}

func (d *document) addEntry(p *plan, m member) {
	e := newEntry(m.agency, p.view.Hub, m.standing[0].Cohort)
	s := e.searchable(m.agency, p.Number)
	for _, at := range m.standing {
		e.Rows = append(e.Rows, d.row(p, at))
		s.States = append(s.States, string(at.State))
		s.Keys.State = min(s.Keys.State, slices.Index(states(), at.State))
		s.Keys.Due = earlier(s.Keys.Due, at.Deadline.Date)
		s.Keys.Latest = earlier(s.Keys.Latest, at.LatestStart)
	}
	d.Cohorts = append(d.Cohorts, e.Cohort)
	d.Data.Entries = append(d.Data.Entries, s)
	p.Entries = append(p.Entries, e)
}

func earlier(a, b v1alpha1.CivilDate) v1alpha1.CivilDate {
	if a == "" || b != "" && b < a {
		return b
	}
	return a
}

func (d *document) row(p *plan, at v1alpha1.AgencyMilestone) row {
	return row{
		Milestone: view.Line(at.Milestone), State: d.state(at.State), Latest: view.Line(locale.Day(at.LatestStart)),
		Message: view.Line(at.Message), Regressed: view.Line(at.Regressed),
		Due:  d.texts.add(in(func(l locale.Language) string { return l.DueOn(at.Deadline) })),
		Says: d.texts.add(p.says(at)),
	}
}

// says words when a milestone was met or, if it was not, what comes next.
func (p *plan) says(at v1alpha1.AgencyMilestone) both {
	if at.MetAt != nil {
		said := both{"Hoàn thành ngày %s.", "Met on %s."}.filled(at.MetAt.In(p.zone).Format(dayLayout))
		if at.MetBy != "" {
			said = said.plus(both{"Do %s thực hiện trước khi sáp nhập.", "By %s, before it was merged into this agency."}.filled(at.MetBy))
		}
		return said
	}
	if len(at.Path) == 0 {
		return both{}
	}
	return nextStep(at.Path[0])
}

// nextStep words the first step of a critical path.
func nextStep(step v1alpha1.MilestoneStep) both {
	return in(func(l locale.Language) string {
		pick := func(b both) string {
			if l == locale.Vietnamese {
				return b.vi
			}
			return b.en
		}
		parts := []string{pick(both{"Việc tiếp theo: ", "Next: "}) + l.Step(step.What)}
		if step.Who != "" {
			parts = append(parts, pick(both{"thực hiện: %s", "to be done by: %s"}.filled(l.Who(step.Who))))
		}
		if step.WorkingDays != nil {
			parts = append(parts, pick(both{"số ngày làm việc cần: %d", "working days: %d"}.filled(*step.WorkingDays)))
		}
		if step.LatestStart != "" {
			parts = append(parts, pick(both{"bắt đầu chậm nhất ngày %s", "to begin by %s"}.filled(locale.Day(step.LatestStart))))
		}
		return strings.Join(parts, "; ") + "."
	})
}
