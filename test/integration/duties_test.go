package integration

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	dto "github.com/prometheus/client_model/go"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	ctrlmetrics "sigs.k8s.io/controller-runtime/pkg/metrics"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/civil"
	"lienthong.gov.vn/connector-operator/controllers/compliance"
)

// dutyIs waits until a duty has a state under the regime of the hub, and the condition goes with it.
func (w *world) dutyIs(t *testing.T, kind string, state v1alpha1.DutyState) v1alpha1.DutyStatus {
	t.Helper()
	var found v1alpha1.DutyStatus
	w.Eventually(t, func() error {
		if err := w.StatusIsLegal(t.Context(), w.connector); err != nil {
			return err
		}
		s := regime(w.connector, w.hub.Spec.Regime)
		if s == nil || len(s.Duties) == 0 || w.connector.Status.ObservedGeneration != w.connector.Generation {
			return fmt.Errorf("no duties are told: %+v", s)
		}
		for _, d := range s.Duties {
			if d.Kind == kind && d.State == state {
				found = d
				return nil
			}
		}
		return fmt.Errorf("the duties are %+v, want %s %s", s.Duties, kind, state)
	})
	short := state == v1alpha1.DutyOverdue || state == v1alpha1.DutyMissing
	if is(v1alpha1.ConditionCompliant, metav1.ConditionTrue, "")(w.connector) == short {
		t.Errorf("%s is %s, and the conditions are %+v", kind, state, w.connector.Status.Conditions)
	}
	return found
}

// figure is what a scrape of the operator says of the duties of the world's Connector in a state, or of whether it is compliant.
func (w *world) figure(t *testing.T, name, state string) float64 {
	t.Helper()
	families, err := ctrlmetrics.Registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	has := func(m *dto.Metric, label, value string) bool {
		for _, l := range m.GetLabel() {
			if l.GetName() == label {
				return l.GetValue() == value
			}
		}
		return value == ""
	}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			if f.GetName() == name && has(m, "namespace", w.namespace) && has(m, "state", state) && (state == "" || has(m, "regime", w.namespace)) {
				return m.GetGauge().GetValue()
			}
		}
	}
	t.Errorf("there is no figure %s of state %q", name, state)
	return -1
}

// expectFigures compares the figures of one duty in that state.
func (w *world) expectFigures(t *testing.T, state v1alpha1.DutyState, compliant float64) {
	t.Helper()
	if got := w.figure(t, "lienthong_connector_compliant", ""); got != compliant {
		t.Errorf("the figure of compliance is %v, want %v", got, compliant)
	}
	for _, s := range []v1alpha1.DutyState{
		v1alpha1.DutySatisfied, v1alpha1.DutyDueSoon, v1alpha1.DutyOverdue, v1alpha1.DutyMissing, v1alpha1.DutyWaived,
	} {
		want := 0.0
		if s == state {
			want = 1
		}
		if got := w.figure(t, "lienthong_connector_duties", string(s)); got != want {
			t.Errorf("the figure of duties that are %s is %v, want %v", s, got, want)
		}
	}
}

// TestDutyThroughTime takes a duty through all of its states, at the agency's midnights.
func TestDutyThroughTime(t *testing.T) {
	const kind = v1alpha1.EvidencePenetrationTest
	w := newWorld(t)
	w.simulate(atOnce)
	// Far from UTC, so that a day that begins there is told from one of UTC.
	w.agency.Spec.TimeZone = "Pacific/Kiritimati"
	w.profile.Spec.Certificate.Duration.Duration = 1000 * time.Hour
	w.profile.Spec.Duties = []v1alpha1.Duty{{Kind: kind, IntervalMonths: new(int32(1)), DueSoonDays: new(int32(2))}}
	zone := compliance.Zone(w.agency)
	today := civil.In(time.Now(), zone)
	performed := today.AddDays(-20)
	due := performed.AddMonths(1)
	soon, late := due.AddDays(-2), due.AddDays(1)
	w.connect(t)
	w.dutyIs(t, kind, v1alpha1.DutyMissing)
	w.expect(t, w.connector, v1alpha1.ConditionStalled, metav1.ConditionTrue, "DutiesMissing")
	w.expectFigures(t, v1alpha1.DutyMissing, 0)

	w.Create(t, w.recordOf(kind, v1alpha1.CivilDate(performed.String())))
	if d := w.dutyIs(t, kind, v1alpha1.DutySatisfied); string(d.DueDate) != due.String() || d.Evidence == "" {
		t.Errorf("the duty is told as %+v, want one due on %s", d, due)
	}
	w.ready(t)
	w.expectFigures(t, v1alpha1.DutySatisfied, 1)
	w.told(t, "DutySatisfied", 1)

	slow := slowlyFrom(soon.Start(zone).Add(-time.Second))
	shared.operator.underClock(t, slow)
	w.seen(t)
	w.dutyIs(t, kind, v1alpha1.DutySatisfied)
	slow.set(soon.Start(zone))
	w.dutyIs(t, kind, v1alpha1.DutyDueSoon)
	w.expectMessage(t, w.connector, v1alpha1.ConditionCompliant, metav1.ConditionTrue, "RequirementsMet",
		fmt.Sprintf("The only duty is satisfied: PenetrationTest due by %s.", due))
	w.expectFigures(t, v1alpha1.DutyDueSoon, 1)
	w.told(t, "DutyDueSoon", 1)

	slow.set(late.Start(zone).Add(-time.Second))
	w.seen(t)
	w.dutyIs(t, kind, v1alpha1.DutyDueSoon)
	slow.set(late.Start(zone))
	w.dutyIs(t, kind, v1alpha1.DutyOverdue)
	w.expectMessage(t, w.connector, v1alpha1.ConditionCompliant, metav1.ConditionFalse, "DutiesOverdue",
		fmt.Sprintf("0 of 1 duties satisfied: PenetrationTest overdue since %s.", late))
	w.expect(t, w.connector, v1alpha1.ConditionStalled, metav1.ConditionTrue, "DutiesOverdue")
	w.expectFigures(t, v1alpha1.DutyOverdue, 0)
	if notes := w.told(t, "DutyOverdue", 1); !strings.Contains(notes[0], late.String()) {
		t.Errorf("the Event says %q", notes[0])
	}
	w.waives(t, slow, kind, late, late.AddDays(2))

	// A restart tells nothing anew, and the next record ends it; the API server's clock is the real one, so it is of the real day.
	shared.operator.end(t)
	shared.operator.again(t, slow)
	w.seen(t)
	w.told(t, "DutyDueSoon", 1)
	w.told(t, "DutyOverdue", 2)
	w.Create(t, w.recordOf(kind, v1alpha1.CivilDate(today.String())))
	w.dutyIs(t, kind, v1alpha1.DutySatisfied)
	w.told(t, "DutySatisfied", 2)
}

// waives excuses the Connector from a duty that is overdue, until a day on which that ends.
func (w *world) waives(t *testing.T, slow *slowClock, kind string, from, until civil.Date) {
	t.Helper()
	zone := compliance.Zone(w.agency)
	waiver := &v1alpha1.DutyWaiver{
		ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: "excused"},
		Spec: v1alpha1.DutyWaiverSpec{
			ConnectorRef: v1alpha1.ConnectorReference{Name: w.connector.Name}, Duties: []string{kind},
			Reason: "The tester is ill.", Approver: "The head of the agency",
			From: v1alpha1.CivilDate(from.String()), Until: v1alpha1.CivilDate(until.String()),
		},
	}
	w.Create(t, waiver)
	if d := w.dutyIs(t, kind, v1alpha1.DutyWaived); d.Waiver != "excused" {
		t.Errorf("the duty is told as %+v", d)
	}
	w.expectFigures(t, v1alpha1.DutyWaived, 1)
	w.told(t, "DutyWaived", 1)
	slow.set(until.Start(zone).Add(-time.Second))
	w.seen(t)
	w.dutyIs(t, kind, v1alpha1.DutyWaived)
	slow.set(until.Start(zone))
	if d := w.dutyIs(t, kind, v1alpha1.DutyOverdue); d.Waiver != "" || d.ExpiredWaiver != "excused" {
		t.Errorf("the duty is told as %+v, want one whose waiver has ended", d)
	}
	w.told(t, "DutyOverdue", 2)
}

// TestRecordsComeAndGo deletes what was recorded; what is told follows at once.
func TestRecordsComeAndGo(t *testing.T) {
	const kind = v1alpha1.EvidenceRestoreTest
	w := newWorld(t)
	w.simulate(atOnce)
	w.profile.Spec.Duties = []v1alpha1.Duty{{Kind: kind}}
	record := w.recordOf(kind, "2026-01-20")
	// A record may come before what it is about.
	w.Create(t, record)
	w.connect(t)
	w.dutyIs(t, kind, v1alpha1.DutySatisfied)
	w.ready(t)
	w.told(t, "DutySatisfied", 0)
	if err := w.Client.Delete(context.Background(), record); err != nil {
		t.Fatal(err)
	}
	w.dutyIs(t, kind, v1alpha1.DutyMissing)
	w.told(t, "DutyMissing", 1)
	// A duty that a profile does not ask for any more is not told of.
	w.change(t, w.profile, func() { w.profile.Spec.Duties = nil })
	w.ready(t)
	if s := regime(w.connector, w.namespace); len(s.Duties) > 0 {
		t.Errorf("the status tells of %+v", s.Duties)
	}
	var list v1alpha1.ComplianceEvidenceList
	if err := w.Client.List(t.Context(), &list, client.InNamespace(w.namespace)); err != nil || len(list.Items) > 0 {
		t.Errorf("there are %d records, %v", len(list.Items), err)
	}
}
