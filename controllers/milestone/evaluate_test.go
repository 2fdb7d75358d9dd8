package milestone

import (
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // so that the zones are the same on every machine

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

const hub = "axis"

// onePlan has one milestone, "pilot", that the cohort "ready-2018" has to reach before 2018-12-31 by being connected.
func onePlan(edit ...func(*v1alpha1.RolloutPlan)) *v1alpha1.RolloutPlan {
	plan := &v1alpha1.RolloutPlan{
		ObjectMeta: metav1.ObjectMeta{Name: "decision-28", Generation: 4},
		Spec: v1alpha1.RolloutPlanSpec{
			TimeZone:   "Asia/Ho_Chi_Minh",
			HubRef:     v1alpha1.ObjectReference{Name: hub},
			AtRiskDays: ptr.To[int32](14),
			Cohorts:    []v1alpha1.Cohort{{Name: "ready-2018", Agencies: []string{"mof"}}},
			Milestones: []v1alpha1.Milestone{{
				Name:     "pilot",
				Cohort:   "ready-2018",
				Deadline: v1alpha1.Deadline{Boundary: v1alpha1.DeadlineBefore, Date: "2018-12-31"},
				Requires: []v1alpha1.MilestoneRequirement{{Condition: v1alpha1.ConditionHubConnected}},
			}},
		},
	}
	for _, e := range edit {
		e(plan)
	}
	return plan
}

func due(boundary v1alpha1.DeadlineBoundary, date v1alpha1.CivilDate) func(*v1alpha1.RolloutPlan) {
	return func(p *v1alpha1.RolloutPlan) {
		p.Spec.Milestones[0].Deadline = v1alpha1.Deadline{Boundary: boundary, Date: date}
	}
}

func excepted(deadline *v1alpha1.Deadline) func(*v1alpha1.RolloutPlan) {
	return func(p *v1alpha1.RolloutPlan) {
		p.Spec.Exceptions = []v1alpha1.RolloutException{{
			Agency: "mof", Milestone: "pilot", Reason: "the data centre moves", Approver: "Văn phòng Chính phủ", Deadline: deadline,
		}}
	}
}

func requiring(requires ...v1alpha1.MilestoneRequirement) func(*v1alpha1.RolloutPlan) {
	return func(p *v1alpha1.RolloutPlan) { p.Spec.Milestones[0].Requires = requires }
}

// connector is one of the agency's to the hub, with the given conditions as "Type=Status".
func connector(name string, conditions ...string) v1alpha1.Connector {
	c := v1alpha1.Connector{
		ObjectMeta: metav1.ObjectMeta{Namespace: "g12", Name: name, Generation: 2},
		Spec:       v1alpha1.ConnectorSpec{HubRef: v1alpha1.ObjectReference{Name: hub}},
	}
	for _, text := range conditions {
		conditionType, status, _ := strings.Cut(text, "=")
		c.Status.Conditions = append(c.Status.Conditions, metav1.Condition{
			Type: conditionType, Status: metav1.ConditionStatus(status), Reason: "Tested", ObservedGeneration: 2,
		})
	}
	return c
}

func stale(c v1alpha1.Connector) v1alpha1.Connector {
	c.Generation++
	return c
}

func elsewhere(c v1alpha1.Connector) v1alpha1.Connector {
	c.Spec.HubRef.Name = "another"
	return c
}

func at(t testing.TB, s string) time.Time {
	t.Helper()
	instant, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		t.Fatal(err)
	}
	return instant
}

func ready(t testing.TB, plan *v1alpha1.RolloutPlan) *Plan {
	t.Helper()
	p, problem := Compile(plan)
	if problem != nil {
		t.Fatalf("the plan does not compile: %s", problem.Message)
	}
	return p
}

// mof is an agency whose pilot was recorded as met at the given time, if any.
func mof(t testing.TB, metAt string) *v1alpha1.Agency {
	agency := &v1alpha1.Agency{ObjectMeta: metav1.ObjectMeta{Name: "mof"}}
	if metAt != "" {
		agency.Status.Milestones = []v1alpha1.AgencyMilestone{
			{Plan: "another", Milestone: "pilot", MetAt: &metav1.Time{Time: at(t, "2001-01-01T00:00:00Z")}},
			{Plan: "decision-28", Milestone: "pilot", MetAt: &metav1.Time{Time: at(t, metAt)}},
		}
	}
	return agency
}

func TestEvaluate(t *testing.T) {
	const accepted, connected, lost = "Accepted=True", "HubConnected=True", "HubConnected=False"
	tests := map[string]struct {
		plan       *v1alpha1.RolloutPlan
		metAt      string
		connectors []v1alpha1.Connector
		now        string
		state      v1alpha1.MilestoneState
		wantMetAt  string
		message    string
		next       string
	}{
		"nothing has begun": {
			plan: onePlan(), now: "2018-11-01T00:00:00+07:00",
			state: v1alpha1.MilestonePending, next: "2018-12-17T00:00:00+07:00",
			message: "Due before 2018-12-31. No Connector to hub axis acts for the agency.",
		},
		"a connector that is not accepted is no beginning": {
			plan: onePlan(), now: "2018-11-01T00:00:00+07:00", connectors: []v1alpha1.Connector{connector("gateway", "Accepted=False")},
			state: v1alpha1.MilestonePending, next: "2018-12-17T00:00:00+07:00",
			message: "Due before 2018-12-31. HubConnected of Connector g12/gateway was not observed yet.",
		},
		"begun": {
			plan: onePlan(), now: "2018-11-01T00:00:00+07:00", connectors: []v1alpha1.Connector{connector("gateway", accepted, lost)},
			state: v1alpha1.MilestoneOnTrack, next: "2018-12-17T00:00:00+07:00",
			message: "Due before 2018-12-31. HubConnected of Connector g12/gateway is False (Tested).",
		},
		"a second before it is near": {
			plan: onePlan(), now: "2018-12-16T23:59:59+07:00",
			state: v1alpha1.MilestonePending, next: "2018-12-17T00:00:00+07:00",
			message: "Due before 2018-12-31. No Connector to hub axis acts for the agency.",
		},
		"near": {
			plan: onePlan(), now: "2018-12-17T00:00:00+07:00", connectors: []v1alpha1.Connector{connector("gateway", accepted, lost)},
			state: v1alpha1.MilestoneAtRisk, next: "2018-12-31T00:00:00+07:00",
			message: "At risk: it is due before 2018-12-31. HubConnected of Connector g12/gateway is False (Tested).",
		},
		"the last moment before the day": {
			plan: onePlan(), now: "2018-12-30T23:59:59.999+07:00",
			state: v1alpha1.MilestoneAtRisk, next: "2018-12-31T00:00:00+07:00",
			message: "At risk: it is due before 2018-12-31. No Connector to hub axis acts for the agency.",
		},
		"the day has begun": {
			plan: onePlan(), now: "2018-12-31T00:00:00+07:00", state: v1alpha1.MilestoneOverdue,
			message: "Overdue: it was due before 2018-12-31. No Connector to hub axis acts for the agency.",
		},
		"the day still counts if the plan says so": {
			plan: onePlan(due(v1alpha1.DeadlineOnOrBefore, "2018-12-31")), now: "2018-12-31T23:59:59+07:00",
			state: v1alpha1.MilestoneAtRisk, next: "2019-01-01T00:00:00+07:00",
			message: "At risk: it is due on or before 2018-12-31. No Connector to hub axis acts for the agency.",
		},
		"met in time": {
			plan: onePlan(), now: "2018-12-30T23:59:59.999+07:00", connectors: []v1alpha1.Connector{connector("gateway", connected)},
			state: v1alpha1.MilestoneMet, wantMetAt: "2018-12-30T16:59:59Z",
			message: "Met on 2018-12-30, in time: it was due before 2018-12-31.",
		},
		"met when the day has begun": {
			plan: onePlan(), now: "2018-12-31T00:00:00.5+07:00", connectors: []v1alpha1.Connector{connector("gateway", connected)},
			state: v1alpha1.MilestoneMetLate, wantMetAt: "2018-12-30T17:00:00Z",
			message: "Met on 2018-12-31, late: it was due before 2018-12-31.",
		},
		"met on the day, where the day counts": {
			plan: onePlan(due(v1alpha1.DeadlineOnOrBefore, "2018-12-31")), now: "2018-12-31T23:00:00+07:00",
			connectors: []v1alpha1.Connector{connector("gateway", connected)},
			state:      v1alpha1.MilestoneMet, wantMetAt: "2018-12-31T16:00:00Z",
			message: "Met on 2018-12-31, in time: it was due on or before 2018-12-31.",
		},
		"in force with the first second of the day": {
			plan: onePlan(due(v1alpha1.DeadlineInForceFrom, "2019-01-01")), now: "2019-01-01T00:00:00.2+07:00",
			connectors: []v1alpha1.Connector{connector("gateway", connected)},
			state:      v1alpha1.MilestoneMet, wantMetAt: "2018-12-31T17:00:00Z",
			message: "Met on 2019-01-01, in time: it was due from 2019-01-01 on.",
		},
		"in force a second later": {
			plan: onePlan(due(v1alpha1.DeadlineInForceFrom, "2019-01-01")), now: "2019-01-01T00:00:01+07:00",
			connectors: []v1alpha1.Connector{connector("gateway", connected)},
			state:      v1alpha1.MilestoneMetLate, wantMetAt: "2018-12-31T17:00:01Z",
			message: "Met on 2019-01-01, late: it was due from 2019-01-01 on.",
		},
		"met once is met, although it is lost": {
			plan: onePlan(), metAt: "2018-12-20T03:00:00Z", now: "2019-05-01T00:00:00Z",
			connectors: []v1alpha1.Connector{connector("gateway", lost)},
			state:      v1alpha1.MilestoneMet, wantMetAt: "2018-12-20T03:00:00Z",
			message: "Met on 2018-12-20, in time: it was due before 2018-12-31. It no longer holds: HubConnected of Connector g12/gateway is False (Tested).",
		},
		"met late stays late": {
			plan: onePlan(), metAt: "2018-12-31T03:00:00Z", now: "2019-05-01T00:00:00Z",
			connectors: []v1alpha1.Connector{connector("gateway", connected)},
			state:      v1alpha1.MilestoneMetLate, wantMetAt: "2018-12-31T03:00:00Z",
			message: "Met on 2018-12-31, late: it was due before 2018-12-31.",
		},
		"every connector has to": {
			plan: onePlan(), now: "2018-11-01T00:00:00+07:00",
			connectors: []v1alpha1.Connector{connector("b", accepted, lost), connector("c", connected), connector("a", lost), connector("d")},
			state:      v1alpha1.MilestoneOnTrack, next: "2018-12-17T00:00:00+07:00",
			message: "Due before 2018-12-31. HubConnected of Connector g12/a is False (Tested), and not True of 2 others.",
		},
		"one of another hub does not count": {
			plan: onePlan(), now: "2018-11-01T00:00:00+07:00",
			connectors: []v1alpha1.Connector{elsewhere(connector("a", accepted, lost)), connector("b", connected)},
			state:      v1alpha1.MilestoneMet, wantMetAt: "2018-10-31T17:00:00Z",
			message: "Met on 2018-11-01, in time: it was due before 2018-12-31.",
		},
		"nor does what was seen of an earlier spec": {
			plan: onePlan(), now: "2018-11-01T00:00:00+07:00", connectors: []v1alpha1.Connector{stale(connector("a", accepted, connected))},
			state: v1alpha1.MilestonePending, next: "2018-12-17T00:00:00+07:00",
			message: "Due before 2018-12-31. HubConnected of Connector g12/a was not observed since its spec changed.",
		},
		"exempt": {
			plan: onePlan(excepted(nil)), now: "2020-01-01T00:00:00Z", state: v1alpha1.MilestoneExempt,
			message: "Exempt, approved by Văn phòng Chính phủ: the data centre moves",
		},
		"a later deadline by exception": {
			plan: onePlan(excepted(&v1alpha1.Deadline{Boundary: v1alpha1.DeadlineOnOrBefore, Date: "2019-03-31"})), now: "2019-03-31T23:00:00+07:00",
			state: v1alpha1.MilestoneAtRisk, next: "2019-04-01T00:00:00+07:00",
			message: "At risk: it is due on or before 2019-03-31. No Connector to hub axis acts for the agency.",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			e := ready(t, tt.plan).Evaluate("ready-2018", Observation{Agency: mof(t, tt.metAt), Connectors: tt.connectors, Now: at(t, tt.now)})
			if len(e.Milestones) != 1 {
				t.Fatalf("%d milestones, want 1", len(e.Milestones))
			}
			got := e.Milestones[0]
			if got.State != tt.state || got.Message != tt.message {
				t.Errorf("%s: %s\nwant %s: %s", got.State, got.Message, tt.state, tt.message)
			}
			if diff := cmp.Diff(tt.wantMetAt, format(got.MetAt)); diff != "" {
				t.Errorf("metAt (-want +got):\n%s", diff)
			}
			next := ""
			if !e.Next.IsZero() {
				next = e.Next.Format(time.RFC3339)
			}
			if next != tt.next {
				t.Errorf("changes by time alone at %q, want %q", next, tt.next)
			}
			if got.Plan != "decision-28" || got.Cohort != "ready-2018" || got.PlanGeneration != 4 {
				t.Errorf("the milestone is recorded as %+v", got)
			}
		})
	}
}

func format(t *metav1.Time) string {
	if t == nil {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}

func TestMessagesFitTheAPI(t *testing.T) {
	plan := onePlan(excepted(nil))
	plan.Spec.Exceptions[0].Reason = strings.Repeat("ệ", 1024)
	got := ready(t, plan).Evaluate("ready-2018", Observation{Agency: mof(t, ""), Now: at(t, "2018-01-01T00:00:00Z")}).Milestones[0].Message
	if n := len([]rune(got)); n != maxMessage {
		t.Errorf("the message has %d characters, want %d", n, maxMessage)
	}
}
