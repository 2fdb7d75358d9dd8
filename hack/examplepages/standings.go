package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/report/view"
)

// today of the examples: the anchor on which the plan of 2018 is shown elsewhere too.
func today() time.Time { return time.Date(2018, time.December, 20, 2, 0, 0, 0, time.UTC) }

// agencyOf reads what the examples need of the data of the first roll-out.
type agencyOf struct {
	Code       string `json:"code"`
	LegacyCode string `json:"legacyCode"`
	Type       string `json:"type"`
	Vi         string `json:"vi"`
	En         string `json:"en"`
	Cohort     string `json:"cohort"`
}

// rollOut puts the agencies of the first roll-out before the plan of 2018, in every state that there is, and adds one agency that is in
// no plan.
func rollOut(directory string) (*view.View, error) {
	var plan v1alpha1.RolloutPlan
	var list struct {
		Agencies []agencyOf `json:"agencies"`
	}
	for path, into := range map[string]any{"plan.yaml": &plan, "data/agencies.yaml": &list} {
		text, err := os.ReadFile(filepath.Join(directory, path))
		if err != nil {
			return nil, fmt.Errorf("reading the first roll-out: %w", err)
		}
		if err := yaml.Unmarshal(text, into); err != nil {
			return nil, fmt.Errorf("reading %s: %w", path, err)
		}
	}
	v := &view.View{TakenAt: today()}
	for i, of := range list.Agencies {
		v.Agencies = append(v.Agencies, standing(&plan, of, i))
	}
	v.Agencies = append(v.Agencies, view.Agency{
		Name: "h99", Code: "H99", Names: v1alpha1.LocalizedNames{Vi: "Cơ quan chưa thuộc kế hoạch nào", En: "Agency in no plan"},
		Type: v1alpha1.AgencyTypeOther, Ready: "False", Reason: "NoConnectors", Message: "No Connector acts for the agency yet.",
	})
	slices.SortFunc(v.Agencies, func(a, b view.Agency) int { return strings.Compare(a.Code, b.Code) })
	v.Plans = []view.Plan{planOf(&plan, v.Agencies)}
	return v, nil
}

func standing(plan *v1alpha1.RolloutPlan, of agencyOf, number int) view.Agency {
	name := strings.ToLower(of.Code)
	a := view.Agency{
		Name: name, Code: of.Code, LegacyCode: of.LegacyCode, Names: v1alpha1.LocalizedNames{Vi: of.Vi, En: of.En},
		Type: v1alpha1.AgencyType(of.Type), Ready: "False", Reason: "ConnectorsNotReady",
		Connectors: []view.Connector{{Namespace: "agency-" + name, Name: "main", Hub: plan.Spec.HubRef.Name, Level: 2 + number%3}},
	}
	cohort := of.Cohort
	if cohort == "" {
		cohort = "hub-owner"
	}
	for i := range plan.Spec.Milestones {
		if m := &plan.Spec.Milestones[i]; m.Cohort == cohort {
			a.Milestones = append(a.Milestones, before(plan.Name, m, number))
		}
	}
	return a
}

// before gives where the agency of that number stands before a milestone: by the deadline, and by a pattern that repeats.
func before(plan string, m *v1alpha1.Milestone, number int) v1alpha1.AgencyMilestone {
	at := v1alpha1.AgencyMilestone{Plan: plan, Milestone: m.Name, Cohort: m.Cohort, Deadline: m.Deadline}
	due, _ := time.Parse(time.DateOnly, string(m.Deadline.Date))
	met := func(t time.Time) { at.MetAt = &metav1.Time{Time: t} }
	switch passed := due.Before(today()); {
	case passed && m.Name == "contract-signed":
		at.State = v1alpha1.MilestoneMetLate
		met(due.AddDate(0, 0, 8))
		at.Message = "Met on 2018-09-14, late: it was due before 2018-09-06."
	case passed && m.Name == "own-system-connected":
		at.State = v1alpha1.MilestoneOverdue
		at.Message = "Overdue: it was due on or before 2018-09-06. HubConnected of Connector agency-g22/main is False (NoEndpoint)."
		at.LatestStart = "2018-08-29"
		at.Path = []v1alpha1.MilestoneStep{{
			What: v1alpha1.ConditionHubConnected, Who: "the agency's information centre", WorkingDays: new(int32(5)), LatestStart: "2018-08-29",
		}}
	case passed:
		at.State = v1alpha1.MilestoneMet
		met(due.AddDate(0, 0, -9))
		at.Message = "Met on 2018-07-23, in time: it was due before 2018-08-01."
	case m.Name == "pilot" && number%5 < 3:
		at.State = v1alpha1.MilestoneMet
		met(time.Date(2018, time.September, 20+number*3, 4, 0, 0, 0, time.UTC))
		at.Message = "Met in time: it was due before 2018-12-31."
		if number == 6 {
			at.Regressed = "HubConnected of Connector agency-g05/main is False (NoEndpoint)."
		}
	case m.Name == "pilot" && number%5 == 3:
		at.State = v1alpha1.MilestoneAtRisk
		open(&at, v1alpha1.ConditionHubConnected, "the agency's information centre", 5, "2018-12-21")
	case number == 17:
		at.State = v1alpha1.MilestoneExempt
		at.Message = "Exempt, approved by the Government Office: the province is merged into another."
	case m.Name == "official" && number%3 == 0:
		at.State = v1alpha1.MilestoneAtRisk
		open(&at, v1alpha1.EvidenceLevelAppraisal, "the appraising unit", 15, "2018-11-29")
	case number%2 == 0:
		at.State = v1alpha1.MilestoneOnTrack
		open(&at, v1alpha1.ConditionReady, "the agency's information centre", 3, "2018-12-26")
	default:
		at.State = v1alpha1.MilestonePending
		open(&at, "Dossier", "the agency's information centre", 10, "2019-03-29")
	}
	return at
}

// open says what is still to be done.
func open(at *v1alpha1.AgencyMilestone, what, who string, days int32, latest v1alpha1.CivilDate) {
	at.LatestStart = latest
	at.Path = []v1alpha1.MilestoneStep{{What: what, Who: who, WorkingDays: &days, LatestStart: latest}}
	at.Message = fmt.Sprintf("Due %s. %s of Connector main was not observed yet.", at.Deadline.Date, what)
}

func planOf(plan *v1alpha1.RolloutPlan, agencies []view.Agency) view.Plan {
	p := view.Plan{
		Name: plan.Name, TimeZone: plan.Spec.TimeZone, Hub: plan.Spec.HubRef.Name, Accepted: true,
		NextDeadline: &v1alpha1.Deadline{Boundary: v1alpha1.DeadlineBefore, Date: "2018-12-31"},
	}
	for _, c := range plan.Spec.Cohorts {
		cohort := view.Cohort{Name: c.Name, Description: c.Description}
		for i := range agencies {
			if len(agencies[i].Milestones) > 0 && agencies[i].Milestones[0].Cohort == c.Name {
				cohort.Agencies++
			}
		}
		p.Cohorts = append(p.Cohorts, cohort)
	}
	for i := range plan.Spec.Milestones {
		m := &plan.Spec.Milestones[i]
		of := view.Milestone{Name: m.Name, Description: m.Description, Cohort: m.Cohort, Deadline: m.Deadline, Counts: map[v1alpha1.MilestoneState]int{}}
		for j := range agencies {
			if at := agencies[j].Of(plan.Name, m.Name); at != nil {
				of.Counts[at.State]++
			}
		}
		if m.Name == "pilot" {
			of.Slack = &v1alpha1.MilestoneSlack{Agency: "g15", LatestStart: "2018-12-21", WorkingDays: new(int32(1)), AsOf: "2018-12-20"}
		}
		p.Milestones = append(p.Milestones, of)
	}
	return p
}
