package milestone

import (
	"fmt"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/sets"
	"k8s.io/utils/ptr"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/civil"
	"lienthong.gov.vn/connector-operator/controllers/workdays"
)

// Plan is a RolloutPlan made ready to judge agencies by.
type Plan struct {
	name       string
	generation int64
	hub        string
	zone       *time.Location
	atRiskDays int
	// calendar and margin are what is looked ahead by: working days, and how many of them may be left before it is reported.
	calendar   *workdays.Calendar
	margin     int
	cohorts    []cohort
	milestones []milestone
	exceptions map[exceptionKey]exception
	// excepted are the agencies that exceptions name.
	excepted sets.Set[string]
	// order has the indexes of milestones, each after those that it requires.
	order []int
	// deadlines are those of the milestones and then of the exceptions, in the order of the spec.
	deadlines []civil.Deadline
}

type cohort struct {
	name     string
	agencies sets.Set[string]
	selector labels.Selector
	others   *v1alpha1.AllOthers
}

type milestone struct {
	name     string
	cohort   string
	deadline civil.Deadline
	requires []v1alpha1.MilestoneRequirement
}

type exceptionKey struct{ agency, milestone string }

type exception struct {
	reason   string
	approver string
	// deadline holds instead of the milestone's; nil exempts the agency.
	deadline *civil.Deadline
}

// Problem is why a plan cannot be honoured.
type Problem struct {
	Reason  string
	Message string
}

// Compile makes a plan ready. What it cannot make ready is a Problem.
func Compile(plan *v1alpha1.RolloutPlan) (*Plan, *Problem) {
	zone, problem := loadZone(plan.Spec.TimeZone)
	if problem != nil {
		return nil, problem
	}
	p := &Plan{
		name:       plan.Name,
		generation: plan.Generation,
		hub:        plan.Spec.HubRef.Name,
		zone:       zone,
		atRiskDays: int(ptr.Deref(plan.Spec.AtRiskDays, 0)),
		margin:     int(ptr.Deref(plan.Spec.MarginWorkingDays, 0)),
		exceptions: map[exceptionKey]exception{},
		excepted:   sets.New[string](),
	}
	for _, add := range []func(v1alpha1.RolloutPlanSpec) *Problem{
		p.addCalendar, p.addCohorts, p.addMilestones, p.addOrder, p.addExceptions,
	} {
		if problem := add(plan.Spec); problem != nil {
			return nil, problem
		}
	}
	return p, nil
}

// loadZone refuses "Local", which would mean the zone of whichever machine the operator runs on.
func loadZone(name string) (*time.Location, *Problem) {
	if name != "" && name != "Local" {
		if zone, err := time.LoadLocation(name); err == nil {
			return zone, nil
		}
	}
	return nil, &Problem{v1alpha1.ReasonInvalidTimeZone, fmt.Sprintf(
		"timeZone %q is not in the IANA time zone database; write a name such as Asia/Ho_Chi_Minh or UTC.", name)}
}

func (p *Plan) addCohorts(spec v1alpha1.RolloutPlanSpec) *Problem {
	for _, c := range spec.Cohorts {
		ready := cohort{name: c.Name, agencies: sets.New(c.Agencies...), selector: labels.Nothing(), others: c.AllOthers}
		if c.Selector != nil {
			selector, err := metav1.LabelSelectorAsSelector(c.Selector)
			if err != nil {
				return &Problem{v1alpha1.ReasonInvalidSpec, fmt.Sprintf("The selector of cohort %s cannot be used: %v. Correct it.", c.Name, err)}
			}
			ready.selector = selector
		}
		p.cohorts = append(p.cohorts, ready)
	}
	return nil
}

func (p *Plan) addMilestones(spec v1alpha1.RolloutPlanSpec) *Problem {
	for _, m := range spec.Milestones {
		deadline, err := civil.ParseDeadline(m.Deadline, p.zone)
		if err != nil {
			return &Problem{v1alpha1.ReasonInvalidSpec, fmt.Sprintf("The deadline of milestone %s cannot be used: %v.", m.Name, err)}
		}
		p.milestones = append(p.milestones, milestone{m.Name, m.Cohort, deadline, m.Requires})
		p.deadlines = append(p.deadlines, deadline)
	}
	return nil
}

func (p *Plan) addExceptions(spec v1alpha1.RolloutPlanSpec) *Problem {
	for _, e := range spec.Exceptions {
		ready := exception{reason: e.Reason, approver: e.Approver}
		if e.Deadline != nil {
			deadline, err := civil.ParseDeadline(*e.Deadline, p.zone)
			if err != nil {
				return &Problem{v1alpha1.ReasonInvalidSpec, fmt.Sprintf(
					"The deadline of agency %s's exception from milestone %s cannot be used: %v.", e.Agency, e.Milestone, err)}
			}
			ready.deadline = &deadline
			p.deadlines = append(p.deadlines, deadline)
		}
		p.exceptions[exceptionKey{e.Agency, e.Milestone}] = ready
		p.excepted.Insert(e.Agency)
	}
	return nil
}

// NextDeadline is the nearest deadline that has not passed, exceptions included; nil when all have.
func (p *Plan) NextDeadline(now time.Time) *civil.Deadline {
	var next *civil.Deadline
	for _, d := range p.deadlines {
		if now.Before(d.TooLate()) && (next == nil || d.TooLate().Before(next.TooLate())) {
			next = &d
		}
	}
	return next
}
