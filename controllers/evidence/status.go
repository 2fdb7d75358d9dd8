package evidence

import (
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/compliance"
	"lienthong.gov.vn/connector-operator/controllers/conditions"
	"lienthong.gov.vn/connector-operator/controllers/precedence"
)

// judge gives the status of the record. Time alone never changes it.
func judge(s *scope) v1alpha1.ComplianceEvidenceStatus {
	denial := compliance.Examine(s.record, s.of)
	status := v1alpha1.ComplianceEvidenceStatus{
		ObservedGeneration: s.record.Generation, RecordedAt: precedence.Recorded(s.record),
		SupersededBy: compliance.SupersededBy(s.record, s.of),
	}
	accepted := conditions.True(v1alpha1.ConditionAccepted, v1alpha1.ReasonAccepted, "The record is accepted.")
	waits := denial != nil && denial.Waits
	switch {
	case waits:
		accepted = conditions.Unknown(v1alpha1.ConditionAccepted, denial.Reason, denial.Message)
	case denial != nil:
		accepted = conditions.False(v1alpha1.ConditionAccepted, denial.Reason, denial.Message)
	}
	wanted := conditions.Complete([]metav1.Condition{accepted}, conditions.Summary{
		Order: []string{v1alpha1.ConditionAccepted}, ReadyMessage: readyMessage(s.record, status.SupersededBy), Stalled: !waits,
	})
	status.Conditions = conditions.Merge(s.record.Status.Conditions, wanted, s.record.Generation, s.now)
	return status
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
