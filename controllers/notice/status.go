package notice

import (
	"fmt"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/conditions"
	"lienthong.gov.vn/connector-operator/controllers/notice/facts"
	"lienthong.gov.vn/connector-operator/controllers/notice/outbox"
)

// decide gives the status of the queue: what was delivered is off it, and what has changed is on it.
func decide(s *scope) v1alpha1.NoticeQueueStatus {
	status := v1alpha1.NoticeQueueStatus{}
	if s.queue != nil {
		status = *s.queue.Status.DeepCopy()
	}
	baseline := status.ObservedGeneration == 0
	outbox.Retain(&status, s.sinks)
	outbox.Acknowledge(&status, s.taken, s.now)
	var notices []facts.Notice
	status.Observed, notices = facts.Diff(status.Observed, s.facts, baseline)
	outbox.Append(&status, s.subject, notices, s.sinks, s.now)
	outbox.Bound(&status, s.now)
	outbox.Tell(&status, s.sinks, s.healths)
	if s.queue != nil {
		status.ObservedGeneration = s.queue.Generation
		status.Conditions = conditionsOf(s, &status)
	}
	return status
}

func conditionsOf(s *scope, status *v1alpha1.NoticeQueueStatus) []metav1.Condition {
	reachable := conditions.True(v1alpha1.ConditionSinksReachable, v1alpha1.ReasonSinksReachable, "Every sink took what it was last sent.")
	for i := range status.Sinks {
		if sink := &status.Sinks[i]; sink.Failures > 0 {
			reachable = conditions.False(v1alpha1.ConditionSinksReachable, v1alpha1.ReasonSinkUnreachable, fmt.Sprintf(
				"Sink %s does not take notices, which stay pending and are sent again by themselves. %s", sink.Sink, sink.LastError))
			break
		}
	}
	list := conditions.Complete([]metav1.Condition{reachable}, conditions.Summary{
		Order: []string{v1alpha1.ConditionSinksReachable}, ReadyMessage: reachable.Message,
	})
	if status.Dropped > 0 && status.LastDropped != nil {
		list = append(list, conditions.True(v1alpha1.ConditionNoticesDropped, v1alpha1.ReasonQueueFull, fmt.Sprintf(
			"%d notices were given up because more were pending than a queue holds, the last at %s. What they told of is to be read from the %s.",
			status.Dropped, status.LastDropped.UTC().Format(time.RFC3339), s.subject.Kind)))
	}
	return conditions.Merge(status.Conditions, list, s.queue.Generation, s.now)
}
