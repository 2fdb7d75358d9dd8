package agency

import (
	"fmt"
	"testing"
	"time"
	_ "time/tzdata" // so that the zones are the same on every machine

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
	"pgregory.net/rapid"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/milestone"
)

func at(t testing.TB, s string) time.Time {
	t.Helper()
	instant, err := time.Parse(time.RFC3339, s)
	if err != nil {
		t.Fatal(err)
	}
	return instant
}

// observed is a scope with an Agency that nothing is wrong with, at noon of a day in 2018.
func observed(t testing.TB, edit ...func(*scope)) *scope {
	s := &scope{
		now:      at(t, "2018-11-01T05:00:00Z"),
		compiled: &milestone.Compiled{},
		agency: &v1alpha1.Agency{
			ObjectMeta: metav1.ObjectMeta{Name: "mof", Generation: 3},
			Spec:       v1alpha1.AgencySpec{Code: "G12", LegacyCode: "000.00.00.G12", Namespaces: []string{"g12"}},
		},
	}
	for _, e := range edit {
		e(s)
	}
	return s
}

func older(name string) *v1alpha1.Agency {
	return &v1alpha1.Agency{ObjectMeta: metav1.ObjectMeta{Name: name}}
}

func TestAccept(t *testing.T) {
	circle := func(names ...string) func(*scope) { return func(s *scope) { s.lineage = names } }
	mergedInto := func(names ...string) func(*scope) {
		return func(s *scope) {
			s.agency.Spec.SupersededBy, s.successors = &v1alpha1.ObjectReference{Name: names[0]}, names
		}
	}
	zoned := func(name string) func(*scope) { return func(s *scope) { s.agency.Spec.TimeZone = name } }
	long := []string{}
	for i := range 40 {
		long = append(long, fmt.Sprintf("unit-%d", i))
	}
	tests := map[string]struct {
		edit    func(*scope)
		status  metav1.ConditionStatus
		reason  string
		message string
	}{
		"accepted": {func(*scope) {}, metav1.ConditionTrue, v1alpha1.ReasonAccepted, "The agency is accepted."},
		"code taken": {func(s *scope) { s.codeHolder = older("finance") }, metav1.ConditionFalse, v1alpha1.ReasonDuplicateCode,
			"code G12 is already that of Agency finance, which is older; delete this Agency and create it with its own code, or delete the other one."},
		"legacy code taken": {func(s *scope) { s.legacyCodeHolder = older("finance") }, metav1.ConditionFalse, v1alpha1.ReasonDuplicateCode,
			"legacyCode 000.00.00.G12 is already that of Agency finance, which is older; delete this Agency and create it with its own legacyCode, or delete the other one."},
		"no parent": {
			func(s *scope) {
				s.agency.Spec.ParentRef, s.parentMissing = &v1alpha1.ObjectReference{Name: "government"}, true
			}, metav1.ConditionFalse, v1alpha1.ReasonParentNotFound,
			"parentRef names Agency government, which does not exist; create it, or correct parentRef.",
		},
		"its own parent": {circle("mof"), metav1.ConditionFalse, v1alpha1.ReasonParentCycle,
			"parentRef leads back to the agency itself (mof → mof); correct the parentRef of one of them."},
		"in a circle": {circle("tax", "mof"), metav1.ConditionFalse, v1alpha1.ReasonParentCycle,
			"parentRef leads back to the agency itself (mof → tax → mof); correct the parentRef of one of them."},
		"in a long circle": {circle(append(long, "mof")...), metav1.ConditionFalse, v1alpha1.ReasonParentCycle,
			"parentRef leads back to the agency itself (mof → unit-0 → unit-1 → unit-2 → unit-3 → unit-4 → … → mof); correct the parentRef of one of them."},
		"below a circle of others": {circle("tax", "customs", "tax"), metav1.ConditionTrue, v1alpha1.ReasonAccepted, "The agency is accepted."},
		"no successor": {
			func(s *scope) {
				s.agency.Spec.SupersededBy, s.successorMissing = &v1alpha1.ObjectReference{Name: "most"}, true
			}, metav1.ConditionFalse, v1alpha1.ReasonSuccessorNotFound,
			"supersededBy names Agency most, which does not exist; create it, or correct supersededBy.",
		},
		"its own successor": {mergedInto("mof"), metav1.ConditionFalse, v1alpha1.ReasonInvalidSpec,
			"supersededBy names the agency itself; write the Agency that it was merged into."},
		"its own successor through others": {mergedInto("mpi", "tax", "mof"), metav1.ConditionFalse, v1alpha1.ReasonSuccessorCycle,
			"supersededBy leads back to the agency itself (mof → mpi → tax → mof), so no cohort has any of them; correct the supersededBy of one of them."},
		"merged through others": {mergedInto("mpi", "tax"), metav1.ConditionTrue, v1alpha1.ReasonAccepted, "The agency is accepted."},
		"a zone that does not exist": {zoned("Asia/Hanoi"), metav1.ConditionFalse, v1alpha1.ReasonInvalidTimeZone,
			`timeZone "Asia/Hanoi" is not in the IANA time zone database; write a name such as Asia/Ho_Chi_Minh or Asia/Tokyo.`},
		"the zone of the machine": {zoned("Local"), metav1.ConditionFalse, v1alpha1.ReasonInvalidTimeZone,
			`timeZone "Local" is not in the IANA time zone database; write a name such as Asia/Ho_Chi_Minh or Asia/Tokyo.`},
		"a zone abroad": {zoned("America/New_York"), metav1.ConditionTrue, v1alpha1.ReasonAccepted, "The agency is accepted."},
		"a legacy code that skips a level": {
			func(s *scope) { s.agency.Spec.LegacyCode = "002.00.20.H13" }, metav1.ConditionTrue, v1alpha1.ReasonAccepted,
			"The agency is accepted. legacyCode 002.00.20.H13 names a unit of level 4 and leaves out level 3; compare it with the published list.",
		},
		"codes of different units": {
			func(s *scope) { s.agency.Spec.LegacyCode = "000.00.18.G12" }, metav1.ConditionTrue, v1alpha1.ReasonAccepted,
			"The agency is accepted. code G12 and legacyCode 000.00.18.G12 read as different units; compare both with the published lists.",
		},
		"no legacy code": {func(s *scope) { s.agency.Spec.LegacyCode = "" }, metav1.ConditionTrue, v1alpha1.ReasonAccepted, "The agency is accepted."},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got := accept(observed(t, tt.edit))
			want := metav1.Condition{Type: v1alpha1.ConditionAccepted, Status: tt.status, Reason: tt.reason, Message: tt.message}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("Accepted (-want +got):\n%s", diff)
			}
		})
	}
}

// connector is one that acts for the Agency, with Ready as given.
func connector(name string, ready metav1.ConditionStatus, reason string) v1alpha1.Connector {
	return v1alpha1.Connector{
		ObjectMeta: metav1.ObjectMeta{Namespace: "g12", Name: name, Generation: 1},
		Spec:       v1alpha1.ConnectorSpec{HubRef: v1alpha1.ObjectReference{Name: "axis"}},
		Status: v1alpha1.ConnectorStatus{Conditions: []metav1.Condition{
			{Type: v1alpha1.ConditionAccepted, Status: metav1.ConditionTrue, ObservedGeneration: 1},
			{Type: v1alpha1.ConditionReady, Status: ready, Reason: reason, ObservedGeneration: 1},
		}},
	}
}

func TestReady(t *testing.T) {
	good, bad := connector("a", metav1.ConditionTrue, "Ready"), connector("b", metav1.ConditionFalse, "NoHandshake")
	stale := connector("c", metav1.ConditionTrue, "Ready")
	stale.Generation = 2
	stranger := connector("x", metav1.ConditionTrue, "Ready")
	stranger.Namespace = "g99"
	tests := map[string]struct {
		edit           func(*scope)
		status         metav1.ConditionStatus
		reason         string
		message        string
		abnormal       string
		total, isReady int32
	}{
		"no connector": {func(*scope) {}, metav1.ConditionFalse, v1alpha1.ReasonNoConnectors, "No Connector acts for the agency yet.", v1alpha1.ConditionReconciling, 0, 0},
		"no connector, and merged into another": {
			func(s *scope) { s.agency.Spec.SupersededBy = &v1alpha1.ObjectReference{Name: "mpi"} }, metav1.ConditionFalse, v1alpha1.ReasonAgencyNotActive,
			"The agency was merged into Agency mpi, which carries its record on. No Connector acts for it, and none is needed.",
			v1alpha1.ConditionReconciling, 0, 0,
		},
		"one in a namespace that is not listed": {
			func(s *scope) { s.strangers = []v1alpha1.Connector{stranger} }, metav1.ConditionFalse, v1alpha1.ReasonNoConnectors,
			"No Connector acts for the agency yet. Connector g99/x names the agency, but spec.namespaces does not list g99.", v1alpha1.ConditionReconciling, 0, 0,
		},
		"one ready": {func(s *scope) { s.acting = []v1alpha1.Connector{good} }, metav1.ConditionTrue, v1alpha1.ReasonReady, "The agency's Connector is ready.", "", 1, 1},
		"all ready": {func(s *scope) { s.acting = []v1alpha1.Connector{good, good} }, metav1.ConditionTrue, v1alpha1.ReasonReady, "All 2 Connectors of the agency are ready.", "", 2, 2},
		"some are not": {
			func(s *scope) { s.acting = []v1alpha1.Connector{good, bad, stale} }, metav1.ConditionFalse, v1alpha1.ReasonConnectorsNotReady,
			"2 of 3 Connectors are not ready: g12/b (NoHandshake) and others.", v1alpha1.ConditionReconciling, 3, 1,
		},
		"not seen since its spec changed": {
			func(s *scope) { s.acting = []v1alpha1.Connector{stale} }, metav1.ConditionFalse, v1alpha1.ReasonConnectorsNotReady,
			"1 of 1 Connectors is not ready: g12/c (NotObserved).", v1alpha1.ConditionReconciling, 1, 0,
		},
		"refused, although its connectors are ready": {
			func(s *scope) { s.acting, s.codeHolder = []v1alpha1.Connector{good}, older("finance") }, metav1.ConditionFalse, v1alpha1.ReasonDuplicateCode,
			"code G12 is already that of Agency finance, which is older; delete this Agency and create it with its own code, or delete the other one.",
			v1alpha1.ConditionStalled, 1, 1,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, _ := judge(observed(t, tt.edit))
			ready := meta.FindStatusCondition(got.Conditions, v1alpha1.ConditionReady)
			if ready.Status != tt.status || ready.Reason != tt.reason || ready.Message != tt.message || ready.ObservedGeneration != 3 {
				t.Errorf("Ready is %+v\nwant %s, %s: %s", ready, tt.status, tt.reason, tt.message)
			}
			var types []string
			for _, c := range got.Conditions {
				types = append(types, c.Type)
			}
			want := []string{v1alpha1.ConditionAccepted, v1alpha1.ConditionReady}
			if tt.abnormal != "" {
				want = append(want, tt.abnormal)
			}
			if diff := cmp.Diff(want, types); diff != "" {
				t.Errorf("conditions (-want +got):\n%s", diff)
			}
			if *got.Connectors.Total != tt.total || *got.Connectors.Ready != tt.isReady || got.ObservedGeneration != 3 {
				t.Errorf("counted %d and %d of generation %d", *got.Connectors.Total, *got.Connectors.Ready, got.ObservedGeneration)
			}
		})
	}
}

// plan asks the cohort with mof to be accepted, and is accepted itself.
func plan(name string, milestones int) v1alpha1.RolloutPlan {
	p := v1alpha1.RolloutPlan{
		ObjectMeta: metav1.ObjectMeta{Name: name, Generation: 1},
		Spec: v1alpha1.RolloutPlanSpec{
			TimeZone: "Asia/Ho_Chi_Minh", HubRef: v1alpha1.ObjectReference{Name: "axis"}, AtRiskDays: ptr.To[int32](14),
			Cohorts: []v1alpha1.Cohort{{Name: "all", AllOthers: &v1alpha1.AllOthers{}}},
		},
	}
	for i := range milestones {
		p.Spec.Milestones = append(p.Spec.Milestones, v1alpha1.Milestone{
			Name: fmt.Sprintf("m%d", i), Cohort: "all",
			Deadline: v1alpha1.Deadline{Boundary: v1alpha1.DeadlineBefore, Date: "2018-12-31"},
			Requires: []v1alpha1.MilestoneRequirement{{Condition: v1alpha1.ConditionReady}},
		})
	}
	p.Status.Conditions = []metav1.Condition{{Type: v1alpha1.ConditionAccepted, Status: metav1.ConditionTrue, ObservedGeneration: 1}}
	return p
}

func record(plan string) v1alpha1.AgencyMilestone {
	return v1alpha1.AgencyMilestone{Plan: plan, Milestone: "m0", Cohort: "all", State: v1alpha1.MilestoneMet, Message: "as it was"}
}

func TestOnlyAcceptedPlansChangeRecords(t *testing.T) {
	edited := plan("edited", 1)
	edited.Generation = 2 // and not looked at since
	refused := plan("refused", 1)
	refused.Status.Conditions[0].Status = metav1.ConditionFalse
	overlapping := plan("overlapping", 1)
	overlapping.Spec.Cohorts = []v1alpha1.Cohort{{Name: "all", Agencies: []string{"mof"}}, {Name: "b", Agencies: []string{"mof"}}}
	broken := plan("zone", 1)
	broken.Spec.TimeZone = "Asia/Hanoi"
	others := plan("others", 1)
	others.Spec.Cohorts = []v1alpha1.Cohort{{Name: "all", Agencies: []string{"moj"}}}

	got, next := judge(observed(t, func(s *scope) {
		s.plans = []v1alpha1.RolloutPlan{plan("accepted", 1), edited, others, overlapping, refused, broken}
		for _, name := range []string{"accepted", "deleted", "edited", "others", "overlapping", "refused", "zone"} {
			s.agency.Status.Milestones = append(s.agency.Status.Milestones, record(name))
		}
	}))
	kept := map[string]bool{}
	for _, m := range got.Milestones {
		kept[m.Plan] = m.Message == "as it was"
	}
	want := map[string]bool{"accepted": false, "edited": true, "overlapping": true, "refused": true, "zone": true}
	if diff := cmp.Diff(want, kept); diff != "" {
		t.Errorf("records that stay as they were (-want +got):\n%s", diff)
	}
	if got := next.Format(time.RFC3339); got != "2018-12-17T00:00:00+07:00" {
		t.Errorf("the status changes by time alone at %s", got)
	}
}

func TestMilestonesFitTheAPI(t *testing.T) {
	got, _ := judge(observed(t, func(s *scope) {
		for i := range 5 {
			s.plans = append(s.plans, plan(fmt.Sprintf("plan-%d", i), 64))
		}
	}))
	if len(got.Milestones) != maxMilestones {
		t.Errorf("%d milestones are recorded, want %d", len(got.Milestones), maxMilestones)
	}
	want := "The agency is accepted. It has 320 milestones in all plans together, of which only the first 256 are kept."
	if c := meta.FindStatusCondition(got.Conditions, v1alpha1.ConditionAccepted); c.Message != want {
		t.Errorf("Accepted says %q, want %q", c.Message, want)
	}
}

// However often an Agency is judged, it is judged the same, so that a restart writes nothing.
func TestJudgeSettles(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s := observed(t, func(s *scope) {
			s.now = s.now.Add(time.Duration(rapid.IntRange(0, 10000).Draw(rt, "hours")) * time.Hour)
			s.plans = []v1alpha1.RolloutPlan{plan("a", rapid.IntRange(0, 3).Draw(rt, "milestones"))}
			if rapid.Bool().Draw(rt, "connected") {
				s.acting = []v1alpha1.Connector{connector("a", rapid.SampledFrom([]metav1.ConditionStatus{"True", "False"}).Draw(rt, "ready"), "R")}
			}
		})
		first, next := judge(s)
		s.agency.Status = first
		s.now = s.now.Add(time.Second)
		if !next.IsZero() && !s.now.Before(next) {
			return
		}
		second, _ := judge(s)
		if diff := cmp.Diff(first, second); diff != "" {
			rt.Errorf("judged again (-first +second):\n%s", diff)
		}
	})
}
