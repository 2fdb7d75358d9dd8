package metrics

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

func when(t testing.TB, s string) metav1.Time {
	t.Helper()
	instant, err := time.Parse(time.RFC3339, s)
	if err != nil {
		t.Fatal(err)
	}
	return metav1.NewTime(instant)
}

func connector(t testing.TB) *v1alpha1.Connector {
	t.Helper()
	return &v1alpha1.Connector{
		ObjectMeta: metav1.ObjectMeta{Namespace: "mof", Name: "main", Generation: 3},
		Spec: v1alpha1.ConnectorSpec{
			AgencyRef: v1alpha1.ObjectReference{Name: "ministry-of-finance"}, HubRef: v1alpha1.ObjectReference{Name: "national-hub"},
		},
		Status: v1alpha1.ConnectorStatus{
			SecurityLevel: 3, Profile: "nd331-2026-3",
			Conditions: []metav1.Condition{
				{Type: v1alpha1.ConditionReady, Status: metav1.ConditionTrue, ObservedGeneration: 3},
				{Type: v1alpha1.ConditionCompliant, Status: metav1.ConditionTrue, ObservedGeneration: 3},
				{Type: v1alpha1.ConditionHubConnected, Status: metav1.ConditionFalse, ObservedGeneration: 3},
				{Type: v1alpha1.ConditionAccepted, Status: metav1.ConditionTrue, ObservedGeneration: 2},
			},
			Compliance: []v1alpha1.ComplianceStatus{
				{Regime: "nd331-2026", Duties: []v1alpha1.DutyStatus{
					{Kind: "PenetrationTest", State: v1alpha1.DutyDueSoon}, {Kind: "RestoreTest", State: v1alpha1.DutySatisfied},
					{Kind: "RiskReview", State: v1alpha1.DutySatisfied},
				}},
				{Regime: "nd85-2016", Duties: []v1alpha1.DutyStatus{{Kind: "PenetrationTest", State: v1alpha1.DutyOverdue}}},
			},
			Certificate: &v1alpha1.CertificateStatus{
				NotBefore: new(when(t, "2025-12-01T00:00:00Z")), RenewalTime: new(when(t, "2026-11-01T00:00:00Z")),
				NotAfter: new(when(t, "2026-12-01T00:00:00Z")), ExpiryWarning: &metav1.Duration{Duration: 14 * 24 * time.Hour},
			},
			Rotation: &v1alpha1.RotationStatus{
				ToSerialNumber: "a1", IssuedAt: new(when(t, "2025-12-01T00:00:00Z")), ServedAt: new(when(t, "2025-12-01T00:00:02Z")),
				Duration: &metav1.Duration{Duration: 2500 * time.Millisecond},
			},
			ObservedPods: &v1alpha1.ObservedPods{Current: new(int32(1)), Total: new(int32(3)), Trusting: new(int32(2))},
		},
	}
}

func hub(t *testing.T) *v1alpha1.ExchangeHub {
	t.Helper()
	anchor := func(name, digit string, state v1alpha1.TrustAnchorState) v1alpha1.ObservedTrustAnchor {
		return v1alpha1.ObservedTrustAnchor{Name: name, SHA256: strings.Repeat(digit, 64), NotAfter: when(t, "2030-01-01T00:00:00Z"), State: state}
	}
	return &v1alpha1.ExchangeHub{
		ObjectMeta: metav1.ObjectMeta{Name: "national-hub"},
		Spec: v1alpha1.ExchangeHubSpec{
			Revocations: []v1alpha1.Revocation{{SerialNumber: "a1"}, {SerialNumber: "b2"}},
		},
		Status: v1alpha1.ExchangeHubStatus{
			TrustAnchors: []v1alpha1.ObservedTrustAnchor{
				anchor("root-2026", "a", v1alpha1.TrustAnchorTrusted), anchor("root-2026", "a", v1alpha1.TrustAnchorTrusted),
				anchor("root-2025", "b", v1alpha1.TrustAnchorHeld), anchor("root-2024", "c", v1alpha1.TrustAnchorDistrusted),
			},
			RevokedIdentities: []v1alpha1.RevokedIdentity{{SPIFFEID: "spiffe://lienthong.test/agency/x/connector/a/b"}},
			Rollover: &v1alpha1.RolloverStatus{
				Phase: v1alpha1.RolloverReissuing, Trusting: new(int32(20)), Reissued: new(int32(7)), Waiting: new(int32(3)),
				Failed: []v1alpha1.RolloverFailure{{}},
			},
		},
	}
}

func profile() *v1alpha1.SecurityProfile {
	return &v1alpha1.SecurityProfile{
		ObjectMeta: metav1.ObjectMeta{Name: "nd331-2026-3"},
		Status: v1alpha1.SecurityProfileStatus{Rollout: &v1alpha1.RolloutProgress{
			Phase: v1alpha1.RolloutPaused, Total: new(int32(27)), Updated: new(int32(9)), Waiting: new(int32(16)),
			Failed: []v1alpha1.RolloutFailure{{}, {}},
		}},
	}
}

func class() *v1alpha1.ConnectorClass {
	return &v1alpha1.ConnectorClass{
		ObjectMeta: metav1.ObjectMeta{Name: "gateway"},
		Status: v1alpha1.ConnectorClassStatus{Rollout: &v1alpha1.RolloutProgress{
			Phase: v1alpha1.RolloutUnderWay, Total: new(int32(27)), Updated: new(int32(17)), Waiting: new(int32(6)),
		}},
	}
}

// plan has a milestone with each boundary; the first has slack, which is gone since three working days.
func plan() *v1alpha1.RolloutPlan {
	deadline := func(boundary v1alpha1.DeadlineBoundary, date v1alpha1.CivilDate) v1alpha1.Deadline {
		return v1alpha1.Deadline{Boundary: boundary, Date: date}
	}
	return &v1alpha1.RolloutPlan{
		ObjectMeta: metav1.ObjectMeta{Name: "decision-28", Generation: 2},
		Spec:       v1alpha1.RolloutPlanSpec{TimeZone: "Asia/Ho_Chi_Minh"},
		Status: v1alpha1.RolloutPlanStatus{
			Conditions: []metav1.Condition{{Type: v1alpha1.ConditionAccepted, Status: metav1.ConditionTrue, ObservedGeneration: 2}},
			Cohorts:    []v1alpha1.CohortStatus{{Name: "ready-2018", Agencies: new(int32(25))}},
			Milestones: []v1alpha1.MilestoneStatus{
				{
					Name: "pilot", Cohort: "ready-2018", Deadline: deadline(v1alpha1.DeadlineBefore, "2018-12-31"),
					Pending: new(int32(1)), OnTrack: new(int32(2)), AtRisk: new(int32(3)), Overdue: new(int32(4)),
					Met: new(int32(5)), MetLate: new(int32(6)), Exempt: new(int32(4)),
					Slack: &v1alpha1.MilestoneSlack{Agency: "g12", LatestStart: "2018-11-27", WorkingDays: new(int32(-3)), AsOf: "2018-11-30"},
				},
				{Name: "official", Cohort: "ready-2018", Deadline: deadline(v1alpha1.DeadlineInForceFrom, "2019-01-01"), Met: new(int32(25))},
				{Name: "connected", Cohort: "ready-2018", Deadline: deadline(v1alpha1.DeadlineOnOrBefore, "2019-06-30"), Pending: new(int32(25))},
			},
		},
	}
}

func testScheme(t testing.TB) *runtime.Scheme {
	t.Helper()
	scheme := runtime.NewScheme()
	if err := v1alpha1.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	return scheme
}

func reader(t *testing.T, objects ...client.Object) client.Reader {
	t.Helper()
	return fake.NewClientBuilder().WithScheme(testScheme(t)).WithObjects(objects...).Build()
}

func fails(t *testing.T) func(error) {
	t.Helper()
	return func(err error) { t.Error(err) }
}

func TestFigures(t *testing.T) {
	c := New(reader(t, connector(t), hub(t), profile(), class(), plan()), fails(t))
	want, err := os.Open("testdata/figures.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = want.Close() }()
	if err := testutil.CollectAndCompare(c, want); err != nil {
		t.Error(err)
	}
	problems, err := testutil.CollectAndLint(c)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Errorf("%s: %s", p.Metric, p.Text)
	}
}

// What was not seen is missing, not zero.
func TestFiguresOfNewObjects(t *testing.T) {
	bare := &v1alpha1.Connector{ObjectMeta: metav1.ObjectMeta{Namespace: "mof", Name: "main"}}
	c := New(reader(t, bare, &v1alpha1.ExchangeHub{ObjectMeta: metav1.ObjectMeta{Name: "national-hub"}},
		&v1alpha1.SecurityProfile{ObjectMeta: metav1.ObjectMeta{Name: "nd331-2026-3"}},
		&v1alpha1.RolloutPlan{ObjectMeta: metav1.ObjectMeta{Name: "decision-28"}}), fails(t))
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(c)
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, family := range families {
		got = append(got, family.GetName())
		for _, m := range family.GetMetric() {
			if value := m.GetGauge().GetValue(); value != 0 && family.GetName() != "lienthong_connector_info" {
				t.Errorf("%s is %v, although nothing was seen", family.GetName(), value)
			}
		}
	}
	want := []string{
		"lienthong_connector_compliant", "lienthong_connector_info", "lienthong_connector_paused", "lienthong_connector_ready",
		"lienthong_hub_connectors", "lienthong_hub_ready", "lienthong_hub_revocations", "lienthong_plan_accepted",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("what is told of new objects differs (-want +got):\n%s", diff)
	}
}

// A certificate that some pod does not serve yet is told by the time of its issuance, and its rotation has no duration.
func TestRotationUnderWay(t *testing.T) {
	c := connector(t)
	c.Status.Rotation = &v1alpha1.RotationStatus{ToSerialNumber: "a1", IssuedAt: new(when(t, "2026-11-01T00:00:00Z"))}
	const name = "lienthong_connector_rotation_pending_since_timestamp_seconds"
	want := `
# HELP ` + name + ` When a certificate was issued that some pod does not serve yet, in seconds since 1970; missing while all pods serve the newest one.
# TYPE ` + name + ` gauge
` + name + `{agency="ministry-of-finance",connector="main",namespace="mof"} 1.7934912e+09
`
	err := testutil.CollectAndCompare(New(reader(t, c), fails(t)), strings.NewReader(want), name, "lienthong_connector_rotation_duration_seconds")
	if err != nil {
		t.Error(err)
	}
}

// Days of a plan whose zone is none, or is that of whatever machine the operator runs on, are no instants.
func TestDaysWithoutAZone(t *testing.T) {
	for _, zone := range []string{"", "Local", "Asia/Hanoi"} {
		p := plan()
		p.Spec.TimeZone = zone
		n := testutil.CollectAndCount(New(reader(t, p), fails(t)),
			"lienthong_plan_milestone_deadline_timestamp_seconds", "lienthong_plan_milestone_latest_start_timestamp_seconds")
		if n != 0 {
			t.Errorf("in the zone %q there are %d instants", zone, n)
		}
	}
}

// A certificate far from its end has the warning 0, so that an alert can be written as a comparison.
func TestNoWarning(t *testing.T) {
	far := connector(t)
	far.Status.Certificate.ExpiryWarning = nil
	const name = "lienthong_connector_certificate_expiry_warning_seconds"
	want := `
# HELP ` + name + ` The smallest distance to the end of the newest certificate that is reached, in seconds; 0 while none is.
# TYPE ` + name + ` gauge
` + name + `{agency="ministry-of-finance",connector="main",namespace="mof"} 0
`
	if err := testutil.CollectAndCompare(New(reader(t, far), fails(t)), strings.NewReader(want), name); err != nil {
		t.Error(err)
	}
}

// unreadable is a cache that has not started.
type unreadable struct{ client.Reader }

var errUnreadable = errors.New("the cache is not started")

// List gives an error.
func (unreadable) List(context.Context, client.ObjectList, ...client.ListOption) error {
	return errUnreadable
}

// A scrape that cannot read has none of these figures, and all others.
func TestUnreadableCache(t *testing.T) {
	var told error
	registry := prometheus.NewPedanticRegistry()
	other := prometheus.NewGauge(prometheus.GaugeOpts{Name: "other", Help: "Another figure."})
	registry.MustRegister(New(unreadable{}, func(err error) { told = err }), other)
	if n, err := testutil.GatherAndCount(registry); n != 1 || err != nil {
		t.Errorf("%d figures, %v", n, err)
	}
	if !errors.Is(told, errUnreadable) {
		t.Errorf("the problem told is %v", told)
	}
}

// announced tells when something was registered, or would have been.
type announced struct {
	prometheus.Registerer
	registered chan struct{}
}

// Register announces itself.
func (a *announced) Register(c prometheus.Collector) error {
	defer func() { a.registered <- struct{}{} }()
	return a.Registerer.Register(c)
}

func lead(t *testing.T, registry prometheus.Registerer) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	a := &announced{registry, make(chan struct{})}
	go func() { done <- (&leading{New(reader(t, connector(t)), fails(t)), a}).Start(ctx) }()
	<-a.registered
	return func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

// A leader tells the figures until its time is over; the next one in the same process then does. One that runs beside it lets it.
func TestLeadersFollowEachOther(t *testing.T) {
	registry := prometheus.NewPedanticRegistry()
	expect := func(figures int) {
		t.Helper()
		if n, err := testutil.GatherAndCount(registry); n != figures || err != nil {
			t.Errorf("%d figures, want %d: %v", n, figures, err)
		}
	}
	for range 2 {
		stop := lead(t, registry)
		expect(22)
		beside := lead(t, registry)
		expect(22)
		beside()
		expect(22)
		stop()
		expect(0)
	}
}

// country is a reader of as many Connectors as a whole country has, and of one plan for all of them.
type country struct {
	client.Reader
	connectors v1alpha1.ConnectorList
}

// List gives the Connectors without a copy, as the cache does.
func (c *country) List(ctx context.Context, list client.ObjectList, options ...client.ListOption) error {
	if connectors, ok := list.(*v1alpha1.ConnectorList); ok {
		*connectors = c.connectors
		return nil
	}
	return c.Reader.List(ctx, list, options...)
}

// The figures of a plan do not grow with its agencies, and those of 5,000 Connectors with nothing but them.
func TestFiguresOfACountry(t *testing.T) {
	c := &country{Reader: reader(t, hub(t), profile(), plan()), connectors: v1alpha1.ConnectorList{Items: make([]v1alpha1.Connector, 5000)}}
	for i := range c.connectors.Items {
		c.connectors.Items[i] = *connector(t)
		c.connectors.Items[i].Name = fmt.Sprintf("c%d", i)
	}
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(New(c, fails(t)))
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	per := map[bool]int{}
	for _, family := range families {
		per[strings.HasPrefix(family.GetName(), "lienthong_connector_")] += len(family.GetMetric())
	}
	if perConnector := per[true] / 5000; perConnector > 24 || per[false] > 60 {
		t.Errorf("%d figures of each Connector, and %d of all else", perConnector, per[false])
	}
}

// BenchmarkScrape is what a scrape costs with 5,000 Connectors, but for what is sent.
func BenchmarkScrape(b *testing.B) {
	c := &country{
		Reader: fake.NewClientBuilder().WithScheme(testScheme(b)).Build(), connectors: v1alpha1.ConnectorList{Items: make([]v1alpha1.Connector, 5000)},
	}
	for i := range c.connectors.Items {
		c.connectors.Items[i] = *connector(b)
		c.connectors.Items[i].Name = fmt.Sprintf("c%d", i)
	}
	registry := prometheus.NewRegistry()
	registry.MustRegister(New(c, func(err error) { b.Error(err) }))
	for b.Loop() {
		if _, err := registry.Gather(); err != nil {
			b.Fatal(err)
		}
	}
}
