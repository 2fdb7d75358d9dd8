package milestone

import (
	"cmp"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

// met is when a milestone was met, and by whom.
type met struct {
	at metav1.Time
	// by is the agency that met it, if that was merged into the one that is judged.
	by string
	// disputed is the MilestoneRecord that tells of another time than the status; nil if they agree.
	disputed *v1alpha1.MilestoneRecord
}

// metBefore finds when an agency met a milestone according to what was recorded; nil if it did not. The status comes first, because the API
// server lets nobody move a time there. What the agency has a record of counts next, and last what those have that were merged into it.
func metBefore(o Observation, plan, milestone string) *met {
	own := find(o.Met, plan, milestone, func(r *v1alpha1.MilestoneRecord) bool { return r.Spec.Agency == o.Agency.Name })
	if m := inStatus(o.Agency, plan, milestone); m != nil && m.MetAt != nil {
		found := &met{at: *m.MetAt, by: m.MetBy}
		if own != nil && !own.Spec.MetAt.Equal(m.MetAt) {
			found.disputed = own
		}
		return found
	}
	if own != nil {
		return &met{at: own.Spec.MetAt, by: own.Spec.MetBy}
	}
	carried := find(o.Met, plan, milestone, func(r *v1alpha1.MilestoneRecord) bool { return r.Spec.Agency != o.Agency.Name })
	if carried == nil {
		return nil
	}
	return &met{at: carried.Spec.MetAt, by: cmp.Or(carried.Spec.MetBy, carried.Spec.Agency)}
}

func inStatus(agency *v1alpha1.Agency, plan, milestone string) *v1alpha1.AgencyMilestone {
	for i := range agency.Status.Milestones {
		if m := &agency.Status.Milestones[i]; m.Plan == plan && m.Milestone == milestone {
			return m
		}
	}
	return nil
}

// find gives the record that tells of the earliest time, and of several such the first by agency.
func find(records []v1alpha1.MilestoneRecord, plan, milestone string, wanted func(*v1alpha1.MilestoneRecord) bool) *v1alpha1.MilestoneRecord {
	var first *v1alpha1.MilestoneRecord
	for i := range records {
		r := &records[i]
		if r.Spec.Plan != plan || r.Spec.Milestone != milestone || !wanted(r) {
			continue
		}
		if first == nil || cmp.Or(r.Spec.MetAt.Time.Compare(first.Spec.MetAt.Time), cmp.Compare(r.Spec.Agency, first.Spec.Agency)) < 0 {
			first = r
		}
	}
	return first
}
