package page

import (
	"cmp"
	"fmt"
	"html/template"
	"slices"
	"strconv"
	"strings"
	"time"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/report/locale"
	"lienthong.gov.vn/connector-operator/report/view"
)

// document is what the templates show.
type document struct {
	Language      locale.Language
	Policy        string
	Style         template.CSS
	Script        template.JS
	Title, Taken  text
	Headlines     []headline
	Plans         []plan
	Others        []entry
	Cohorts       []string
	States        []state
	Data          data
	texts         *texts
	reportedPlans []string
}

// headline is the sentence about one plan.
type headline struct {
	Plan, Anchor string
	Says         text
}

// state is a state with the class that draws its mark.
type state struct {
	Class string
	Name  text
}

// data is what the script reads.
type data struct {
	// Texts by number, each in Vietnamese and in English.
	Texts [][2]string `json:"texts"`
	// Shown is the number of the sentence that counts what is shown.
	Shown int `json:"shown"`
	// Entries in the order in which they stand in the page.
	Entries []searchable `json:"entries"`
}

// T is a word of the page.
func (d *document) T(name string) (text, error) {
	b, known := word(name)
	if !known {
		return text{}, fmt.Errorf("the page has no word %q", name)
	}
	return d.texts.add(b), nil
}

// Table hands over the data once all wordings are in it: the template calls it last.
func (d *document) Table() data {
	d.Data.Texts = d.texts.table
	return d.Data
}

func newDocument(v *view.View, language locale.Language) *document {
	d := &document{Language: language, texts: newTexts(language), Data: data{Entries: []searchable{}}}
	d.Title = d.texts.add(words()["title"])
	d.Data.Shown = d.texts.add(words()["shown"]).ID
	for _, s := range states() {
		d.States = append(d.States, d.state(s))
	}
	zone := time.UTC
	for i := range v.Plans {
		of := view.ZoneOf(v.Plans[i].TimeZone)
		if i == 0 {
			zone = of
		}
		d.addPlan(i, v, of)
	}
	d.Taken = d.texts.add(both{"Số liệu lúc %s, múi giờ %s", "As of %s, time zone %s"}.filled(v.TakenAt.In(zone).Format("15:04 02/01/2006"), zone))
	d.addOthers(v)
	slices.Sort(d.Cohorts)
	d.Cohorts = slices.Compact(d.Cohorts)
	return d
}

func (d *document) addPlan(index int, v *view.View, zone *time.Location) {
	p := plan{
		Anchor: "plan-" + strconv.Itoa(index), Number: index, Name: view.Line(v.Plans[index].Name),
		doc: d, view: &v.Plans[index], zone: zone, today: v.TakenAt,
	}
	for i := range v.Agencies {
		if standing := standingIn(&v.Agencies[i], p.view); len(standing) > 0 {
			p.members = append(p.members, member{&v.Agencies[i], standing})
		}
	}
	d.Headlines = append(d.Headlines, headline{Plan: p.Name, Anchor: p.Anchor, Says: d.texts.add(p.headline())})
	d.drawPlan(&p)
	for _, m := range p.members {
		d.addEntry(&p, m)
	}
	d.Plans = append(d.Plans, p)
	d.reportedPlans = append(d.reportedPlans, p.view.Name)
}

// standingIn gives where an agency stands in one plan, in the order of the plan's milestones; what the plan does not have any more comes last.
func standingIn(a *view.Agency, p *view.Plan) []v1alpha1.AgencyMilestone {
	var standing []v1alpha1.AgencyMilestone
	for i := range a.Milestones {
		if a.Milestones[i].Plan == p.Name {
			standing = append(standing, a.Milestones[i])
		}
	}
	place := func(m v1alpha1.AgencyMilestone) int {
		at := slices.IndexFunc(p.Milestones, func(of view.Milestone) bool { return of.Name == m.Milestone })
		if at < 0 {
			return len(p.Milestones)
		}
		return at
	}
	slices.SortStableFunc(standing, func(a, b v1alpha1.AgencyMilestone) int { return cmp.Compare(place(a), place(b)) })
	return standing
}

// addOthers adds the agencies that no plan of the view asks anything of.
func (d *document) addOthers(v *view.View) {
	for i := range v.Agencies {
		a := &v.Agencies[i]
		if slices.ContainsFunc(a.Milestones, func(m v1alpha1.AgencyMilestone) bool { return slices.Contains(d.reportedPlans, m.Plan) }) {
			continue
		}
		e := newEntry(a, "", "")
		e.Rows = []row{{State: d.readiness(a.Ready), Message: view.Line(a.Message)}}
		d.Others = append(d.Others, e)
		d.Data.Entries = append(d.Data.Entries, e.searchable(a, -1))
	}
}

func (d *document) readiness(status string) state {
	switch status {
	case "True":
		return state{"ready", d.texts.add(words()["ready"])}
	case "False":
		return state{"not-ready", d.texts.add(words()["not-ready"])}
	default:
		return state{"unknown", d.texts.add(words()["unknown"])}
	}
}

// states in the order in which they call for attention.
func states() []v1alpha1.MilestoneState {
	return []v1alpha1.MilestoneState{
		v1alpha1.MilestoneOverdue, v1alpha1.MilestoneAtRisk, v1alpha1.MilestonePending, v1alpha1.MilestoneOnTrack,
		v1alpha1.MilestoneMetLate, v1alpha1.MilestoneMet, v1alpha1.MilestoneExempt,
	}
}

func (d *document) state(s v1alpha1.MilestoneState) state {
	return state{string(s), d.texts.add(in(func(l locale.Language) string { return l.State(s) }))}
}

// levels writes the security levels of an agency's Connectors to a hub, or to all if hub is empty.
func levels(a *view.Agency, hub string) (written string, highest int) {
	var found []int
	for _, c := range a.Connectors {
		if hub == "" || c.Hub == hub {
			found = append(found, c.Level)
		}
	}
	slices.Sort(found)
	var parts []string
	for _, level := range slices.Compact(found) {
		parts = append(parts, strconv.Itoa(level))
		highest = level
	}
	return strings.Join(parts, ", "), highest
}
