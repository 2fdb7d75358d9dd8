package scale

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"maps"
	"strings"
	"sync"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/civil"
	"lienthong.gov.vn/connector-operator/controllers/compliance"
	"lienthong.gov.vn/connector-operator/controllers/observe"
	"lienthong.gov.vn/connector-operator/gateway/status"
	"lienthong.gov.vn/connector-operator/test/scale/calls"
	"lienthong.gov.vn/connector-operator/test/scale/fleet"
	"lienthong.gov.vn/connector-operator/test/scale/trial"
)

// atMidnight is how many Connectors there are at midnight; each has ten records.
var atMidnight = flag.Int("midnight.connectors", 100, "how many Connectors TestMidnight has, a multiple of 20")

// sitesAtMidnight is how many of them one agency has.
const sitesAtMidnight = 20

// shifted is real time, moved.
type shifted struct {
	clock.RealClock

	by time.Duration
}

// until is a clock by which it is so long before an instant.
func until(instant time.Time, left time.Duration) *shifted {
	return &shifted{by: time.Until(instant.Add(-left))}
}

// Now is the time on the clock.
func (c *shifted) Now() time.Time { return time.Now().Add(c.by) }

// Since counts by the clock.
func (c *shifted) Since(t time.Time) time.Duration { return c.Now().Sub(t) }

// silent answers for gateways that do not run.
type silent struct{}

// Fetch gives no answer.
func (silent) Fetch(context.Context, observe.Target) (status.Report, error) {
	return status.Report{}, errors.New("no gateway runs")
}

// midnight is a fleet whose Connectors are paused: they are judged as all others are, and need neither pods nor certificates for it. A duty
// of every second one is overdue from a midnight on, and one of every other one has been due soon for days by then.
type midnight struct {
	*fleet.Fleet
	at time.Time
	// performed is the day of the records, longAgo that of the duty that comes to be overdue, and lately that of the duty that is due soon.
	performed, longAgo, lately civil.Date
}

// dueSoonDays is more than it takes from the day of the duty that is due soon until it is due.
const dueSoonDays = 30

func newMidnight() *midnight {
	m := &midnight{Fleet: fleet.New("midnight", authority, shared.anchor, fleet.Size{Agencies: *atMidnight / sitesAtMidnight, Sites: sitesAtMidnight})}
	zone := compliance.Zone(nil)
	today := civil.In(time.Now(), zone)
	m.performed, m.longAgo, m.lately = today.AddDays(-10), today.AddMonths(-12), today.AddMonths(-12).AddDays(dueSoonDays/2)
	m.at = m.longAgo.AddMonths(12).AddDays(1).Start(zone)
	m.Profile.Spec.Approval = &v1alpha1.ApprovalRequirements{
		Appraiser: v1alpha1.ResponsibleParty{Role: v1alpha1.RoleSecurityUnit}, Approver: v1alpha1.ResponsibleParty{Role: v1alpha1.RoleSystemOwner},
	}
	for _, kind := range duties() {
		m.Profile.Spec.Duties = append(m.Profile.Spec.Duties, v1alpha1.Duty{Kind: kind, IntervalMonths: new(int32(12)), DueSoonDays: new(int32(dueSoonDays))})
	}
	return m
}

func duties() []string {
	return []string{
		v1alpha1.EvidencePenetrationTest, v1alpha1.EvidenceVulnerabilityScan, v1alpha1.EvidenceRestoreTest, v1alpha1.EvidenceAccountReview,
		v1alpha1.EvidenceIncidentDrill, v1alpha1.EvidenceRiskReview, v1alpha1.EvidenceLogReview,
	}
}

// records are the ten of one Connector.
func (m *midnight) records(c *v1alpha1.Connector, late bool) []*v1alpha1.ComplianceEvidence {
	var all []*v1alpha1.ComplianceEvidence
	steps := []string{v1alpha1.EvidenceLevelDetermination, v1alpha1.EvidenceLevelAppraisal, v1alpha1.EvidenceLevelApproval}
	for i, kind := range append(steps, duties()...) {
		record := &v1alpha1.ComplianceEvidence{
			ObjectMeta: metav1.ObjectMeta{Namespace: c.Namespace, Name: c.Name + "-" + strings.ToLower(kind)},
			Spec: v1alpha1.ComplianceEvidenceSpec{
				ConnectorRef: v1alpha1.ConnectorReference{Name: c.Name}, Kind: kind, PerformedAt: v1alpha1.CivilDate(m.performed.String()),
				PerformedBy:             v1alpha1.Performer{AgencyRef: &c.Spec.AgencyRef, Unit: "Đơn vị chuyên trách"},
				IndependentOfOperations: new(true), Outcome: v1alpha1.EvidenceOutcome{Result: v1alpha1.EvidencePassed},
				Document: v1alpha1.DocumentReference{Reference: "12/QĐ-ATTT", SHA256: strings.Repeat("0a", 32)},
			},
		}
		if i < len(steps) {
			record.Spec.Level = &c.Spec.SecurityLevel
		}
		switch {
		case kind != v1alpha1.EvidencePenetrationTest:
		case late:
			record.Spec.PerformedAt = v1alpha1.CivilDate(m.longAgo.String())
		default:
			record.Spec.PerformedAt = v1alpha1.CivilDate(m.lately.String())
		}
		all = append(all, record)
	}
	return all
}

// declare creates the platform, the Connectors and their records.
func (m *midnight) declare(t *testing.T) {
	t.Helper()
	t.Cleanup(func() { m.clear(t) })
	if err := m.CreatePlatform(t.Context(), shared.env.Client); err != nil {
		t.Fatal(err)
	}
	begin := time.Now()
	err := m.Each(t.Context(), func(ctx context.Context, c *v1alpha1.Connector) error {
		c.Spec.Paused = new(true)
		if err := shared.env.Client.Create(ctx, c); err != nil {
			return fmt.Errorf("creating Connector %s: %w", client.ObjectKeyFromObject(c), err)
		}
		for _, record := range m.records(c, isLate(c)) {
			if err := shared.env.Client.Create(ctx, record); err != nil {
				return fmt.Errorf("creating ComplianceEvidence %s: %w", client.ObjectKeyFromObject(record), err)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d Connectors with ten records each were created in %s", m.Connectors(), time.Since(begin).Round(time.Millisecond))
}

// isLate is every second Connector.
func isLate(c *v1alpha1.Connector) bool { return (c.Name[len(c.Name)-1]-'0')%2 == 1 }

// clear removes everything, and waits until it is gone: another test counts what is there.
func (m *midnight) clear(t *testing.T) {
	t.Helper()
	// The test's own context has ended by now.
	ctx := context.Background()
	if err := m.DeletePlatform(ctx, shared.env.Client); err != nil {
		t.Error(err)
	}
	err := fleet.Await(ctx, patience, func() error {
		var namespaces corev1.NamespaceList
		if err := shared.env.Client.List(ctx, &namespaces); err != nil {
			return err
		}
		for i := range namespaces.Items {
			if strings.HasPrefix(namespaces.Items[i].Name, m.Name+"-") {
				return fmt.Errorf("namespace %s is still there", namespaces.Items[i].Name)
			}
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// run starts an operator that long before midnight, and waits until it has looked at everything and written what there is to write.
func (m *midnight) run(t *testing.T, left time.Duration) (operator *trial.InProcess, stop func()) {
	t.Helper()
	var err error
	operator, err = trial.StartInProcessBy(
		t.Context(), until(m.at, left), shared.env.OperatorConfig(), calls.NewRecorder(shared.env.Scheme, calls.OfConnector), silent{}, timing())
	if err != nil {
		t.Fatal(err)
	}
	stop = sync.OnceFunc(func() {
		if err := operator.Stop(); err != nil {
			t.Errorf("the operator ended with %v", err)
		}
	})
	t.Cleanup(stop)
	if err := fleet.Await(t.Context(), patience, func() error { return operator.Looked(m.Size) }); err != nil {
		t.Fatal(err)
	}
	if err := trial.Settle(t.Context(), operator, patience); err != nil {
		t.Fatal(err)
	}
	return operator, stop
}

// overdue counts the Connectors with a duty that is.
func (m *midnight) overdue(t *testing.T) int {
	t.Helper()
	return m.duties(t, v1alpha1.DutyOverdue)
}

// duties counts those in a state.
func (m *midnight) duties(t *testing.T, state v1alpha1.DutyState) int {
	t.Helper()
	var list v1alpha1.ConnectorList
	if err := shared.env.Client.List(t.Context(), &list); err != nil {
		t.Fatal(err)
	}
	n := 0
	for i := range list.Items {
		for _, s := range list.Items[i].Status.Compliance {
			for _, d := range s.Duties {
				if d.State == state {
					n++
				}
			}
		}
	}
	return n
}

// TestMidnight lets a midnight come at which a duty of every second Connector comes to be overdue: the operator writes that, once each, and
// nothing else, and asks the API server for nothing. A duty of the others is due soon, a day sooner than the day before, of which nothing is
// written.
func TestMidnight(t *testing.T) {
	m := newMidnight()
	m.declare(t)
	// What the operator has to write at all, it writes well before.
	_, stop := m.run(t, 6*time.Hour)
	if n := m.overdue(t); n > 0 {
		t.Errorf("%d duties are overdue too early", n)
	}
	if n := m.duties(t, v1alpha1.DutyDueSoon); n != m.Connectors() {
		t.Errorf("%d duties are due soon, want one of each of the %d Connectors", n, m.Connectors())
	}
	stop()

	// Longer than it takes to look at everything, and to find that nothing is to be written.
	left := 20*time.Second + time.Duration(m.Connectors())*20*time.Millisecond
	midnight := time.Now().Add(left)
	operator, _ := m.run(t, left)
	made, err := operator.Calls()
	if err != nil {
		t.Fatal(err)
	}
	if writes := calls.Writes(made); len(writes) > 0 {
		t.Errorf("before midnight the operator wrote: %s", list(writes[:min(len(writes), 10)]))
	}
	if !time.Now().Before(midnight) {
		t.Fatal("the operator has not looked at everything before midnight; give it more time")
	}
	before := len(made)
	if made, err = trial.Observe(t.Context(), operator, time.Until(midnight)); err != nil || len(calls.Writes(made)) > 0 {
		t.Errorf("before midnight the operator wrote: %s, %v", list(calls.Writes(made)), err)
	}
	want := m.Connectors() / 2
	if err := fleet.Await(t.Context(), patience, func() error {
		if n := m.overdue(t); n != want {
			return fmt.Errorf("%d duties are overdue, want %d", n, want)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if err := trial.Settle(t.Context(), operator, patience); err != nil {
		t.Fatal(err)
	}
	if made, err = operator.Calls(); err != nil {
		t.Fatal(err)
	}
	m.check(t, made[before:], midnight, want)
}

func (m *midnight) check(t *testing.T, made []calls.Call, midnight time.Time, want int) {
	t.Helper()
	checkReads(t, made)
	writes := calls.Writes(made)
	counts := calls.ByClass(writes)
	// The plan has a day less of slack, whoever is overdue.
	if expected := map[string]int{
		"patch connectors.lienthong.gov.vn/status": want, "create events.events.k8s.io": want, "patch rolloutplans.lienthong.gov.vn/status": 1,
	}; !maps.Equal(counts, expected) {
		t.Errorf("the operator wrote\n%s want\n%s", calls.Format(counts), calls.Format(expected))
	}
	if len(writes) > 0 {
		t.Logf("%d Connectors with ten records each: %d duties overdue, the last was told %s after midnight; calls:\n%s",
			m.Connectors(), want, writes[len(writes)-1].End.Sub(midnight).Round(time.Millisecond), calls.Format(calls.ByClass(made)))
	}
}
