package main

import (
	"fmt"
	"slices"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/report/view"
)

// large is a country with that many agencies, each before three milestones.
func large(agencies int) *view.View {
	v := &view.View{TakenAt: today()}
	plan := view.Plan{
		Name: "whole-country", TimeZone: "Asia/Ho_Chi_Minh", Hub: "national-hub", Accepted: true,
		NextDeadline: &v1alpha1.Deadline{Boundary: v1alpha1.DeadlineBefore, Date: "2018-12-31"},
		Cohorts:      []view.Cohort{{Name: "all-units", Agencies: agencies}},
	}
	for i, name := range []string{"appraised", "pilot", "official"} {
		plan.Milestones = append(plan.Milestones, view.Milestone{
			Name: name, Cohort: "all-units", Counts: map[v1alpha1.MilestoneState]int{},
			Deadline: v1alpha1.Deadline{Boundary: v1alpha1.DeadlineBefore, Date: []v1alpha1.CivilDate{"2018-10-31", "2018-12-31", "2019-06-30"}[i]},
		})
	}
	for i := range agencies {
		code := fmt.Sprintf("G%02d.%04d", i%30+1, i)
		a := view.Agency{
			Name: fmt.Sprintf("unit-%d", i), Code: code, Ready: "False",
			Names:      v1alpha1.LocalizedNames{Vi: fmt.Sprintf("Đơn vị trực thuộc số %d", i), En: fmt.Sprintf("Subordinate unit no. %d", i)},
			Connectors: []view.Connector{{Hub: "national-hub", Level: 1 + i%5}},
		}
		for j := range plan.Milestones {
			m := &plan.Milestones[j]
			at := unitBefore(&plan, m, i, j)
			m.Counts[at.State]++
			a.Milestones = append(a.Milestones, at)
		}
		v.Agencies = append(v.Agencies, a)
	}
	slices.SortFunc(v.Agencies, func(a, b view.Agency) int {
		if a.Code < b.Code {
			return -1
		}
		return 1
	})
	v.Plans = []view.Plan{plan}
	return v
}

func unitBefore(plan *view.Plan, m *view.Milestone, agency, number int) v1alpha1.AgencyMilestone {
	at := v1alpha1.AgencyMilestone{Plan: plan.Name, Milestone: m.Name, Cohort: m.Cohort, Deadline: m.Deadline}
	switch (agency*7 + number) % 9 {
	case 0:
		at.State = []v1alpha1.MilestoneState{v1alpha1.MilestoneOverdue, v1alpha1.MilestoneAtRisk, v1alpha1.MilestonePending}[number]
		open(&at, v1alpha1.ConditionHubConnected, "the agency's information centre", 5, "2018-12-21")
	case 1, 2, 3:
		at.State = []v1alpha1.MilestoneState{v1alpha1.MilestoneOverdue, v1alpha1.MilestoneOnTrack, v1alpha1.MilestoneOnTrack}[number]
		open(&at, v1alpha1.EvidenceLevelApproval, "the approving authority", 7, "2018-12-19")
	default:
		at.State = v1alpha1.MilestoneMet
		at.MetAt = &metav1.Time{Time: today().Add(-time.Duration(50+agency%60) * 24 * time.Hour)}
		at.Message = "Met in time: it was due before its deadline."
	}
	return at
}

// hostile gives agencies, plans and messages names that try to break out of where they are written.
func hostile(of *view.View) *view.View {
	v := &view.View{TakenAt: of.TakenAt, Plans: slices.Clone(of.Plans), Agencies: slices.Clone(of.Agencies)}
	attacks := attacks()
	for i := range v.Agencies {
		a := &v.Agencies[i]
		a.Names.Vi = attacks[i%len(attacks)] + " " + a.Names.Vi
		a.Names.En = a.Names.En + " " + attacks[(i+1)%len(attacks)]
		a.Milestones = slices.Clone(a.Milestones)
		for j := range a.Milestones {
			a.Milestones[j].Message = attacks[(i+j)%len(attacks)]
			a.Milestones[j].Regressed = attacks[(i+j+1)%len(attacks)]
		}
	}
	v.Plans[0].Milestones = slices.Clone(v.Plans[0].Milestones)
	for i := range v.Plans[0].Milestones {
		v.Plans[0].Milestones[i].Description = attacks[i%len(attacks)]
	}
	return v
}

// attacks are ways out of HTML text, attributes, scripts, styles and the JSON in a script.
func attacks() []string {
	return []string{
		`</script><script>document.title="broken out"</script>`,
		`<img src=x onerror="document.title='broken out'">`,
		`"><svg onload="document.title='broken out'">`,
		`<!--<script>`,
		`</style><style>body{display:none}</style>`,
		`</title></textarea></option></select>`,
		"\u2028\u2029 ' \" ` ${document.title='broken out'} {{.}} \\u003c",
		`javascript:document.title='broken out'`,
	}
}
