package dossier

import (
	"context"
	"slices"
	"testing"
	"time"
	_ "time/tzdata" // so that the zones are the same on every machine

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/event"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/index"
)

// indexer gives the indexes of the manager's cache to a fake client.
type indexer struct{ builder *fake.ClientBuilder }

func (i indexer) IndexField(_ context.Context, obj client.Object, field string, value client.IndexerFunc) error {
	i.builder.WithIndex(obj, field, value)
	return nil
}

func reader(t *testing.T, objects ...client.Object) client.Client {
	t.Helper()
	scheme := runtime.NewScheme()
	if err := v1alpha1.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	builder := fake.NewClientBuilder().WithScheme(scheme).WithObjects(objects...)
	if err := index.Register(t.Context(), indexer{builder}); err != nil {
		t.Fatal(err)
	}
	return builder.Build()
}

func agency(name, parent string) *v1alpha1.Agency {
	a := &v1alpha1.Agency{ObjectMeta: metav1.ObjectMeta{Name: name}}
	if parent != "" {
		a.Spec.ParentRef = &v1alpha1.ObjectReference{Name: parent}
	}
	return a
}

func connector(namespace, name, agency string) *v1alpha1.Connector {
	c := &v1alpha1.Connector{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name}}
	c.Spec.AgencyRef.Name, c.Spec.HubRef.Name = agency, "axis"
	return c
}

func record(namespace, name, connector, by string) *v1alpha1.ComplianceEvidence {
	e := &v1alpha1.ComplianceEvidence{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name}}
	e.Spec.ConnectorRef.Name = connector
	if by != "" {
		e.Spec.PerformedBy.AgencyRef = &v1alpha1.ObjectReference{Name: by}
	}
	return e
}

func waiver(namespace, name, connector string) *v1alpha1.DutyWaiver {
	w := &v1alpha1.DutyWaiver{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name}}
	w.Spec.ConnectorRef.Name = connector
	return w
}

func TestRead(t *testing.T) {
	hub := &v1alpha1.ExchangeHub{ObjectMeta: metav1.ObjectMeta{Name: "axis"}, Spec: v1alpha1.ExchangeHubSpec{Regime: "nd331-2026"}}
	tokyo := agency("mission", "mofa")
	tokyo.Spec.TimeZone = "Asia/Tokyo"
	shared := []client.Object{
		hub, agency("unit", "office"), agency("office", "ministry"), agency("ministry", ""),
		agency("orphan", "none"), agency("egg", "hen"), agency("hen", "egg"),
		tokyo, agency("mofa", ""), &v1alpha1.SecurityProfile{ObjectMeta: metav1.ObjectMeta{Name: "p"}},
		record("ns", "mine", "main", "egg"), record("ns", "by-none", "main", "none"), record("ns", "by-firm", "main", ""),
		record("ns", "another", "second", "hen"), record("other", "foreign", "main", "hen"),
		waiver("ns", "mine", "main"), waiver("ns", "another", "second"), waiver("other", "foreign", "main"),
	}
	tests := map[string]struct {
		connector *v1alpha1.Connector
		owners    []string
		agency    bool
		regime    string
		today     string
	}{
		"whose agency belongs to others": {connector("ns", "main", "unit"), []string{"unit", "office", "ministry"}, true, "nd331-2026", "2026-06-02"},
		"whose agency belongs to nobody": {connector("ns", "main", "ministry"), []string{"ministry"}, true, "nd331-2026", "2026-06-02"},
		"whose agency's parent is gone":  {connector("ns", "main", "orphan"), []string{"orphan"}, true, "nd331-2026", "2026-06-02"},
		"whose agencies form a circle":   {connector("ns", "main", "egg"), []string{"egg", "hen"}, true, "nd331-2026", "2026-06-02"},
		"whose agency is elsewhere":      {connector("ns", "main", "mission"), []string{"mission", "mofa"}, true, "nd331-2026", "2026-06-01"},
		"whose agency is gone":           {connector("ns", "main", "none"), nil, false, "nd331-2026", "2026-06-02"},
		"which is in another namespace":  {connector("other", "main", "unit"), nil, false, "", "2026-06-02"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			now := time.Date(2026, 6, 1, 17, 0, 0, 0, time.UTC)
			if tt.today == "2026-06-01" {
				now = time.Date(2026, 6, 1, 14, 59, 59, 999999999, time.UTC) // a nanosecond before midnight in Tokyo
			}
			c, err := Read(t.Context(), reader(t, append(shared, tt.connector)...), types.NamespacedName{Namespace: "ns", Name: "main"}, now)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.owners, c.Owners); diff != "" {
				t.Errorf("owners (-want +got):\n%s", diff)
			}
			if (c.Connector != nil) != (tt.connector.Namespace == "ns") || (c.Agency != nil) != tt.agency || c.Regime != tt.regime || c.Today.String() != tt.today {
				t.Errorf("the case has Connector %v, Agency %v, regime %q, and today is %s", c.Connector, c.Agency, c.Regime, c.Today)
			}
			if len(c.Profiles) != 1 || len(c.Records) != 3 || c.Records[2].Name != "mine" || len(c.Waivers) != 1 || c.Waivers[0].Name != "mine" {
				t.Errorf("the case has %d profiles, records %+v and waivers %+v", len(c.Profiles), c.Records, c.Waivers)
			}
			if len(c.Agencies) != 1 || c.Agencies["egg"] == nil || c.Agencies["egg"].Spec.ParentRef.Name != "hen" {
				t.Errorf("the agencies that performed something are %v", c.Agencies)
			}
		})
	}
}

func TestConnectorsOf(t *testing.T) {
	r := reader(t, agency("unit", "office"), agency("office", "ministry"), agency("ministry", ""), agency("egg", "hen"), agency("hen", "egg"),
		connector("a", "main", "unit"), connector("b", "main", "office"), connector("c", "main", "ministry"), connector("d", "main", "egg"))
	for name, want := range map[string][]string{
		"ministry": {"a/main", "b/main", "c/main"}, "office": {"a/main", "b/main"}, "unit": {"a/main"}, "hen": {"d/main"}, "none": nil,
	} {
		found, err := ConnectorsOf(t.Context(), r, name)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, key := range found {
			got = append(got, key.String())
		}
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("the Connectors of %s are %v, want %v", name, got, want)
		}
	}
}

func TestChanged(t *testing.T) {
	p := Changed(func(before, after *v1alpha1.Agency) bool { return before.Spec.TimeZone != after.Spec.TimeZone })
	moved := agency("a", "")
	moved.Spec.TimeZone = "Asia/Tokyo"
	if !p.Create(event.CreateEvent{Object: moved}) || !p.Delete(event.DeleteEvent{Object: moved}) {
		t.Error("what is made or removed does not pass")
	}
	if !p.Update(event.UpdateEvent{ObjectOld: agency("a", ""), ObjectNew: moved}) || p.Update(event.UpdateEvent{ObjectOld: moved, ObjectNew: moved}) {
		t.Error("not exactly the updates that differ pass")
	}
}
