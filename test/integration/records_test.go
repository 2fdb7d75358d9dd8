package integration

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/milestonerecord"
)

// metRecord is the record of an agency that met the pilot of the world's plan.
func (w *world) metRecord(t *testing.T, agency client.Object) *v1alpha1.MilestoneRecord {
	t.Helper()
	record := &v1alpha1.MilestoneRecord{}
	name := milestonerecord.Name(w.namespace, "pilot", agency.GetName())
	w.Eventually(t, func() error { return w.Client.Get(t.Context(), client.ObjectKey{Name: name}, record) })
	return record
}

// metTwice has an agency that met both milestones of a plan, is not connected any more, and so can meet nothing again.
func (w *world) metTwice(t *testing.T) (plan *v1alpha1.RolloutPlan, met map[string]v1alpha1.AgencyMilestone) {
	t.Helper()
	plan = w.twice(w.agency.Name)
	w.connect(t)
	w.Create(t, plan.DeepCopy())
	met = w.standing(t, w.agency, bothMet())
	w.remove(t, w.connector)
	w.Eventually(t, func() error {
		for name, m := range w.standing(t, w.agency, bothMet()) {
			if want := fmt.Sprintf("No Connector to hub %s acts for the agency.", w.namespace); m.Regressed != want {
				return fmt.Errorf("of %s it has regressed: %q, want %q", name, m.Regressed, want)
			}
		}
		return nil
	})
	return plan, met
}

func bothMet() states {
	return states{"pilot": v1alpha1.MilestoneMetLate, "official": v1alpha1.MilestoneMet}
}

// asBefore waits until both milestones are met again, at the times at which they were.
func (w *world) asBefore(t *testing.T, met map[string]v1alpha1.AgencyMilestone) {
	t.Helper()
	for name, m := range w.standing(t, w.agency, bothMet()) {
		if !m.MetAt.Equal(met[name].MetAt) || m.MetBy != "" {
			t.Errorf("%s was met at %s, and is now at %s by %q", name, met[name].MetAt, m.MetAt, m.MetBy)
		}
	}
}

// A plan that is deleted and comes back from Git finds what was met, at the time at which it was.
func TestRecordsOutliveThePlan(t *testing.T) {
	w := newWorld(t)
	plan, met := w.metTwice(t)
	record := w.metRecord(t, w.agency)
	if want := (v1alpha1.MilestoneRecordSpec{
		Plan: plan.Name, Milestone: "pilot", Agency: w.agency.Name, Code: w.agency.Spec.Code, Cohort: "ready-2018", MetAt: *met["pilot"].MetAt,
		Deadline: plan.Spec.Milestones[0].Deadline, TimeZone: "Asia/Ho_Chi_Minh",
	}); record.Spec != want || len(record.OwnerReferences) > 0 {
		t.Errorf("the record says %+v, want %+v, and is owned by %v", record.Spec, want, record.OwnerReferences)
	}
	w.remove(t, plan)
	w.standing(t, w.agency, states{})
	if kept := w.metRecord(t, w.agency); kept.UID != record.UID {
		t.Error("the record went with its plan, and another came")
	}
	w.Create(t, plan)
	w.asBefore(t, met)
}

// An Agency that comes back from a backup, where it is without its status, finds what it met.
func TestRecordsOutliveTheAgency(t *testing.T) {
	w := newWorld(t)
	_, met := w.metTwice(t)
	w.remove(t, w.agency)
	again := newAgain(w.agency)
	w.agency = again
	w.Create(t, again)
	w.asBefore(t, met)
}

func newAgain(a *v1alpha1.Agency) *v1alpha1.Agency {
	return &v1alpha1.Agency{ObjectMeta: metav1.ObjectMeta{Name: a.Name, Labels: a.Labels}, Spec: a.Spec}
}

// What an agency met stays recorded while it is in another cohort, and counts when it is back.
func TestRecordsOutliveTheCohort(t *testing.T) {
	w := newWorld(t)
	plan, met := w.metTwice(t)
	w.change(t, plan, func() {
		plan.Spec.Cohorts[0].Agencies = []string{w.namespace + "-nobody"}
		plan.Spec.Cohorts = append(plan.Spec.Cohorts, v1alpha1.Cohort{Name: "remaining", Agencies: []string{w.agency.Name}})
		connected := plan.Spec.Milestones[1]
		connected.Name, connected.Cohort = "connected", "remaining"
		plan.Spec.Milestones = append(plan.Spec.Milestones, connected)
	})
	w.standing(t, w.agency, states{"connected": v1alpha1.MilestonePending})
	w.metRecord(t, w.agency)
	w.change(t, plan, func() {
		plan.Spec.Cohorts, plan.Spec.Milestones = plan.Spec.Cohorts[:1], plan.Spec.Milestones[:2]
		plan.Spec.Cohorts[0].Agencies = []string{w.agency.Name}
	})
	w.asBefore(t, met)
}

// Nobody changes a record, also no administrator. The operator may neither change nor delete one; whoever deletes one sees it come back
// from the status.
func TestRecordsCannotBeTamperedWith(t *testing.T) {
	w := newWorld(t)
	_, met := w.metTwice(t)
	record := w.metRecord(t, w.agency)
	edits := map[string]func(*v1alpha1.MilestoneRecordSpec){
		"metAt":    func(s *v1alpha1.MilestoneRecordSpec) { s.MetAt = metav1.Time{Time: s.MetAt.AddDate(-10, 0, 0)} },
		"agency":   func(s *v1alpha1.MilestoneRecordSpec) { s.Agency = "another" },
		"deadline": func(s *v1alpha1.MilestoneRecordSpec) { s.Deadline.Date = "2999-12-31" },
		"metBy":    func(s *v1alpha1.MilestoneRecordSpec) { s.MetBy = "another" },
	}
	for what, edit := range edits {
		changed := record.DeepCopy()
		edit(&changed.Spec)
		if err := w.Client.Update(t.Context(), changed); err == nil || !strings.Contains(err.Error(), "A record of a met milestone is never changed.") {
			t.Errorf("changing %s of a record was answered with: %v", what, err)
		}
	}
	w.remove(t, record)
	w.Eventually(t, func() error {
		again := w.metRecord(t, w.agency)
		if again.UID == record.UID || again.Spec != record.Spec {
			return fmt.Errorf("the record is %+v, want another that says %+v", again, record.Spec)
		}
		return nil
	})
	w.asBefore(t, met)
}

// A successor that no cohort names takes the place of the agency that was merged into it, with what that met, also when that is gone.
func TestASuccessorTakesThePlace(t *testing.T) {
	w := newWorld(t)
	successor := w.another("new")
	plan, met := w.metTwice(t)
	w.Create(t, successor)
	w.standing(t, successor, states{})
	w.change(t, w.agency, func() {
		w.agency.Spec.Lifecycle, w.agency.Spec.SupersededBy = v1alpha1.AgencySuperseded, &v1alpha1.ObjectReference{Name: successor.Name}
	})
	w.standing(t, w.agency, states{})
	for name, m := range w.standing(t, successor, bothMet()) {
		by := fmt.Sprintf(" by Agency %s, which was merged into this one, ", w.agency.Name)
		if !m.MetAt.Equal(met[name].MetAt) || m.MetBy != w.agency.Name || !strings.Contains(m.Message, by) {
			t.Errorf("%s was met at %s, and for the successor at %s by %q: %s", name, met[name].MetAt, m.MetAt, m.MetBy, m.Message)
		}
	}
	w.expectMessage(t, plan, v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonReady,
		"None of 1 agencies is overdue or at risk; next deadline is on or before 2999-12-30.")
	carried := w.metRecord(t, successor)
	if carried.Spec.MetBy != w.agency.Name || carried.Spec.Code != successor.Spec.Code || !carried.Spec.MetAt.Equal(met["pilot"].MetAt) {
		t.Errorf("the record that was carried over says %+v", carried.Spec)
	}

	// The cohort that the successor was in by its predecessor goes with that, so the plan has to name it. What it took over is its own.
	w.remove(t, w.agency)
	w.standing(t, successor, states{})
	w.change(t, plan, func() { plan.Spec.Cohorts[0].Agencies = []string{successor.Name} })
	for name, m := range w.standing(t, successor, bothMet()) {
		if !m.MetAt.Equal(met[name].MetAt) || m.MetBy != w.agency.Name {
			t.Errorf("%s is met at %s by %q when the predecessor is gone", name, m.MetAt, m.MetBy)
		}
	}
}

// Pilot and official operation are met in one pass; a plan in which nobody could ever meet one is refused with a sentence.
func TestMilestonesRequireOthers(t *testing.T) {
	w := newWorld(t)
	plan := w.twice(w.agency.Name)
	plan.Spec.Milestones[1].Requires = append(plan.Spec.Milestones[1].Requires, v1alpha1.MilestoneRequirement{Milestone: "pilot"})
	slices.Reverse(plan.Spec.Milestones)
	w.connect(t)
	w.Create(t, plan)
	met := w.standing(t, w.agency, bothMet())
	if apart := met["official"].MetAt.Sub(met["pilot"].MetAt.Time); apart != 0 {
		t.Errorf("official operation was met %s after the pilot, want at the same time", apart.Round(time.Second))
	}
	w.change(t, plan, func() {
		plan.Spec.Milestones[1].Requires = append(plan.Spec.Milestones[1].Requires, v1alpha1.MilestoneRequirement{Milestone: "official"})
	})
	w.expectMessage(t, plan, v1alpha1.ConditionAccepted, metav1.ConditionFalse, v1alpha1.ReasonInvalidSpec,
		"Milestone official requires itself through others (official → pilot → official), so nobody could ever meet any of them; "+
			"remove one of those requirements.")
	w.asBefore(t, met)
}
