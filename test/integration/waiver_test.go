package integration

import (
	"fmt"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

// excuse is a waiver for the world's Connector.
func (w *world) excuse(name, from, until string, duties ...string) *v1alpha1.DutyWaiver {
	return &v1alpha1.DutyWaiver{
		ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: name},
		Spec: v1alpha1.DutyWaiverSpec{
			ConnectorRef: v1alpha1.ConnectorReference{Name: w.connector.Name}, Duties: duties, Reason: "The laboratory is being moved.",
			Approver: "Cục An toàn thông tin", From: v1alpha1.CivilDate(from), Until: v1alpha1.CivilDate(until),
		},
	}
}

func TestWaiversThatAreNoneAreRefusedWithASentence(t *testing.T) {
	const never = "A waiver is never changed; create another DutyWaiver, and delete this one if it is to end earlier."
	const order = "until is the first day on which the waiver no longer holds, so it comes after from."
	tests := map[string]struct {
		changes bool
		edit    func(content)
		want    string
	}{
		"a day that is none":      {false, set("spec.until", "2026-02-30"), `"2026-02-30" is no day of the calendar; write a date as YYYY-MM-DD, such as 2018-12-31.`},
		"an end at its beginning": {false, set("spec.until", "2026-01-01"), order},
		"an end before it":        {false, set("spec.until", "2025-12-31"), order},
		"of a level's approval": {false, set("spec.duties", items("LevelApproval")),
			"The determination, appraisal and approval of a level cannot be waived; leave them out of duties."},
		"of nothing":        {false, set("spec.duties", []any{}), "spec.duties in body should have at least 1 items"},
		"without a reason":  {false, set("spec.reason", nil), "spec.reason: Required value"},
		"by nobody":         {false, set("spec.approver", nil), "spec.approver: Required value"},
		"without an end":    {false, set("spec.until", nil), "spec.until: Required value"},
		"made longer":       {true, set("spec.until", "2028-01-01"), never},
		"of another reason": {true, set("spec.reason", "Another one."), never},
	}
	w := newWorld(t)
	kept := w.excuse("kept", "2026-01-01", "2027-01-01", "RiskReview")
	w.Create(t, kept)
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if tt.changes {
				if err := w.get(t.Context(), kept); err != nil {
					t.Fatal(err)
				}
				before := loose(t, w.Scheme, kept)
				after := before.DeepCopy()
				tt.edit(after.Object)
				expectRefusal(t, w.Client.Patch(t.Context(), after, client.MergeFrom(before), client.DryRunAll), tt.want)
				return
			}
			broken := loose(t, w.Scheme, w.excuse("new", "2026-01-01", "2027-01-01", "RiskReview"))
			tt.edit(broken.Object)
			expectRefusal(t, w.Client.Create(t.Context(), broken, client.DryRunAll), tt.want)
		})
	}
}

func TestWaiverIsReadyWhileItHolds(t *testing.T) {
	w := regulated(t)
	holds := w.excuse("holds", daysAway(-30), daysAway(30), v1alpha1.EvidencePenetrationTest)
	w.Create(t, holds)
	w.expectMessage(t, holds, v1alpha1.ConditionAccepted, metav1.ConditionFalse, v1alpha1.ReasonConnectorNotFound, fmt.Sprintf(
		"connectorRef names Connector main, which does not exist in namespace %s. A waiver counts only for a Connector of its own namespace; "+
			"create the Connector there, or create this object anew with the right name and namespace.", w.namespace))
	w.connect(t)
	w.expectMessage(t, holds, v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonReady,
		fmt.Sprintf("The waiver holds: until %s, it excuses from PenetrationTest.", holds.Spec.Until))
	w.judged(t, func(s *v1alpha1.ComplianceStatus) bool {
		return dutyOf(s, v1alpha1.EvidencePenetrationTest) ==
			v1alpha1.DutyStatus{Kind: v1alpha1.EvidencePenetrationTest, State: v1alpha1.DutyWaived, Waiver: "holds"}
	})

	ended := w.excuse("ended", "2026-01-01", daysAway(-1), v1alpha1.EvidenceRiskReview)
	future := w.excuse("future", daysAway(30), daysAway(60), v1alpha1.EvidenceRiskReview)
	wrong := w.excuse("wrong", daysAway(-30), daysAway(30), "Juggling")
	partly := w.excuse("partly", daysAway(-30), daysAway(30), v1alpha1.EvidencePenetrationTest, "Juggling")
	w.Create(t, ended, future, wrong, partly)
	w.expectMessage(t, partly, v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonReady, fmt.Sprintf(
		"The waiver holds: until %s, it excuses from PenetrationTest. No SecurityProfile asks for Juggling at the level of Connector main, "+
			"so there it excuses from nothing.", partly.Spec.Until))
	w.expectMessage(t, ended, v1alpha1.ConditionReady, metav1.ConditionFalse, v1alpha1.ReasonExpired, fmt.Sprintf(
		"The waiver ended on %s and counts for nothing; have RiskReview done, or create another DutyWaiver.", ended.Spec.Until))
	w.expectMessage(t, future, v1alpha1.ConditionReady, metav1.ConditionFalse, v1alpha1.ReasonNotYetInForce,
		fmt.Sprintf("The waiver holds from %s on.", future.Spec.From))
	w.expectMessage(t, wrong, v1alpha1.ConditionAccepted, metav1.ConditionFalse, v1alpha1.ReasonUnknownDuty,
		"duties names Juggling, which no SecurityProfile asks for at the level of Connector main; there are PenetrationTest, RiskReview. "+
			"Create the waiver anew with duties of these.")
	w.event(t, "DutyWaiver", "wrong", v1alpha1.ReasonUnknownDuty)
	w.judged(t, func(s *v1alpha1.ComplianceStatus) bool {
		return dutyOf(s, v1alpha1.EvidenceRiskReview) ==
			v1alpha1.DutyStatus{Kind: v1alpha1.EvidenceRiskReview, State: v1alpha1.DutyMissing, ExpiredWaiver: "ended"}
	})

	w.change(t, w.profile, func() { w.profile.Spec.Duties = append(w.profile.Spec.Duties, v1alpha1.Duty{Kind: "Juggling"}) })
	w.expect(t, wrong, v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonReady)
	w.expectMessage(t, partly, v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonReady,
		fmt.Sprintf("The waiver holds: until %s, it excuses from Juggling, PenetrationTest.", partly.Spec.Until))
	w.remove(t, wrong)
	w.remove(t, partly)
	w.remove(t, w.connector)
	w.expect(t, holds, v1alpha1.ConditionAccepted, metav1.ConditionFalse, v1alpha1.ReasonConnectorNotFound)
}

// A waiver begins and ends at midnight where the agency is, without anybody touching it.
func TestWaiverEndsAtMidnight(t *testing.T) {
	next := nextMidnight()
	w := regulated(t)
	w.agency.Spec.TimeZone = next.zone
	w.connect(t)
	ends := w.excuse("ends", "2026-01-01", next.day, v1alpha1.EvidenceRiskReview)
	begins := w.excuse("begins", next.day, "2999-12-31", v1alpha1.EvidencePenetrationTest)
	w.Create(t, ends, begins)
	w.expect(t, ends, v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonReady)
	w.expect(t, begins, v1alpha1.ConditionReady, metav1.ConditionFalse, v1alpha1.ReasonNotYetInForce)

	shared.operator.underClock(t, next.soon())
	w.expect(t, ends, v1alpha1.ConditionReady, metav1.ConditionFalse, v1alpha1.ReasonExpired)
	w.expect(t, begins, v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonReady)
	w.event(t, "DutyWaiver", "ends", v1alpha1.ReasonExpired)
	w.judged(t, func(s *v1alpha1.ComplianceStatus) bool {
		return dutyOf(s, v1alpha1.EvidenceRiskReview).ExpiredWaiver == "ends" && dutyOf(s, v1alpha1.EvidencePenetrationTest).Waiver == "begins"
	})
}
