package milestone

import (
	"fmt"
	"slices"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/civil"
	"lienthong.gov.vn/connector-operator/controllers/conditions"
)

// maxMessage is how many characters the API takes for the message of a milestone.
const maxMessage = 1024

// Observation is what is known of one agency.
type Observation struct {
	// Agency, whose status has what was recorded before.
	Agency *v1alpha1.Agency
	// Connectors that act for the agency, to any hub.
	Connectors []v1alpha1.Connector
	// Records of those Connectors; others do no harm.
	Records []v1alpha1.ComplianceEvidence
	// Profiles are all SecurityProfiles: they say how long the approval of a level takes, and whose it is.
	Profiles []v1alpha1.SecurityProfile
	// Now is the time of the pass.
	Now time.Time
}

// Evaluation is where an agency stands before the milestones of one plan.
type Evaluation struct {
	// Milestones in the order of the plan.
	Milestones []v1alpha1.AgencyMilestone
	// Next is when a state changes by time alone; zero if none does.
	Next time.Time
}

// Evaluate judges an agency that is in the given cohort of the plan.
func (p *Plan) Evaluate(cohort string, o Observation) Evaluation {
	connectors := slices.DeleteFunc(slices.Clone(o.Connectors), func(c v1alpha1.Connector) bool { return c.Spec.HubRef.Name != p.hub })
	var e Evaluation
	for _, m := range p.milestones {
		if m.cohort != cohort {
			continue
		}
		j := p.judgement(m, connectors, o)
		e.Milestones = append(e.Milestones, v1alpha1.AgencyMilestone{
			Plan:           p.name,
			Milestone:      m.name,
			Cohort:         cohort,
			State:          j.state(),
			Deadline:       j.deadline.API(),
			PlanGeneration: p.generation,
			MetAt:          j.metAt,
			LatestStart:    j.ahead.latestStart(),
			Path:           j.ahead.steps(),
			Message:        shorten(j.message()),
		})
		if next := j.next(); !next.IsZero() && (e.Next.IsZero() || next.Before(e.Next)) {
			e.Next = next
		}
	}
	return e
}

// judgement is everything that the state and the message of one milestone depend on.
type judgement struct {
	now      time.Time
	deadline civil.Deadline
	// atRisk is when the deadline is near, or what is missing has to begin soon.
	atRisk time.Time
	exempt *exception
	begun  bool
	metAt  *metav1.Time
	// metOn is the day of metAt in the plan's zone.
	metOn civil.Date
	// missing is the first thing that does not hold now; empty if all holds.
	missing string
	// ahead is what is still to be done, and by when it has to begin; nil if nothing is asked any more.
	ahead *outlook
}

func (p *Plan) judgement(m milestone, connectors []v1alpha1.Connector, o Observation) judgement {
	j := judgement{
		now:      o.Now,
		deadline: m.deadline,
		missing:  missing(m.requires, observed{p.hub, connectors, o.Records}),
		begun:    slices.ContainsFunc(connectors, accepted),
		metAt:    recorded(o.Agency.Status.Milestones, p.name, m.name),
	}
	if e, ok := p.exceptions[exceptionKey{o.Agency.Name, m.name}]; ok {
		if e.deadline == nil {
			j.exempt = &e
		} else {
			j.deadline = *e.deadline
		}
	}
	j.atRisk = j.deadline.DaysBefore(p.atRiskDays)
	if j.metAt == nil && j.missing == "" {
		j.metAt = &metav1.Time{Time: o.Now.UTC().Truncate(time.Second)}
	}
	if j.metAt != nil {
		j.metOn = civil.In(j.metAt.Time, p.zone)
	}
	if j.metAt == nil && j.exempt == nil {
		j.ahead = p.lookAhead(m, j.deadline, observed{p.hub, connectors, o.Records}, o)
		j.atRisk = earlier(j.atRisk, j.ahead.atRisk)
	}
	return j
}

func (j judgement) state() v1alpha1.MilestoneState {
	switch {
	case j.exempt != nil:
		return v1alpha1.MilestoneExempt
	case j.metAt != nil && j.metAt.Time.Before(j.deadline.TooLate()):
		return v1alpha1.MilestoneMet
	case j.metAt != nil:
		return v1alpha1.MilestoneMetLate
	case !j.now.Before(j.deadline.TooLate()):
		return v1alpha1.MilestoneOverdue
	case !j.now.Before(j.atRisk):
		return v1alpha1.MilestoneAtRisk
	case j.begun:
		return v1alpha1.MilestoneOnTrack
	default:
		return v1alpha1.MilestonePending
	}
}

// message holds still while nothing happens: it names days and never counts how many are left.
func (j judgement) message() string {
	lost := ""
	if j.missing != "" {
		lost = " It no longer holds: " + j.missing
	}
	switch j.state() {
	case v1alpha1.MilestoneExempt:
		return fmt.Sprintf("Exempt, approved by %s: %s", j.exempt.approver, j.exempt.reason)
	case v1alpha1.MilestoneMet:
		return fmt.Sprintf("Met on %s, in time: it was due %s.%s", j.metOn, j.deadline, lost)
	case v1alpha1.MilestoneMetLate:
		return fmt.Sprintf("Met on %s, late: it was due %s.%s", j.metOn, j.deadline, lost)
	case v1alpha1.MilestoneOverdue:
		return fmt.Sprintf("Overdue: it was due %s. %s", j.deadline, j.missing)
	case v1alpha1.MilestoneAtRisk:
		return j.ahead.message(j)
	default:
		return fmt.Sprintf("Due %s. %s", j.deadline, j.missing)
	}
}

// next is when the state changes by time alone; zero if it does not.
func (j judgement) next() time.Time {
	switch {
	case j.exempt != nil || j.metAt != nil:
		return time.Time{}
	case j.now.Before(j.atRisk):
		return j.atRisk
	case j.now.Before(j.deadline.TooLate()):
		return j.ahead.changes(j)
	default:
		return time.Time{}
	}
}

func accepted(c v1alpha1.Connector) bool {
	return conditions.IsTrue(c.Status.Conditions, v1alpha1.ConditionAccepted, c.Generation)
}

// recorded is when a milestone was met according to the record.
func recorded(record []v1alpha1.AgencyMilestone, plan, milestone string) *metav1.Time {
	for _, m := range record {
		if m.Plan == plan && m.Milestone == milestone {
			return m.MetAt.DeepCopy()
		}
	}
	return nil
}

func shorten(message string) string {
	runes := []rune(message)
	if len(runes) <= maxMessage {
		return message
	}
	return string(runes[:maxMessage-1]) + "…"
}
