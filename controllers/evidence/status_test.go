package evidence

import (
	"testing"
	"time"
	_ "time/tzdata" // so that the zones are the same on every machine

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/civil"
	"lienthong.gov.vn/connector-operator/controllers/compliance"
)

func testOf(name, day string) v1alpha1.ComplianceEvidence {
	return v1alpha1.ComplianceEvidence{
		ObjectMeta: metav1.ObjectMeta{Namespace: "g12", Name: name, Generation: 1},
		Spec: v1alpha1.ComplianceEvidenceSpec{
			ConnectorRef: v1alpha1.ConnectorReference{Name: "main"}, Kind: v1alpha1.EvidencePenetrationTest,
			PerformedAt: v1alpha1.CivilDate(day), Outcome: v1alpha1.EvidenceOutcome{Result: v1alpha1.EvidencePassed},
		},
	}
}

func TestJudge(t *testing.T) {
	now := time.Date(2026, 6, 1, 17, 0, 0, 0, time.UTC) // 2 June in Hanoi
	condition := func(conditionType string, status metav1.ConditionStatus, reason, message string) metav1.Condition {
		return metav1.Condition{
			Type: conditionType, Status: status, Reason: reason, Message: message, ObservedGeneration: 1, LastTransitionTime: metav1.NewTime(now),
		}
	}
	accepted := condition("Accepted", metav1.ConditionTrue, "Accepted", "The record is accepted.")
	ready := func(message string) []metav1.Condition {
		return []metav1.Condition{accepted, condition("Ready", metav1.ConditionTrue, "Ready", "The record is accepted"+message)}
	}
	refused := func(reason, message string) []metav1.Condition {
		return []metav1.Condition{
			condition("Accepted", metav1.ConditionFalse, reason, message), condition("Ready", metav1.ConditionFalse, reason, message),
			condition("Stalled", metav1.ConditionTrue, reason, message),
		}
	}
	waiting := func(reason, message string) []metav1.Condition {
		return []metav1.Condition{
			condition("Accepted", metav1.ConditionUnknown, reason, message), condition("Ready", metav1.ConditionUnknown, reason, message),
			condition("Reconciling", metav1.ConditionTrue, reason, message),
		}
	}
	const future = "performedAt is 2026-06-03, and the record was made on 2026-06-02 where the agency is (Asia/Ho_Chi_Minh), before that day; " +
		"it never counts. Record it once more when it was done."
	const noHub = "The record names no regime, and ExchangeHub axis of Connector main, by whose regime it is examined then, does not exist; " +
		"it is examined as soon as the hub exists."
	approval := func(e *v1alpha1.ComplianceEvidence) {
		e.Spec.Kind, e.Spec.Level = v1alpha1.EvidenceLevelApproval, new(v1alpha1.SecurityLevel(3))
	}
	const elsewhere = "connectorRef names Connector second, which does not exist in namespace g12. A record counts only for a Connector of its own " +
		"namespace; create the Connector there, or create this object anew with the right name and namespace."
	tests := map[string]struct {
		day    string
		edit   func(*v1alpha1.ComplianceEvidence)
		others []v1alpha1.ComplianceEvidence
		want   v1alpha1.ComplianceEvidenceStatus
	}{
		"it counts": {day: "2026-06-02", want: v1alpha1.ComplianceEvidenceStatus{Conditions: ready(", and it counts.")}},
		"it failed": {day: "2026-06-02", edit: func(e *v1alpha1.ComplianceEvidence) { e.Spec.Outcome.Result = v1alpha1.EvidenceFailed },
			want: v1alpha1.ComplianceEvidenceStatus{Conditions: ready(". Its outcome is Failed, so it satisfies nothing.")}},
		"it is corrected": {day: "2026-06-02", others: []v1alpha1.ComplianceEvidence{func() v1alpha1.ComplianceEvidence {
			e := testOf("z", "2026-06-01")
			e.Spec.Supersedes = &v1alpha1.RecordReference{Name: "record"}
			return e
		}()}, want: v1alpha1.ComplianceEvidenceStatus{SupersededBy: "z", Conditions: ready(". Record z corrects it, so it no longer counts.")}},
		"it was made before its day": {day: "2026-06-03", want: v1alpha1.ComplianceEvidenceStatus{Conditions: refused("PerformedInFuture", future)}},
		"its day has come since": {day: "2026-06-02", edit: func(e *v1alpha1.ComplianceEvidence) {
			e.Spec.PerformedAt, e.CreationTimestamp = "2026-06-01", metav1.NewTime(time.Date(2026, 5, 31, 16, 59, 59, 0, time.UTC))
		}, want: v1alpha1.ComplianceEvidenceStatus{Conditions: refused("PerformedInFuture",
			"performedAt is 2026-06-01, and the record was made on 2026-05-31 where the agency is (Asia/Ho_Chi_Minh), before that day; "+
				"it never counts. Record it once more when it was done.")}},
		"its hub is not there": {day: "2026-06-02", edit: approval, want: v1alpha1.ComplianceEvidenceStatus{Conditions: waiting("HubNotFound", noHub)}},
		"it has no Connector": {day: "2026-06-02", edit: func(e *v1alpha1.ComplianceEvidence) { e.Spec.ConnectorRef.Name = "second" },
			want: v1alpha1.ComplianceEvidenceStatus{Conditions: refused("ConnectorNotFound", elsewhere)}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			record := testOf("record", tt.day)
			if tt.edit != nil {
				tt.edit(&record)
			}
			connector := &v1alpha1.Connector{ObjectMeta: metav1.ObjectMeta{Namespace: "g12", Name: "main"}}
			connector.Spec.HubRef.Name = "axis"
			status := judge(&scope{now: now, record: &record, of: &compliance.Case{
				Connector: connector, Agency: &v1alpha1.Agency{}, Records: append(tt.others, record), Today: civil.In(now, compliance.Zone(nil)),
			}})
			tt.want.ObservedGeneration = 1
			if !record.CreationTimestamp.IsZero() {
				tt.want.RecordedAt = &record.CreationTimestamp
			}
			if diff := cmp.Diff(tt.want, status); diff != "" {
				t.Errorf("status (-want +got):\n%s", diff)
			}
		})
	}
}
