package report

import (
	"fmt"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/conditions"
)

// maxRequest is the length of the longest time in the form of RFC 3339 that a report can tell.
const maxRequest = 64

// requestOf is what a person asked for with the annotation; empty if nothing.
func requestOf(plan *v1alpha1.RolloutPlan) string {
	return plan.Annotations[v1alpha1.AnnotationReportRequestedAt]
}

func recordedRequest(plan *v1alpha1.RolloutPlan) string {
	if plan.Status.Reports == nil {
		return ""
	}
	return plan.Status.Reports.LastRequest
}

func parseRequest(value string) (time.Time, error) {
	at, err := time.Parse(time.RFC3339, value)
	if err != nil || len(value) > maxRequest {
		return time.Time{}, fmt.Errorf("the annotation %s is %q; write a time in the form of RFC 3339, such as 2026-11-21T08:00:00Z",
			v1alpha1.AnnotationReportRequestedAt, conditions.Shorten(value, maxRequest))
	}
	return at, nil
}

// Requested tells what became of the report that is asked for; nothing if none is. The controller of RolloutPlans, which alone writes their
// conditions, puts it into the status.
func Requested(plan *v1alpha1.RolloutPlan, accepted bool) []metav1.Condition {
	const t = v1alpha1.ConditionReportWritten
	value := requestOf(plan)
	if value == "" {
		return nil
	}
	if _, err := parseRequest(value); err != nil {
		return []metav1.Condition{conditions.False(t, v1alpha1.ReasonInvalidReportRequest, "No report was written: "+err.Error()+".")}
	}
	switch {
	case recordedRequest(plan) == value:
		return []metav1.Condition{conditions.True(t, "Written", "The report requested at "+value+" was written.")}
	case !accepted:
		return []metav1.Condition{conditions.False(t, "Waiting", "The report requested at "+value+" waits until the plan is accepted.")}
	}
	return []metav1.Condition{conditions.False(t, "Waiting", "The report requested at "+value+" waits until the agencies are judged.")}
}
