package milestone

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

const (
	determination = v1alpha1.EvidenceLevelDetermination
	appraisal     = v1alpha1.EvidenceLevelAppraisal
	approval      = v1alpha1.EvidenceLevelApproval
	inForce       = "nd331-2026"
)

// profile is one for level 3: 15 working days of appraisal, 7 of approval, and 5 for the dossier.
func profile(edit ...func(*v1alpha1.SecurityProfile)) v1alpha1.SecurityProfile {
	p := v1alpha1.SecurityProfile{
		ObjectMeta: metav1.ObjectMeta{Name: "nd331-3"},
		Spec: v1alpha1.SecurityProfileSpec{
			Regime: inForce, Level: 3,
			Approval: &v1alpha1.ApprovalRequirements{
				Appraiser:            v1alpha1.ResponsibleParty{Role: v1alpha1.RoleSecurityUnit},
				Approver:             v1alpha1.ResponsibleParty{Role: v1alpha1.RoleSystemOwner, Name: "the system's owner"},
				AppraisalWorkingDays: ptr.To[int32](15), ApprovalWorkingDays: ptr.To[int32](7), DossierWorkingDays: ptr.To[int32](5),
			},
		},
	}
	for _, e := range edit {
		e(&p)
	}
	return p
}

// judged is a Connector of level 3 whose hub's regime finds these short: steps of the level, and else duties.
func judged(c v1alpha1.Connector, short ...string) v1alpha1.Connector {
	c.Spec.SecurityLevel = 3
	c.Status.ObservedGeneration = c.Generation
	status := v1alpha1.ComplianceStatus{Regime: inForce, Ruling: new(true), Profile: "nd331-3", Level: 3, Satisfied: new(len(short) == 0)}
	for _, name := range short {
		kind := v1alpha1.ShortfallDuty
		switch {
		case isLevelStep(name):
			kind = v1alpha1.ShortfallLevel
		case strings.Contains(name, "."):
			kind = v1alpha1.ShortfallTechnical
		}
		status.Shortfalls = append(status.Shortfalls, v1alpha1.Shortfall{Type: kind, Name: name, Message: "It is missing."})
	}
	c.Status.Compliance = append(c.Status.Compliance, status)
	return c
}

// steps writes a path as "what/who/days", in order.
func steps(path []v1alpha1.MilestoneStep) []string {
	var list []string
	for _, s := range path {
		days := "?"
		if s.WorkingDays != nil {
			days = fmt.Sprint(*s.WorkingDays)
		}
		list = append(list, s.What+"/"+s.Who+"/"+days)
	}
	return list
}

// withUnit is an agency with a focal point.
func withUnit() *v1alpha1.Agency {
	return &v1alpha1.Agency{
		ObjectMeta: metav1.ObjectMeta{Name: "mof"},
		Spec:       v1alpha1.AgencySpec{FocalPoint: &v1alpha1.FocalPoint{Unit: "TT"}},
	}
}

func pathOf(t *testing.T, plan *v1alpha1.RolloutPlan, o Observation) []v1alpha1.MilestoneStep {
	t.Helper()
	return ready(t, plan).Evaluate("ready-2018", o).Milestones[0].Path
}

func TestPath(t *testing.T) {
	const unit, owner = "the agency's specialised security unit", "the system's owner"
	days := func(r v1alpha1.MilestoneRequirement, n int32, by string) v1alpha1.MilestoneRequirement {
		r.WorkingDays, r.Responsible = &n, by
		return r
	}
	readiness := v1alpha1.MilestoneRequirement{Condition: "Ready"}
	compliant := v1alpha1.MilestoneRequirement{Condition: "Compliant"}
	connected := v1alpha1.MilestoneRequirement{Condition: "HubConnected"}
	evidence := func(kind string) v1alpha1.MilestoneRequirement { return v1alpha1.MilestoneRequirement{Evidence: kind} }
	one := func(short ...string) []v1alpha1.Connector {
		return []v1alpha1.Connector{judged(connector("a"), short...)}
	}
	tests := map[string]struct {
		requires   []v1alpha1.MilestoneRequirement
		connectors []v1alpha1.Connector
		records    []v1alpha1.ComplianceEvidence
		profiles   []v1alpha1.SecurityProfile
		want       []string
	}{
		"nothing": {[]v1alpha1.MilestoneRequirement{connected}, []v1alpha1.Connector{connector("a", "HubConnected=True")}, nil, nil, nil},
		"a condition of which nobody knows how long it takes": {[]v1alpha1.MilestoneRequirement{connected}, one(), nil, nil, []string{"HubConnected/TT/?"}},
		"a condition that the plan has a time for": {
			[]v1alpha1.MilestoneRequirement{days(connected, 10, "the contractor")}, one(), nil, nil, []string{"HubConnected/the contractor/10"},
		},
		"no connector": {
			[]v1alpha1.MilestoneRequirement{readiness, days(evidence("ContractSigned"), 30, "")}, nil, nil, nil, []string{"ContractSigned/TT/30"},
		},
		"no connector, whose level nobody knows": {
			[]v1alpha1.MilestoneRequirement{evidence(approval)}, nil, nil, []v1alpha1.SecurityProfile{profile()},
			[]string{determination + "/TT/?", appraisal + "/TT/?", approval + "/TT/?"},
		},
		"appraisal and approval are short": {
			[]v1alpha1.MilestoneRequirement{readiness}, one(appraisal, approval), nil, []v1alpha1.SecurityProfile{profile()},
			[]string{appraisal + "/" + unit + "/15", approval + "/" + owner + "/7"},
		},
		"the whole level is short": {
			[]v1alpha1.MilestoneRequirement{compliant}, one("tls.minVersion", determination, appraisal, approval, "RestoreTest"), nil,
			[]v1alpha1.SecurityProfile{profile()},
			[]string{determination + "/TT/?", "Dossier/" + unit + "/5", appraisal + "/" + unit + "/15", approval + "/" + owner + "/7"},
		},
		"approval alone is short": {
			[]v1alpha1.MilestoneRequirement{compliant}, one(approval), nil, []v1alpha1.SecurityProfile{profile()}, []string{approval + "/" + owner + "/7"},
		},
		"a figure alone is short": {
			[]v1alpha1.MilestoneRequirement{compliant}, one("tls.minVersion"), nil, []v1alpha1.SecurityProfile{profile()}, []string{"Compliant/TT/?"},
		},
		"a duty that takes longer than the level": {
			[]v1alpha1.MilestoneRequirement{compliant, days(evidence("PenetrationTest"), 40, "an independent tester")}, one(approval, "PenetrationTest"), nil,
			[]v1alpha1.SecurityProfile{profile()}, []string{"PenetrationTest/an independent tester/40"},
		},
		"the plan knows better than the profile": {
			[]v1alpha1.MilestoneRequirement{readiness, days(evidence(appraisal), 20, "Cục An toàn thông tin")}, one(appraisal, approval), nil,
			[]v1alpha1.SecurityProfile{profile()}, []string{appraisal + "/Cục An toàn thông tin/20", approval + "/" + owner + "/7"},
		},
		"what comes after the approval": {
			[]v1alpha1.MilestoneRequirement{days(readiness, 3, "")}, one(approval), nil, []v1alpha1.SecurityProfile{profile()},
			[]string{approval + "/" + owner + "/7", "Ready/TT/3"},
		},
		"not judged yet":        {[]v1alpha1.MilestoneRequirement{readiness}, []v1alpha1.Connector{connector("a")}, nil, []v1alpha1.SecurityProfile{profile()}, []string{"Ready/TT/?"}},
		"a record of approval":  {[]v1alpha1.MilestoneRequirement{evidence(approval)}, one(), []v1alpha1.ComplianceEvidence{record("a", determination+"=Passed,True")}, []v1alpha1.SecurityProfile{profile()}, []string{appraisal + "/" + unit + "/15", approval + "/" + owner + "/7"}},
		"a record of appraisal": {[]v1alpha1.MilestoneRequirement{evidence(appraisal)}, one(), nil, []v1alpha1.SecurityProfile{profile()}, []string{determination + "/TT/?", "Dossier/" + unit + "/5", appraisal + "/" + unit + "/15"}},
		"a law that asks for no appraisal": {
			[]v1alpha1.MilestoneRequirement{evidence(approval)}, one(), nil,
			[]v1alpha1.SecurityProfile{profile(func(p *v1alpha1.SecurityProfile) { p.Spec.Approval = nil })}, []string{approval + "/TT/?"},
		},
		"a law that sets no time": {
			[]v1alpha1.MilestoneRequirement{readiness}, one(appraisal, approval), nil,
			[]v1alpha1.SecurityProfile{profile(func(p *v1alpha1.SecurityProfile) {
				p.Spec.Approval = &v1alpha1.ApprovalRequirements{Appraiser: p.Spec.Approval.Appraiser, Approver: p.Spec.Approval.Approver}
			})},
			[]string{appraisal + "/" + unit + "/?", approval + "/" + owner + "/?"},
		},
		"the profile that it was judged by, if there is none for its level": {
			[]v1alpha1.MilestoneRequirement{readiness}, one(approval), nil,
			[]v1alpha1.SecurityProfile{profile(func(p *v1alpha1.SecurityProfile) { p.Spec.Level = 4 })}, []string{approval + "/" + owner + "/7"},
		},
		"another regime": {
			[]v1alpha1.MilestoneRequirement{{Regime: "nd400-2028"}}, []v1alpha1.Connector{under(connector("a"), "nd400-2028", "RestoreTest")}, nil,
			[]v1alpha1.SecurityProfile{profile()}, []string{"RestoreTest/TT/?"},
		},
		"the first of those that take no time": {
			[]v1alpha1.MilestoneRequirement{connected, evidence("ContractSigned")}, one(), nil, nil, []string{"HubConnected/TT/?"},
		},
		"the level before duties that take as long": {
			[]v1alpha1.MilestoneRequirement{readiness}, one("AccountReview", approval), nil, nil, []string{approval + "/TT/?"},
		},
		"one connector of two": {
			[]v1alpha1.MilestoneRequirement{days(connected, 4, "")}, []v1alpha1.Connector{connector("a", "HubConnected=True"), connector("b")}, nil, nil,
			[]string{"HubConnected/TT/4"},
		},
		"whom the plan makes responsible for what follows by itself": {
			[]v1alpha1.MilestoneRequirement{{Condition: "Ready", Responsible: "the contractor"}}, one(approval), nil, nil,
			[]string{approval + "/TT/?", "Ready/the contractor/?"},
		},
		"another regime than the hub's": {
			[]v1alpha1.MilestoneRequirement{compliant}, []v1alpha1.Connector{judged(under(connector("a"), "nd85-2016", "RiskReview"), approval)}, nil,
			[]v1alpha1.SecurityProfile{profile()}, []string{approval + "/" + owner + "/7"},
		},
		"two connectors at the same time": {
			[]v1alpha1.MilestoneRequirement{readiness},
			[]v1alpha1.Connector{judged(connector("a"), approval), judged(connector("b"), appraisal, approval)}, nil,
			[]v1alpha1.SecurityProfile{profile()}, []string{appraisal + "/" + unit + "/15", approval + "/" + owner + "/7"},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			o := Observation{Agency: withUnit(), Connectors: tt.connectors, Records: tt.records, Profiles: tt.profiles}
			if diff := cmp.Diff(tt.want, steps(pathOf(t, onePlan(requiring(tt.requires...)), o))); diff != "" {
				t.Errorf("path (-want +got):\n%s", diff)
			}
		})
	}
}

// A milestone that waits for another brings its path along, until that one was met or is not asked of the agency.
func TestPathThroughMilestones(t *testing.T) {
	plan := onePlan(requiring(
		v1alpha1.MilestoneRequirement{Milestone: "trial"}, v1alpha1.MilestoneRequirement{Evidence: "ContractSigned", WorkingDays: ptr.To[int32](8)},
	))
	trial := *plan.Spec.Milestones[0].DeepCopy()
	trial.Name = "trial"
	trial.Requires = []v1alpha1.MilestoneRequirement{{Evidence: "PilotExchange", WorkingDays: ptr.To[int32](10)}}
	plan.Spec.Milestones = append(plan.Spec.Milestones, trial)
	o := Observation{Agency: withUnit(), Connectors: []v1alpha1.Connector{connector("a")}}
	check := func(why string, want ...string) {
		t.Helper()
		if diff := cmp.Diff(want, steps(pathOf(t, plan, o))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", why, diff)
		}
	}
	check("it waits for the trial", "PilotExchange/TT/10")
	plan.Spec.Milestones[0].Requires[0].WorkingDays = ptr.To[int32](2)
	check("the trial is closed in two days", "PilotExchange/TT/10", "trial/TT/2")
	o.Agency.Status.Milestones = []v1alpha1.AgencyMilestone{{Plan: plan.Name, Milestone: "trial", MetAt: &metav1.Time{Time: at(t, "2018-09-01T00:00:00Z")}}}
	check("the trial was met", "ContractSigned/TT/8")
	o.Agency.Status.Milestones = nil
	plan.Spec.Exceptions = []v1alpha1.RolloutException{{Agency: "mof", Milestone: "trial", Reason: "it is small", Approver: "VPCP"}}
	check("the trial is not asked", "ContractSigned/TT/8")
}

func TestPathIsBounded(t *testing.T) {
	a := &outlook{calendar: ready(t, onePlan()).calendar}
	for range maxSteps + 8 {
		a.path = append(a.path, task{what: "RestoreTest", days: ptr.To[int32](1)})
	}
	if got := a.steps(); len(got) != maxSteps {
		t.Errorf("the path has %d steps, and the API takes %d", len(got), maxSteps)
	}
}
