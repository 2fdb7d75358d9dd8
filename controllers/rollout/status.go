package rollout

import (
	"slices"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/conditions"
	"lienthong.gov.vn/connector-operator/controllers/milestone"
	"lienthong.gov.vn/connector-operator/controllers/report"
)

// agenciesJudged is what Ready sums up beside Accepted. It has no condition of its own, because it would repeat Ready.
const agenciesJudged = "AgenciesJudged"

// judge gives the status of the plan, and when it changes by time alone; zero if it does not.
func judge(s *scope) (v1alpha1.RolloutPlanStatus, time.Time) {
	plan, members, accepted := accept(s)
	if accepted.Status != metav1.ConditionTrue {
		status := *s.plan.Status.DeepCopy()
		setConditions(&status, s, []metav1.Condition{accepted}, conditions.Summary{Order: []string{v1alpha1.ConditionAccepted}, Stalled: true})
		return status, time.Time{}
	}
	status := v1alpha1.RolloutPlanStatus{}
	t := count(s.plan, members)
	t.fill(&status, s.plan)
	next := plan.NextDeadline(s.now)
	if next != nil {
		api := next.API()
		status.NextDeadline = &api
	}
	setConditions(&status, s, []metav1.Condition{accepted, t.judged()}, conditions.Summary{
		Order:        []string{v1alpha1.ConditionAccepted, agenciesJudged},
		ReadyMessage: t.sentence(next),
	})
	if next == nil {
		return status, time.Time{}
	}
	return status, next.TooLate()
}

func setConditions(status *v1alpha1.RolloutPlanStatus, s *scope, observed []metav1.Condition, summary conditions.Summary) {
	observed = append(observed, report.Requested(s.plan, observed[0].Status == metav1.ConditionTrue)...)
	wanted := slices.DeleteFunc(conditions.Complete(observed, summary), func(c metav1.Condition) bool { return c.Type == agenciesJudged })
	status.Conditions = conditions.Merge(s.plan.Status.Conditions, wanted, s.plan.Generation, s.now)
	status.ObservedGeneration = s.plan.Generation
	status.Reports = s.plan.Status.Reports // another controller writes it
}

// accept is the condition Accepted, with the plan made ready and its members if it is True.
func accept(s *scope) (*milestone.Plan, milestone.Membership, metav1.Condition) {
	plan, problem := milestone.Compile(s.plan)
	if problem == nil && !s.hubFound {
		problem = noHub(s.plan.Spec.HubRef.Name)
	}
	var members milestone.Membership
	if problem == nil {
		members = plan.Members(s.agencies)
		problem = overlap(members.Overlaps)
	}
	if problem != nil {
		return nil, members, conditions.False(v1alpha1.ConditionAccepted, problem.Reason, problem.Message)
	}
	if len(members.Unknown) > 0 {
		return plan, members, conditions.True(v1alpha1.ConditionAccepted, v1alpha1.ReasonUnknownAgency, unknown(members.Unknown))
	}
	return plan, members, conditions.True(v1alpha1.ConditionAccepted, v1alpha1.ReasonAccepted, "The plan is accepted.")
}
