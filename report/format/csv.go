package format

import (
	"encoding/csv"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/report/view"
)

// csvColumns are the same in every language, because programs read them.
func csvColumns() []string {
	return []string{
		"takenAt", "agency", "code", "legacyCode", "nameVi", "nameEn", "type", "ready", "reason", "connectors",
		"plan", "milestone", "cohort", "state", "boundary", "deadline", "timeZone", "metAt", "metBy", "regressed", "latestStart",
		"nextStep", "nextBy", "message",
	}
}

// CSV writes one row for each agency and milestone by RFC 4180, and one for an agency of which no milestone is asked. Words that programs go by
// are the same in every language.
func CSV(w io.Writer, v *view.View, _ Options) error {
	out := csv.NewWriter(w)
	out.UseCRLF = true
	rows := [][]string{csvColumns()}
	for i := range v.Agencies {
		a := &v.Agencies[i]
		for j := range a.Milestones {
			rows = append(rows, csvRow(v, a, &a.Milestones[j]))
		}
		if len(a.Milestones) == 0 {
			rows = append(rows, csvRow(v, a, &v1alpha1.AgencyMilestone{}))
		}
	}
	for _, row := range rows {
		for i := range row {
			row[i] = harmless(row[i])
		}
	}
	// WriteAll flushes, and tells the error of it.
	return out.WriteAll(rows)
}

func csvRow(v *view.View, a *view.Agency, m *v1alpha1.AgencyMilestone) []string {
	metAt, step := "", v1alpha1.MilestoneStep{}
	if m.MetAt != nil {
		metAt = m.MetAt.UTC().Format(time.RFC3339)
	}
	if len(m.Path) > 0 {
		step = m.Path[0]
	}
	var connectors []string
	for _, c := range a.Connectors {
		connectors = append(connectors, c.Namespace+"/"+c.Name)
	}
	return []string{
		v.TakenAt.UTC().Format(time.RFC3339), a.Name, a.Code, a.LegacyCode, a.Names.Vi, a.Names.En, string(a.Type), a.Ready, a.Reason,
		strings.Join(connectors, " "), m.Plan, m.Milestone, m.Cohort, string(m.State), string(m.Deadline.Boundary), string(m.Deadline.Date),
		zoneOfPlan(v, m.Plan), metAt, m.MetBy, m.Regressed, string(m.LatestStart), step.What, step.Who, m.Message,
	}
}

// harmless keeps a spreadsheet from taking a text for a formula: an apostrophe in front makes it text again. Where a spreadsheet takes semicolons for
// the ends of cells, as it does with the settings of many countries, what follows one begins a cell.
func harmless(text string) string {
	parts := strings.SplitAfter(clean(text), ";")
	for i, part := range parts {
		cell := strings.TrimLeft(part, ` "`)
		if first, _ := utf8.DecodeRuneInString(cell); strings.ContainsRune("=+-@|%＝＋－＠", first) {
			parts[i] = part[:len(part)-len(cell)] + "'" + cell
		}
	}
	return strings.Join(parts, "")
}
