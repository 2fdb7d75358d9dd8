package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Since is when the Agency was first created.
func (a *Agency) Since() metav1.Time { return since(a.Status.RecordedAt, a.CreationTimestamp) }

// Since is when the record was first created.
func (e *ComplianceEvidence) Since() metav1.Time {
	return since(e.Status.RecordedAt, e.CreationTimestamp)
}

// Since is when the waiver was first created.
func (w *DutyWaiver) Since() metav1.Time { return since(w.Status.RecordedAt, w.CreationTimestamp) }

// Since is when the plan was first created.
func (p *RolloutPlan) Since() metav1.Time { return since(p.Status.RecordedAt, p.CreationTimestamp) }

// Since is when the profile was first created.
func (p *SecurityProfile) Since() metav1.Time { return since(p.Status.RecordedAt, p.CreationTimestamp) }

// since takes what the status recorded, if that is earlier: an object that was restored from a backup is younger than what it says.
func since(recorded *metav1.Time, created metav1.Time) metav1.Time {
	if recorded != nil && recorded.Before(&created) {
		return *recorded
	}
	return created
}
