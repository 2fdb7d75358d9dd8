package agency

import (
	"fmt"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/conditions"
	"lienthong.gov.vn/connector-operator/controllers/milestone"
	"lienthong.gov.vn/connector-operator/controllers/precedence"
	"lienthong.gov.vn/connector-operator/controllers/tally"
)

// maxMilestones is how many the API takes.
const maxMilestones = 256

// connectorsReady is what Ready sums up beside Accepted. It has no condition of its own, because it would repeat Ready.
const connectorsReady = "ConnectorsReady"

// judge gives the status of the Agency, and when it changes by time alone; zero if it does not.
func judge(s *scope) (v1alpha1.AgencyStatus, time.Time) {
	milestones, next := judgeMilestones(s)
	accepted := accept(s)
	if len(milestones) > maxMilestones {
		accepted.Message += fmt.Sprintf(" It has %d milestones in all plans together, of which only the first %d are kept.", len(milestones), maxMilestones)
		milestones = milestones[:maxMilestones]
	}
	wanted := conditions.Complete([]metav1.Condition{accepted, judgeConnectors(s)}, conditions.Summary{
		Order:        []string{v1alpha1.ConditionAccepted, connectorsReady},
		ReadyMessage: readyMessage(len(s.acting)),
		Stalled:      accepted.Status != metav1.ConditionTrue,
	})
	wanted = slices.DeleteFunc(wanted, func(c metav1.Condition) bool { return c.Type == connectorsReady })
	return v1alpha1.AgencyStatus{
		Conditions:         conditions.Merge(s.agency.Status.Conditions, wanted, s.agency.Generation, s.now),
		ObservedGeneration: s.agency.Generation,
		RecordedAt:         precedence.Recorded(s.agency),
		Connectors:         tally.Of(s.acting),
		Milestones:         milestones,
	}, next
}

func readyMessage(connectors int) string {
	if connectors == 1 {
		return "The agency's Connector is ready."
	}
	return fmt.Sprintf("All %d Connectors of the agency are ready.", connectors)
}

func judgeConnectors(s *scope) metav1.Condition {
	if successor := s.agency.Spec.SupersededBy; len(s.acting) == 0 && successor != nil {
		return conditions.False(connectorsReady, v1alpha1.ReasonAgencyNotActive, fmt.Sprintf(
			"The agency was merged into Agency %s, which carries its record on. No Connector acts for it, and none is needed.", successor.Name))
	}
	if len(s.acting) == 0 {
		return conditions.False(connectorsReady, v1alpha1.ReasonNoConnectors, "No Connector acts for the agency yet."+strangers(s))
	}
	unready := slices.DeleteFunc(slices.Clone(s.acting), func(c v1alpha1.Connector) bool { return tally.IsReady(&c) })
	if len(unready) == 0 {
		return conditions.True(connectorsReady, v1alpha1.ReasonReady, "")
	}
	first := unready[0]
	reason := v1alpha1.ReasonNotObserved
	if c := meta.FindStatusCondition(first.Status.Conditions, v1alpha1.ConditionReady); c != nil && c.ObservedGeneration == first.Generation {
		reason = c.Reason
	}
	verb, others := "is", ""
	if len(unready) > 1 {
		verb, others = "are", " and others"
	}
	return conditions.False(connectorsReady, v1alpha1.ReasonConnectorsNotReady, fmt.Sprintf(
		"%d of %d Connectors %s not ready: %s/%s (%s)%s.", len(unready), len(s.acting), verb, first.Namespace, first.Name, reason, others))
}

// strangers helps a person who forgot to list a namespace.
func strangers(s *scope) string {
	if len(s.strangers) == 0 {
		return ""
	}
	first := s.strangers[0]
	return fmt.Sprintf(" Connector %s/%s names the agency, but spec.namespaces does not list %s.", first.Namespace, first.Name, first.Namespace)
}

// judgeMilestones keeps the records of a plan that cannot be judged now as they are: what it asks for is not known.
func judgeMilestones(s *scope) (all []v1alpha1.AgencyMilestone, next time.Time) {
	for i := range s.plans {
		e, ok := judgePlan(s, &s.plans[i])
		if !ok {
			e.Milestones = recordsOf(s.agency, s.plans[i].Name)
		}
		all = append(all, e.Milestones...)
		if !e.Next.IsZero() && (next.IsZero() || e.Next.Before(next)) {
			next = e.Next
		}
	}
	return all, next
}

func judgePlan(s *scope, plan *v1alpha1.RolloutPlan) (milestone.Evaluation, bool) {
	if !planAccepted(plan) {
		return milestone.Evaluation{}, false
	}
	ready, problem := s.compiled.Of(plan)
	if problem != nil {
		return milestone.Evaluation{}, false
	}
	switch cohorts := ready.Cohorts(s.agency, s.predecessors); len(cohorts) {
	case 0:
		return milestone.Evaluation{}, true
	case 1:
		o := milestone.Observation{
			Agency: s.agency, Connectors: s.acting, Records: s.records, Met: s.met, Profiles: s.profiles, Now: s.now,
		}
		return ready.Evaluate(cohorts[0], o), true
	default:
		return milestone.Evaluation{}, false
	}
}

func recordsOf(agency *v1alpha1.Agency, plan string) []v1alpha1.AgencyMilestone {
	return slices.DeleteFunc(slices.Clone(agency.Status.Milestones), func(m v1alpha1.AgencyMilestone) bool { return m.Plan != plan })
}
