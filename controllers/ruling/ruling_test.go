package ruling

import (
	"context"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/index"
	"lienthong.gov.vn/connector-operator/controllers/staging"
)

const (
	ours   = "nd331-2026"
	theirs = "nd85-2016"
)

// indexer lets the fake client have the indexes of the manager's cache.
type indexer struct{ builder *fake.ClientBuilder }

func (i indexer) IndexField(_ context.Context, obj client.Object, field string, value client.IndexerFunc) error {
	i.builder.WithIndex(obj, field, value)
	return nil
}

func reader(t *testing.T, objects ...client.Object) client.Reader {
	t.Helper()
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{v1alpha1.AddToScheme, appsv1.AddToScheme} {
		if err := add(scheme); err != nil {
			t.Fatal(err)
		}
	}
	builder := fake.NewClientBuilder().WithScheme(scheme).WithObjects(objects...)
	if err := index.Register(t.Context(), indexer{builder}); err != nil {
		t.Fatal(err)
	}
	return builder.Build()
}

func profileOf(regime string, level v1alpha1.SecurityLevel) *v1alpha1.SecurityProfile {
	p := lenient()
	p.Name, p.Spec.Regime, p.Spec.Level = regime+"-"+index.Level(level), regime, level
	// Each level has a life of its own, by which it is known.
	p.Spec.Certificate.Duration = hours(100 * int(level))
	return p
}

func approvalOf(level v1alpha1.SecurityLevel, performedAt v1alpha1.CivilDate) *v1alpha1.ComplianceEvidence {
	return &v1alpha1.ComplianceEvidence{
		ObjectMeta: metav1.ObjectMeta{Namespace: "g12", Name: "approval-" + index.Level(level)},
		Spec: v1alpha1.ComplianceEvidenceSpec{
			ConnectorRef: v1alpha1.ConnectorReference{Name: "main"}, Kind: v1alpha1.EvidenceLevelApproval, Level: &level, PerformedAt: performedAt,
			PerformedBy: v1alpha1.Performer{Organisation: "Ministry"}, Outcome: v1alpha1.EvidenceOutcome{Result: v1alpha1.EvidencePassed},
		},
	}
}

func TestResolve(t *testing.T) {
	level := func(l v1alpha1.SecurityLevel) *v1alpha1.SecurityLevel { return &l }
	tests := map[string]struct {
		change   func(c *v1alpha1.Connector)
		add      []client.Object
		without  string
		approved *v1alpha1.SecurityLevel
		level    v1alpha1.SecurityLevel
		life     metav1.Duration
		lax      int
		others   []string
	}{
		"before the first approval, the declared level": {level: 3, life: hours(300)},
		"the approved level, below the declared one": {
			add: []client.Object{approvalOf(2, "2026-01-10")}, approved: level(2), level: 2, life: hours(200),
		},
		"the newest approval": {
			add:      []client.Object{approvalOf(2, "2026-01-10"), approvalOf(3, "2026-02-10")},
			approved: level(3), level: 3, life: hours(300),
		},
		"an approval of tomorrow": {add: []client.Object{approvalOf(2, "2026-06-02")}, level: 3, life: hours(300)},
		"an approved level without a profile": {
			add: []client.Object{approvalOf(5, "2026-01-10")}, approved: level(5), level: 5,
		},
		"with what the Connector asks for beyond": {
			change: func(c *v1alpha1.Connector) {
				c.Spec.Hardening = &v1alpha1.Hardening{CertificateDuration: new(hours(24)), MinTLSVersion: v1alpha1.VersionTLS12}
			}, level: 3, life: hours(24),
		},
		"with a wish for less": {
			change: func(c *v1alpha1.Connector) {
				c.Spec.Hardening = &v1alpha1.Hardening{CertificateDuration: new(hours(301))}
			}, level: 3, life: hours(300), lax: 1,
		},
		"other regimes by the declared level, unless they have ended": {
			add: []client.Object{
				approvalOf(2, "2026-01-10"), profileOf(theirs, 2), profileOf(theirs, 3),
				endingOn("old", "2026-06-01"), endingOn("ending", "2026-06-02"),
			}, approved: level(2), level: 2, life: hours(200), others: []string{"ending-3", theirs + "-3"},
		},
		"while the hub is gone, what was told": {
			change: func(c *v1alpha1.Connector) { c.Status.ApprovedLevel = level(2) }, without: "hub", approved: level(2), level: 2,
			add: []client.Object{approvalOf(3, "2026-01-10")}, others: []string{ours + "-3"},
		},
		"while the agency is gone, what was told": {
			change: func(c *v1alpha1.Connector) { c.Status.ApprovedLevel = level(2) }, without: "agency", approved: level(2), level: 2, life: hours(200),
			add: []client.Object{approvalOf(3, "2026-01-10")},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			c := &v1alpha1.Connector{
				ObjectMeta: metav1.ObjectMeta{Namespace: "g12", Name: "main"},
				Spec: v1alpha1.ConnectorSpec{
					AgencyRef: v1alpha1.ObjectReference{Name: "agency"}, HubRef: v1alpha1.ObjectReference{Name: "hub"}, SecurityLevel: 3,
				},
			}
			if tt.change != nil {
				tt.change(c)
			}
			objects := []client.Object{c, profileOf(ours, 2), profileOf(ours, 3)}
			if tt.without != "agency" {
				objects = append(objects, &v1alpha1.Agency{ObjectMeta: metav1.ObjectMeta{Name: "agency"}})
			}
			if tt.without != "hub" {
				objects = append(objects, &v1alpha1.ExchangeHub{ObjectMeta: metav1.ObjectMeta{Name: "hub"}, Spec: v1alpha1.ExchangeHubSpec{Regime: ours}})
			}
			got, err := Resolve(t.Context(), reader(t, append(objects, tt.add...)...), "lienthong-system", c, noon())
			if err != nil {
				t.Fatal(err)
			}
			if !same(got.Approved, tt.approved) || got.Level != tt.level || len(got.Lax) != tt.lax {
				t.Errorf("approved %v, ruling %d, refused %+v; want %v, %d and %d", got.Approved, got.Level, got.Lax, tt.approved, tt.level, tt.lax)
			}
			switch {
			case got.Profile == nil && tt.life.Duration == 0:
			case got.Profile == nil || got.Profile.Spec.Certificate.Duration != tt.life:
				t.Errorf("the profile is %+v, want one with a life of %s", got.Profile, tt.life.Duration)
			}
			var others []string
			for _, p := range got.Others {
				others = append(others, p.Name)
			}
			if len(others) != len(tt.others) {
				t.Fatalf("the other profiles are %v, want %v", others, tt.others)
			}
			for i := range others {
				if others[i] != tt.others[i] {
					t.Errorf("the other profiles are %v, want %v", others, tt.others)
				}
			}
		})
	}
}

// A change of a profile is hardened in its turn and not before.
func TestResolveByRevision(t *testing.T) {
	p := profileOf(ours, 3)
	stored, err := staging.ProfileObject(p, "lienthong-system")
	if err != nil {
		t.Fatal(err)
	}
	has := staging.Revision(p.Spec)
	p.Spec.Certificate.Duration = hours(50)
	c := &v1alpha1.Connector{
		ObjectMeta: metav1.ObjectMeta{Namespace: "g12", Name: "main"},
		Spec: v1alpha1.ConnectorSpec{
			AgencyRef: v1alpha1.ObjectReference{Name: "agency"}, HubRef: v1alpha1.ObjectReference{Name: "hub"}, SecurityLevel: 3,
			Hardening: &v1alpha1.Hardening{CertificateDuration: new(hours(150))},
		},
		Status: v1alpha1.ConnectorStatus{SecurityLevel: 3, Profile: p.Name, ProfileRevision: has},
	}
	hub := &v1alpha1.ExchangeHub{ObjectMeta: metav1.ObjectMeta{Name: "hub"}, Spec: v1alpha1.ExchangeHubSpec{Regime: ours}}
	before, err := Resolve(t.Context(), reader(t, c, hub, p, stored), "lienthong-system", c, noon())
	if err != nil {
		t.Fatal(err)
	}
	if before.Staged.Newest || before.Profile.Spec.Certificate.Duration != hours(150) || len(before.Lax) > 0 {
		t.Errorf("before its turn the Connector has a life of %s, refused: %+v", before.Profile.Spec.Certificate.Duration.Duration, before.Lax)
	}
	if before.Newest.Spec.Certificate.Duration != hours(50) {
		t.Errorf("the profile is known with a life of %s", before.Newest.Spec.Certificate.Duration.Duration)
	}
	p.Status.Rollout = &v1alpha1.RolloutProgress{
		Revision: staging.Revision(p.Spec), Batch: []v1alpha1.RolloutTurn{{Namespace: "g12", Name: "main"}},
	}
	inTurn, err := Resolve(t.Context(), reader(t, c, hub, p, stored), "lienthong-system", c, noon())
	if err != nil {
		t.Fatal(err)
	}
	if !inTurn.Staged.Newest || inTurn.Profile.Spec.Certificate.Duration != hours(50) || len(inTurn.Lax) != 1 {
		t.Errorf("in its turn the Connector has a life of %s, refused: %+v", inTurn.Profile.Spec.Certificate.Duration.Duration, inTurn.Lax)
	}
}

func noon() time.Time { return time.Date(2026, 6, 1, 5, 0, 0, 0, time.UTC) }

func endingOn(regime string, until v1alpha1.CivilDate) *v1alpha1.SecurityProfile {
	p := profileOf(regime, 3)
	p.Spec.Validity = &v1alpha1.Validity{From: "2016-07-01", Until: until}
	return p
}

func same(a, b *v1alpha1.SecurityLevel) bool {
	if a == nil || b == nil {
		return a == b
	}
	return *a == *b
}
