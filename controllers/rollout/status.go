package rollout

import (
	"slices"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/sets"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/conditions"
	"lienthong.gov.vn/connector-operator/controllers/precedence"
	"lienthong.gov.vn/connector-operator/controllers/report"
)

// agenciesJudged is what Ready sums up beside Accepted. It has no condition of its own, because it would repeat Ready.
const agenciesJudged = "AgenciesJudged"

// judge gives the status of the plan, and when it changes by time alone; zero if it does not.
func judge(s *scope) (v1alpha1.RolloutPlanStatus, time.Time) {
	accepted := accept(s)
	if accepted.Status != metav1.ConditionTrue {
		status := *s.plan.Status.DeepCopy()
		setConditions(&status, s, []metav1.Condition{accepted}, conditions.Summary{Order: []string{v1alpha1.ConditionAccepted}, Stalled: true})
		return status, time.Time{}
	}
	status := v1alpha1.RolloutPlanStatus{}
	t := s.ledger.totals
	t.fill(&status, s.plan)
	changes := t.fillSlack(&status, s.ready, s.now)
	next := s.ready.NextDeadline(s.now)
	if next != nil {
		api := next.API()
		status.NextDeadline = &api
	}
	setConditions(&status, s, []metav1.Condition{accepted, t.judged()}, conditions.Summary{
		Order:        []string{v1alpha1.ConditionAccepted, agenciesJudged},
		ReadyMessage: t.sentence(next),
	})
	if next != nil && (changes.IsZero() || next.TooLate().Before(changes)) {
		changes = next.TooLate()
	}
	return status, changes
}

func setConditions(status *v1alpha1.RolloutPlanStatus, s *scope, observed []metav1.Condition, summary conditions.Summary) {
	observed = append(observed, report.Requested(s.plan, observed[0].Status == metav1.ConditionTrue)...)
	wanted := slices.DeleteFunc(conditions.Complete(observed, summary), func(c metav1.Condition) bool { return c.Type == agenciesJudged })
	status.Conditions = conditions.Merge(s.plan.Status.Conditions, wanted, s.plan.Generation, s.now)
	status.ObservedGeneration = s.plan.Generation
	status.RecordedAt = precedence.Recorded(s.plan)
	status.Reports = s.plan.Status.Reports // another controller writes it
}

// accept is the condition Accepted.
func accept(s *scope) metav1.Condition {
	problem := s.problem
	if problem == nil && !s.hubFound {
		problem = noHub(s.plan.Spec.HubRef.Name)
	}
	if problem == nil {
		problem = overlap(s.ledger)
	}
	if problem != nil {
		return conditions.False(v1alpha1.ConditionAccepted, problem.Reason, problem.Message)
	}
	notes := idle(s.ledger) + uncovered(s.ready.Uncovered(s.now))
	if len(s.ledger.unknown) > 0 {
		return conditions.True(v1alpha1.ConditionAccepted, v1alpha1.ReasonUnknownAgency, unknown(sets.List(s.ledger.unknown))+notes)
	}
	return conditions.True(v1alpha1.ConditionAccepted, v1alpha1.ReasonAccepted, "The plan is accepted."+notes)
}
