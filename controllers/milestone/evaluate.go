package milestone

import (
	"fmt"
	"slices"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/sets"

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
	// Met are the records of what was met before by the agency, and by all that were merged into it.
	Met []v1alpha1.MilestoneRecord
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
	seen := observed{
		hub: p.hub, connectors: ofHub(o.Connectors, p.hub), records: o.Records, done: sets.New[string](), paths: map[string]chain{},
	}
	judged := make([]*judgement, len(p.milestones))
	for _, i := range p.order {
		if m := p.milestones[i]; m.cohort == cohort {
			j := p.judgement(m, seen, o)
			judged[i] = &j
			if j.done() {
				seen.done.Insert(m.name)
			}
		}
	}
	var e Evaluation
	for i, j := range judged {
		if j == nil {
			continue
		}
		e.Milestones = append(e.Milestones, p.standing(p.milestones[i], j))
		if next := j.next(); !next.IsZero() && (e.Next.IsZero() || next.Before(e.Next)) {
			e.Next = next
		}
	}
	return e
}

// ofHub gives the Connectors to a hub, and copies none if all are.
func ofHub(connectors []v1alpha1.Connector, hub string) []v1alpha1.Connector {
	other := func(c v1alpha1.Connector) bool { return c.Spec.HubRef.Name != hub }
	if !slices.ContainsFunc(connectors, other) {
		return connectors
	}
	return slices.DeleteFunc(slices.Clone(connectors), other)
}

// standing is a judgement as the API has it.
func (p *Plan) standing(m milestone, j *judgement) v1alpha1.AgencyMilestone {
	s := v1alpha1.AgencyMilestone{
		Plan:           p.name,
		Milestone:      m.name,
		Cohort:         m.cohort,
		State:          j.state(),
		Deadline:       j.deadline.API(),
		PlanGeneration: p.generation,
		LatestStart:    j.ahead.latestStart(),
		Path:           j.ahead.steps(),
		Regressed:      shorten(j.regressed()),
		Message:        shorten(j.message()),
	}
	if j.met != nil {
		s.MetAt, s.MetBy = j.met.at.DeepCopy(), j.met.by
	}
	return s
}

// judgement is everything that the state and the message of one milestone depend on.
type judgement struct {
	now      time.Time
	deadline civil.Deadline
	// atRisk is when the deadline is near, or what is missing has to begin soon.
	atRisk time.Time
	exempt *exception
	begun  bool
	// met is when it was met; nil if it was not. metOn is that day in the plan's zone.
	met   *met
	metOn civil.Date
	// missing is the first thing that does not hold now; empty if all holds.
	missing string
	// ahead is what is still to be done, and by when it has to begin; nil if nothing is asked any more.
	ahead *outlook
}

func (p *Plan) judgement(m milestone, seen observed, o Observation) judgement {
	j := judgement{
		now:      o.Now,
		deadline: m.deadline,
		missing:  missing(m.requires, seen),
		begun:    slices.ContainsFunc(seen.connectors, accepted),
		met:      metBefore(o, p.name, m.name),
	}
	if e, ok := p.exceptions[exceptionKey{o.Agency.Name, m.name}]; ok {
		if e.deadline == nil {
			j.exempt = &e
		} else {
			j.deadline = *e.deadline
		}
	}
	j.atRisk = j.deadline.DaysBefore(p.atRiskDays)
	if j.met == nil && j.missing == "" {
		j.met = &met{at: metav1.Time{Time: o.Now.UTC().Truncate(time.Second)}}
	}
	if j.met != nil {
		j.metOn = civil.In(j.met.at.Time, p.zone)
	}
	if j.met == nil && j.exempt == nil {
		j.ahead = p.lookAhead(m, j.deadline, seen, o)
		j.atRisk = earlier(j.atRisk, j.ahead.atRisk)
	}
	return j
}

// done tells whether what requires the milestone has to wait for it no longer: it is met, or not asked of the agency.
func (j judgement) done() bool { return j.met != nil || j.exempt != nil }

func (j judgement) state() v1alpha1.MilestoneState {
	switch {
	case j.exempt != nil:
		return v1alpha1.MilestoneExempt
	case j.met != nil && j.met.at.Time.Before(j.deadline.TooLate()):
		return v1alpha1.MilestoneMet
	case j.met != nil:
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

// regressed is what does not hold any more of a milestone that was met; empty if all holds, if it was not met, or if it is not asked of the agency.
func (j judgement) regressed() string {
	if j.met == nil || j.exempt != nil {
		return ""
	}
	return j.missing
}

// message holds still while nothing happens: it names days and never counts how many are left.
func (j judgement) message() string {
	switch j.state() {
	case v1alpha1.MilestoneExempt:
		return fmt.Sprintf("Exempt, approved by %s: %s", j.exempt.approver, j.exempt.reason)
	case v1alpha1.MilestoneMet:
		return j.metMessage("in time")
	case v1alpha1.MilestoneMetLate:
		return j.metMessage("late")
	case v1alpha1.MilestoneOverdue:
		return fmt.Sprintf("Overdue: it was due %s. %s", j.deadline, j.missing)
	case v1alpha1.MilestoneAtRisk:
		return j.ahead.message(j)
	default:
		return fmt.Sprintf("Due %s. %s", j.deadline, j.missing)
	}
}

func (j judgement) metMessage(when string) string {
	by, disputed, lost := "", "", ""
	if j.met.by != "" {
		by = fmt.Sprintf(" by Agency %s, which was merged into this one", j.met.by)
	}
	if r := j.met.disputed; r != nil {
		disputed = fmt.Sprintf(" MilestoneRecord %s tells of %s instead; find out who wrote it.", r.Name, r.Spec.MetAt.UTC().Format(time.RFC3339))
	}
	if j.missing != "" {
		lost = " It no longer holds: " + j.missing
	}
	return fmt.Sprintf("Met on %s%s, %s: it was due %s.%s%s", j.metOn, by, when, j.deadline, disputed, lost)
}

// next is when the state changes by time alone; zero if it does not.
func (j judgement) next() time.Time {
	switch {
	case j.exempt != nil || j.met != nil:
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

func shorten(message string) string {
	runes := []rune(message)
	if len(runes) <= maxMessage {
		return message
	}
	return string(runes[:maxMessage-1]) + "…"
}
