// Package view is what a report shows: where the agencies of a country stand before the milestones of their plans, at one moment. It is
// plain data, without a client in it: report/collect fills it from a cluster, and every format is made from it, so that all formats tell
// the same.
//
// It is used by the report subcommand and by the page that the manager serves. Nothing is kept, so a restart means nothing here.
package view

import (
	"time"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

// View is where the agencies stand at one moment.
type View struct {
	// TakenAt is when the objects were read.
	TakenAt time.Time
	// Plans, sorted by name.
	Plans []Plan
	// Agencies, sorted by code.
	Agencies []Agency
}

// Plan is a RolloutPlan with its counts, as its status has them.
type Plan struct {
	// Name of the RolloutPlan, and the time zone of all its dates.
	Name, TimeZone string
	// Hub that agencies have to be connected to.
	Hub string
	// Accepted tells whether the plan can be honoured, and Message is the sentence of its status.
	Accepted bool
	Message  string
	// NextDeadline is the nearest that has not passed; nil when all have.
	NextDeadline *v1alpha1.Deadline
	// Cohorts and Milestones in the order of the plan.
	Cohorts    []Cohort
	Milestones []Milestone
}

// Cohort is a group of agencies.
type Cohort struct {
	Name, Description string
	// Agencies is how many are in it.
	Agencies int
}

// Milestone is something that each agency of a cohort has to reach by a deadline.
type Milestone struct {
	Name, Description, Cohort string
	Deadline                  v1alpha1.Deadline
	// Counts of the cohort's agencies by their state; states that no agency is in may be missing.
	Counts map[v1alpha1.MilestoneState]int
	// Slack is the least that an agency has left; nil if nobody is left to meet it.
	Slack *v1alpha1.MilestoneSlack
}

// Agency is one agency with its Connectors and where it stands before each milestone of each plan.
type Agency struct {
	// Name of the Agency object.
	Name, Code, LegacyCode string
	Names                  v1alpha1.LocalizedNames
	Type                   v1alpha1.AgencyType
	// Ready is True, False or Unknown; Reason and Message say why, as the status of the Agency does.
	Ready, Reason, Message string
	// Connectors that act for it, sorted by namespace and name.
	Connectors []Connector
	// Milestones as in the status: of all plans.
	Milestones []v1alpha1.AgencyMilestone
}

// Connector is one link of an agency to a hub.
type Connector struct {
	Namespace, Name, Hub string
	// Level is the security level that is asked for.
	Level int
	// Ready is True, False or Unknown; Reason and Message say why.
	Ready, Reason, Message string
	// CertificateUntil is the end of the certificate that is served; zero if there is none.
	CertificateUntil time.Time
}

// Of gives where an agency stands before one milestone of a plan; nil if the milestone is not asked of it.
func (a *Agency) Of(plan, milestone string) *v1alpha1.AgencyMilestone {
	for i := range a.Milestones {
		if m := &a.Milestones[i]; m.Plan == plan && m.Milestone == milestone {
			return m
		}
	}
	return nil
}

// ZoneOf is the time zone of that name; UTC if the database does not know it: what a plan says is shown then, too.
func ZoneOf(name string) *time.Location {
	zone, err := time.LoadLocation(name)
	if err != nil {
		return time.UTC
	}
	return zone
}
