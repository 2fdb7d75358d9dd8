package format

import (
	"encoding/json"
	"io"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/report/view"
)

// JSONVersion is the version of the shape that JSON writes. Fields may be added to it; none is renamed, removed or given another meaning.
const JSONVersion = "report.lienthong.gov.vn/v1"

// Document is a report in JSON. Every list is there, empty or not; what is not known is left out. Times are in UTC, dates in the time zone of
// their plan.
type Document struct {
	APIVersion string           `json:"apiVersion"`
	Kind       string           `json:"kind"`
	TakenAt    string           `json:"takenAt"`
	Plans      []PlanDocument   `json:"plans"`
	Agencies   []AgencyDocument `json:"agencies"`
}

// PlanDocument is a plan with its counts.
type PlanDocument struct {
	Name         string              `json:"name"`
	Hub          string              `json:"hub"`
	TimeZone     string              `json:"timeZone"`
	Accepted     bool                `json:"accepted"`
	Message      string              `json:"message,omitempty"`
	NextDeadline *v1alpha1.Deadline  `json:"nextDeadline,omitempty"`
	Cohorts      []CohortDocument    `json:"cohorts"`
	Milestones   []MilestoneDocument `json:"milestones"`
}

// CohortDocument is a group of agencies.
type CohortDocument struct {
	Name        string `json:"name"`
	Description string `json:"description,omitempty"`
	Agencies    int    `json:"agencies"`
}

// MilestoneDocument is a milestone; counts has every state.
type MilestoneDocument struct {
	Name        string                          `json:"name"`
	Description string                          `json:"description,omitempty"`
	Cohort      string                          `json:"cohort"`
	Deadline    v1alpha1.Deadline               `json:"deadline"`
	Counts      map[v1alpha1.MilestoneState]int `json:"counts"`
	Slack       *SlackDocument                  `json:"slack,omitempty"`
}

// SlackDocument is the least that an agency has left.
type SlackDocument struct {
	Agency      string             `json:"agency"`
	LatestStart v1alpha1.CivilDate `json:"latestStart"`
	WorkingDays *int32             `json:"workingDays,omitempty"`
	AsOf        v1alpha1.CivilDate `json:"asOf"`
}

// AgencyDocument is an agency with where it stands.
type AgencyDocument struct {
	Name       string                    `json:"name"`
	Code       string                    `json:"code"`
	LegacyCode string                    `json:"legacyCode,omitempty"`
	Names      v1alpha1.LocalizedNames   `json:"names"`
	Type       v1alpha1.AgencyType       `json:"type"`
	Ready      string                    `json:"ready"`
	Reason     string                    `json:"reason,omitempty"`
	Message    string                    `json:"message,omitempty"`
	Connectors []ConnectorDocument       `json:"connectors"`
	Milestones []AgencyMilestoneDocument `json:"milestones"`
}

// ConnectorDocument is a link of an agency.
type ConnectorDocument struct {
	Namespace        string `json:"namespace"`
	Name             string `json:"name"`
	Hub              string `json:"hub"`
	Level            int    `json:"level"`
	Ready            string `json:"ready"`
	Reason           string `json:"reason,omitempty"`
	Message          string `json:"message,omitempty"`
	CertificateUntil string `json:"certificateUntil,omitempty"`
}

// AgencyMilestoneDocument is where an agency stands before one milestone.
type AgencyMilestoneDocument struct {
	Plan        string                  `json:"plan"`
	Milestone   string                  `json:"milestone"`
	Cohort      string                  `json:"cohort"`
	State       v1alpha1.MilestoneState `json:"state"`
	Deadline    v1alpha1.Deadline       `json:"deadline"`
	MetAt       string                  `json:"metAt,omitempty"`
	MetBy       string                  `json:"metBy,omitempty"`
	Regressed   string                  `json:"regressed,omitempty"`
	LatestStart v1alpha1.CivilDate      `json:"latestStart,omitempty"`
	Path        []StepDocument          `json:"path"`
	Message     string                  `json:"message,omitempty"`
}

// StepDocument is one thing that is still to be done.
type StepDocument struct {
	What        string             `json:"what"`
	Who         string             `json:"who,omitempty"`
	WorkingDays *int32             `json:"workingDays,omitempty"`
	LatestStart v1alpha1.CivilDate `json:"latestStart,omitempty"`
}

// JSON writes the view as a Document. It is the same in every language, because programs read it.
func JSON(w io.Writer, v *view.View, _ Options) error {
	d := Document{
		APIVersion: JSONVersion, Kind: "Report", TakenAt: stamp(v.TakenAt),
		Plans: make([]PlanDocument, 0, len(v.Plans)), Agencies: make([]AgencyDocument, 0, len(v.Agencies)),
	}
	for i := range v.Plans {
		d.Plans = append(d.Plans, planDocument(&v.Plans[i]))
	}
	for i := range v.Agencies {
		d.Agencies = append(d.Agencies, agencyDocument(&v.Agencies[i]))
	}
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	out.SetIndent("", "  ")
	return out.Encode(d)
}

func planDocument(p *view.Plan) PlanDocument {
	d := PlanDocument{
		Name: p.Name, Hub: p.Hub, TimeZone: p.TimeZone, Accepted: p.Accepted, Message: p.Message, NextDeadline: p.NextDeadline,
		Cohorts: make([]CohortDocument, 0, len(p.Cohorts)), Milestones: make([]MilestoneDocument, 0, len(p.Milestones)),
	}
	for _, c := range p.Cohorts {
		d.Cohorts = append(d.Cohorts, CohortDocument(c))
	}
	for i := range p.Milestones {
		m := &p.Milestones[i]
		counts := map[v1alpha1.MilestoneState]int{}
		for _, state := range v1alpha1.MilestoneStates() {
			counts[state] = m.Counts[state]
		}
		milestone := MilestoneDocument{Name: m.Name, Description: m.Description, Cohort: m.Cohort, Deadline: m.Deadline, Counts: counts}
		if m.Slack != nil {
			milestone.Slack = new(SlackDocument(*m.Slack))
		}
		d.Milestones = append(d.Milestones, milestone)
	}
	return d
}

func agencyDocument(a *view.Agency) AgencyDocument {
	d := AgencyDocument{
		Name: a.Name, Code: a.Code, LegacyCode: a.LegacyCode, Names: a.Names, Type: a.Type, Ready: a.Ready, Reason: a.Reason, Message: a.Message,
		Connectors: make([]ConnectorDocument, 0, len(a.Connectors)), Milestones: make([]AgencyMilestoneDocument, 0, len(a.Milestones)),
	}
	for i := range a.Connectors {
		c := &a.Connectors[i]
		d.Connectors = append(d.Connectors, ConnectorDocument{
			Namespace: c.Namespace, Name: c.Name, Hub: c.Hub, Level: c.Level, Ready: c.Ready, Reason: c.Reason, Message: c.Message,
			CertificateUntil: stamp(c.CertificateUntil),
		})
	}
	for i := range a.Milestones {
		d.Milestones = append(d.Milestones, standingDocument(&a.Milestones[i]))
	}
	return d
}

func standingDocument(m *v1alpha1.AgencyMilestone) AgencyMilestoneDocument {
	d := AgencyMilestoneDocument{
		Plan: m.Plan, Milestone: m.Milestone, Cohort: m.Cohort, State: m.State, Deadline: m.Deadline, MetAt: stampOf(m.MetAt), MetBy: m.MetBy,
		Regressed: m.Regressed, LatestStart: m.LatestStart, Message: m.Message, Path: make([]StepDocument, 0, len(m.Path)),
	}
	for _, s := range m.Path {
		d.Path = append(d.Path, StepDocument(s))
	}
	return d
}

func stampOf(t *metav1.Time) string {
	if t == nil {
		return ""
	}
	return stamp(t.Time)
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}
