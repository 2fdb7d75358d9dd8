package integration

import (
	"fmt"
	"testing"
	"time"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

// asking is a plan with one milestone, which is due when we are all gone.
func (w *world) asking(requires v1alpha1.MilestoneRequirement) *v1alpha1.RolloutPlan {
	plan := planOf(w.namespace, w.agency.Name)
	plan.Spec.Milestones[0].Deadline.Date = "2999-12-31"
	plan.Spec.Milestones[0].Requires = []v1alpha1.MilestoneRequirement{requires}
	return plan
}

// says waits until the milestone of the agency is in the state, with the message.
func (w *world) says(t *testing.T, state v1alpha1.MilestoneState, message string) v1alpha1.AgencyMilestone {
	t.Helper()
	var milestone v1alpha1.AgencyMilestone
	w.Eventually(t, func() error {
		milestone = w.standing(t, w.agency, states{"pilot": state})["pilot"]
		if milestone.Message != message {
			return fmt.Errorf("the milestone says %q, want %q", milestone.Message, message)
		}
		return nil
	})
	return milestone
}

func metToday(m v1alpha1.AgencyMilestone) string {
	return fmt.Sprintf("Met on %s, in time: it was due before 2999-12-31.", m.MetAt.UTC().Add(7*time.Hour).Format(time.DateOnly))
}

// A milestone that asks for a record is met by one that counts, and by no other; what corrects that record later moves nothing.
func TestMilestoneIsMetByARecord(t *testing.T) {
	w := newWorld(t)
	w.connect(t)
	w.Create(t, w.asking(v1alpha1.MilestoneRequirement{Evidence: "ContractSigned"}))
	lacks := fmt.Sprintf("Connector %s/main has no record of ContractSigned that is accepted and passed.", w.namespace)
	w.says(t, v1alpha1.MilestoneOnTrack, "Due before 2999-12-31. "+lacks)

	refused, failed := w.recorded("future", "ContractSigned", daysAway(30)), w.recorded("failed", "ContractSigned", "2026-06-01")
	failed.Spec.Outcome.Result = v1alpha1.EvidenceFailed
	w.Create(t, refused, failed)
	w.expect(t, refused, v1alpha1.ConditionAccepted, "False", v1alpha1.ReasonPerformedInFuture)
	w.expect(t, failed, v1alpha1.ConditionAccepted, "True", v1alpha1.ReasonAccepted)
	w.says(t, v1alpha1.MilestoneOnTrack, "Due before 2999-12-31. "+lacks)

	signed := w.recorded("signed", "ContractSigned", "2026-06-02")
	w.Create(t, signed)
	met := w.standing(t, w.agency, states{"pilot": v1alpha1.MilestoneMet})["pilot"]
	w.says(t, v1alpha1.MilestoneMet, metToday(met))

	correction := w.recorded("correction", "ContractSigned", "2026-06-02")
	correction.Spec.Outcome.Result, correction.Spec.Supersedes = v1alpha1.EvidenceFailed, &v1alpha1.RecordReference{Name: signed.Name}
	w.Create(t, correction)
	lost := w.says(t, v1alpha1.MilestoneMet, metToday(met)+" It no longer holds: "+lacks)
	if !lost.MetAt.Equal(met.MetAt) {
		t.Errorf("metAt moved from %s to %s", met.MetAt, lost.MetAt)
	}
}

// A milestone that asks for a regime follows what the Connector reports under it, although another regime rules.
func TestMilestoneIsMetByARegimeToCome(t *testing.T) {
	w := newWorld(t)
	toCome := w.profile.DeepCopy()
	toCome.Name, toCome.Spec.Regime = w.namespace+"-to-come", w.namespace+"-to-come"
	toCome.Spec.Validity = &v1alpha1.Validity{From: "2900-01-01"}
	toCome.Spec.Duties = []v1alpha1.Duty{{Kind: v1alpha1.EvidenceRestoreTest}, {Kind: v1alpha1.EvidenceRiskReview}}
	w.Create(t, toCome)
	w.connect(t)
	w.Create(t, w.asking(v1alpha1.MilestoneRequirement{Regime: toCome.Spec.Regime}))
	short := fmt.Sprintf("Due before 2999-12-31. Connector %s/main does not satisfy regime %s", w.namespace, toCome.Spec.Regime)
	w.says(t, v1alpha1.MilestoneOnTrack, short+" (RestoreTest and 1 more).")
	w.Create(t, w.recorded("restored", v1alpha1.EvidenceRestoreTest, "2026-06-01"))
	w.says(t, v1alpha1.MilestoneOnTrack, short+" (RiskReview).")
	// A waiver is no record, so only what the Connector reports can tell of it.
	w.Create(t, w.excuse("excused", daysAway(-1), daysAway(30), v1alpha1.EvidenceRiskReview))
	met := w.standing(t, w.agency, states{"pilot": v1alpha1.MilestoneMet})["pilot"]
	w.says(t, v1alpha1.MilestoneMet, metToday(met))
}
