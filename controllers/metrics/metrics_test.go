package metrics

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

func when(t *testing.T, s string) metav1.Time {
	t.Helper()
	instant, err := time.Parse(time.RFC3339, s)
	if err != nil {
		t.Fatal(err)
	}
	return metav1.NewTime(instant)
}

func connector(t *testing.T) *v1alpha1.Connector {
	t.Helper()
	return &v1alpha1.Connector{
		ObjectMeta: metav1.ObjectMeta{Namespace: "mof", Name: "main", Generation: 3},
		Spec:       v1alpha1.ConnectorSpec{AgencyRef: v1alpha1.ObjectReference{Name: "ministry-of-finance"}},
		Status: v1alpha1.ConnectorStatus{
			Conditions: []metav1.Condition{
				{Type: v1alpha1.ConditionReady, Status: metav1.ConditionTrue, ObservedGeneration: 3},
				{Type: v1alpha1.ConditionCompliant, Status: metav1.ConditionTrue, ObservedGeneration: 3},
			},
			Compliance: []v1alpha1.ComplianceStatus{
				{Regime: "nd331-2026", Duties: []v1alpha1.DutyStatus{
					{Kind: "PenetrationTest", State: v1alpha1.DutyDueSoon}, {Kind: "RestoreTest", State: v1alpha1.DutySatisfied},
					{Kind: "RiskReview", State: v1alpha1.DutySatisfied},
				}},
				{Regime: "nd85-2016", Duties: []v1alpha1.DutyStatus{{Kind: "PenetrationTest", State: v1alpha1.DutyOverdue}}},
			},
			Certificate: &v1alpha1.CertificateStatus{
				NotAfter: new(when(t, "2026-12-01T00:00:00Z")), ExpiryWarning: &metav1.Duration{Duration: 14 * 24 * time.Hour},
			},
			Rotation:     &v1alpha1.RotationStatus{ToSerialNumber: "a1", Duration: &metav1.Duration{Duration: 2500 * time.Millisecond}},
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

func reader(t *testing.T, objects ...client.Object) client.Reader {
	t.Helper()
	scheme := runtime.NewScheme()
	if err := v1alpha1.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	return fake.NewClientBuilder().WithScheme(scheme).WithObjects(objects...).Build()
}

func fails(t *testing.T) func(error) {
	t.Helper()
	return func(err error) { t.Error(err) }
}

func TestFigures(t *testing.T) {
	c := New(reader(t, connector(t), hub(t)), fails(t))
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

// What was not seen is missing, not zero: only readiness and the absence of revocations are known from the start.
func TestFiguresOfNewObjects(t *testing.T) {
	bare := &v1alpha1.Connector{ObjectMeta: metav1.ObjectMeta{Namespace: "mof", Name: "main"}}
	c := New(reader(t, bare, &v1alpha1.ExchangeHub{ObjectMeta: metav1.ObjectMeta{Name: "national-hub"}}), fails(t))
	want := `
# HELP lienthong_connector_ready 1 if the Connector is ready as it is specified now, else 0.
# TYPE lienthong_connector_ready gauge
lienthong_connector_ready{agency="",connector="main",namespace="mof"} 0
# HELP lienthong_connector_compliant 1 if nothing is short of what the Connector's security level asks for under the regime of its hub, else 0.
# TYPE lienthong_connector_compliant gauge
lienthong_connector_compliant{agency="",connector="main",namespace="mof"} 0
# HELP lienthong_hub_revocations Revocations in force: those that the hub declares, and identities that lost the right to connect.
# TYPE lienthong_hub_revocations gauge
lienthong_hub_revocations{hub="national-hub"} 0
`
	if err := testutil.CollectAndCompare(c, strings.NewReader(want)); err != nil {
		t.Error(err)
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
		expect(18)
		beside := lead(t, registry)
		expect(18)
		beside()
		expect(18)
		stop()
		expect(0)
	}
}
