package evidence

import (
	"fmt"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/civil"
	"lienthong.gov.vn/connector-operator/controllers/compliance"
	"lienthong.gov.vn/connector-operator/controllers/conditions"
)

// judge gives the status of the record, and when it changes by time alone; zero if it does not.
func judge(s *scope) (v1alpha1.ComplianceEvidenceStatus, time.Time) {
	denial := compliance.Examine(s.record, s.of)
	status := v1alpha1.ComplianceEvidenceStatus{
		ObservedGeneration: s.record.Generation, SupersededBy: compliance.SupersededBy(s.record, s.of),
	}
	accepted := conditions.True(v1alpha1.ConditionAccepted, v1alpha1.ReasonAccepted, "The record is accepted.")
	var again time.Time
	if denial != nil {
		accepted = conditions.False(v1alpha1.ConditionAccepted, denial.Reason, denial.Message)
		again = beginning(s, denial)
	}
	wanted := conditions.Complete([]metav1.Condition{accepted}, conditions.Summary{
		Order: []string{v1alpha1.ConditionAccepted}, ReadyMessage: readyMessage(s.record, status.SupersededBy), Stalled: again.IsZero(),
	})
	status.Conditions = conditions.Merge(s.record.Status.Conditions, wanted, s.record.Generation, s.now)
	return status, again
}

// readyMessage says what an accepted record is good for. One that is superseded stays ready, because nobody has anything to do about it.
func readyMessage(record *v1alpha1.ComplianceEvidence, supersededBy string) string {
	switch {
	case supersededBy != "":
		return fmt.Sprintf("The record is accepted. Record %s corrects it, so it no longer counts.", supersededBy)
	case record.Spec.Outcome.Result != v1alpha1.EvidencePassed:
		return "The record is accepted. Its outcome is Failed, so it satisfies nothing."
	default:
		return "The record is accepted, and it counts."
	}
}

// beginning is when the day of a record of the future begins; zero if that is not why it was refused.
func beginning(s *scope, denial *compliance.Denial) time.Time {
	day, err := civil.Parse(string(s.record.Spec.PerformedAt))
	if denial.Reason != v1alpha1.ReasonPerformedInFuture || err != nil {
		return time.Time{}
	}
	return day.Start(compliance.Zone(s.of.Agency))
}
