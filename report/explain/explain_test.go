package explain_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/report/explain"
	"lienthong.gov.vn/connector-operator/report/format"
	"lienthong.gov.vn/connector-operator/report/locale"
)

// With -update, the golden files are written anew.
var update = flag.Bool("update", false, "write the golden files anew")

// situation changes a case in which all is well.
type situation func(*explain.Case)

func condition(conditionType string, status metav1.ConditionStatus, reason, message string) metav1.Condition {
	return metav1.Condition{Type: conditionType, Status: status, Reason: reason, Message: message, ObservedGeneration: 1}
}

func spec(object metav1.ObjectMeta) metav1.ObjectMeta {
	object.Generation = 1
	return object
}

// well is a Connector that is ready, with everything that it hangs on.
func well() *explain.Case {
	connector := &v1alpha1.Connector{
		ObjectMeta: spec(metav1.ObjectMeta{Namespace: "g12", Name: "main"}),
		Spec: v1alpha1.ConnectorSpec{
			AgencyRef: v1alpha1.ObjectReference{Name: "g12"}, HubRef: v1alpha1.ObjectReference{Name: "national-hub"}, ClassName: "gateway",
			SecurityLevel: 3,
		},
	}
	for _, c := range []string{"Accepted", "CertificateReady", "WorkloadAvailable", "HubConnected", "Compliant", "Ready"} {
		connector.Status.Conditions = append(connector.Status.Conditions, condition(c, metav1.ConditionTrue, "Ready", "It holds."))
	}
	return &explain.Case{
		Now: time.Date(2026, 11, 2, 2, 0, 0, 0, time.UTC),
		Agency: &v1alpha1.Agency{
			ObjectMeta: spec(metav1.ObjectMeta{Name: "g12"}),
			Spec: v1alpha1.AgencySpec{
				Code: "G12", Names: v1alpha1.LocalizedNames{Vi: "Bộ Tài chính", En: "Ministry of Finance"}, Namespaces: []string{"g12"},
				TimeZone: "Asia/Ho_Chi_Minh",
			},
			Status: v1alpha1.AgencyStatus{Conditions: []metav1.Condition{
				condition("Accepted", metav1.ConditionTrue, "Accepted", "It is."), condition("Ready", metav1.ConditionTrue, "Ready", "It is."),
			}},
		},
		Links: []explain.Link{{
			Connector: connector,
			Hub: &v1alpha1.ExchangeHub{
				ObjectMeta: spec(metav1.ObjectMeta{Name: "national-hub"}),
				Spec: v1alpha1.ExchangeHubSpec{
					Regime: "nd331-2026", IssuerRef: v1alpha1.IssuerReference{Name: "lienthong-hub-ca"},
					Endpoints: []v1alpha1.HubEndpoint{{Name: "primary", URL: "https://hub.example.vn"}, {Name: "fallback", URL: "https://hub2.example.vn"}},
				},
			},
			Profiles: []*v1alpha1.SecurityProfile{
				{
					ObjectMeta: metav1.ObjectMeta{Name: "nd331-2026-level-3"},
					Spec: v1alpha1.SecurityProfileSpec{Regime: "nd331-2026", Level: 3, Approval: &v1alpha1.ApprovalRequirements{
						Appraiser: v1alpha1.ResponsibleParty{Role: v1alpha1.RoleSecurityUnit}, AppraisalWorkingDays: new(int32(15)),
						Approver: v1alpha1.ResponsibleParty{Role: v1alpha1.RoleSystemOwner}, ApprovalWorkingDays: new(int32(7)),
					}},
				},
				{ObjectMeta: metav1.ObjectMeta{Name: "nd331-2026-level-1"}, Spec: v1alpha1.SecurityProfileSpec{Regime: "nd331-2026", Level: 1}},
				{ObjectMeta: metav1.ObjectMeta{Name: "nd85-2016-level-5"}, Spec: v1alpha1.SecurityProfileSpec{Regime: "nd85-2016", Level: 5}},
			},
		}},
	}
}

// fails lets a condition of the Connector fail, and Ready with it.
func fails(conditionType, reason, message string) situation {
	return func(c *explain.Case) {
		conditions := c.Links[0].Connector.Status.Conditions
		for i := range conditions {
			if conditions[i].Type == conditionType || conditions[i].Type == v1alpha1.ConditionReady {
				conditions[i] = condition(conditions[i].Type, metav1.ConditionFalse, reason, message)
			}
		}
	}
}

func refused(reason, message string) situation {
	return fails(v1alpha1.ConditionAccepted, reason, message)
}

// and does one thing after another.
func and(all ...situation) situation {
	return func(c *explain.Case) {
		for _, s := range all {
			s(c)
		}
	}
}

func short(shortfalls ...v1alpha1.Shortfall) situation {
	return func(c *explain.Case) {
		c.Links[0].Connector.Status.Compliance = []v1alpha1.ComplianceStatus{
			{Regime: "nd85-2016", Shortfalls: []v1alpha1.Shortfall{{Name: "of a regime that does not rule"}}},
			{Regime: "nd331-2026", Ruling: new(true), Level: 3, Profile: "nd331-2026-level-3", Shortfalls: shortfalls, Duties: []v1alpha1.DutyStatus{
				{Kind: "PenetrationTest", State: v1alpha1.DutyOverdue, DueDate: "2026-10-01"}, {Kind: "RestoreTest", State: v1alpha1.DutyMissing},
			}},
		}
	}
}

func situations() map[string]situation {
	return map[string]situation{
		"well":         func(*explain.Case) {},
		"not-judged":   func(c *explain.Case) { c.Links[0].Connector.Generation = 2 },
		"never-judged": func(c *explain.Case) { c.Links[0].Connector.Status = v1alpha1.ConnectorStatus{} },
		"paused": and(fails(v1alpha1.ConditionCompliant, "Paused", "It is not held to its level while it is paused."), func(c *explain.Case) {
			c.Links[0].Connector.Spec.Paused = new(true)
		}),
		"agency-missing": and(refused("AgencyNotFound", "Agency g12 does not exist."), func(c *explain.Case) { c.Agency = nil }),
		"agency-merged": and(refused("AgencyNotActive", "Agency g12 was superseded by g99."), func(c *explain.Case) {
			c.Agency.Spec.Lifecycle, c.Agency.Spec.SupersededBy = v1alpha1.AgencySuperseded, &v1alpha1.ObjectReference{Name: "g99"}
		}),
		"agency-refused": and(refused("AgencyNotAccepted", "Agency g12 is not accepted."), func(c *explain.Case) {
			c.Agency.Status.Conditions[0] = condition("Accepted", metav1.ConditionFalse, "DuplicateCode", "code G12 is already that of Agency mof.")
		}),
		"namespace-not-listed": and(refused("NamespaceNotListed", "Namespace g12 may not act."), func(c *explain.Case) {
			c.Agency.Spec.Namespaces = []string{"mof"}
		}),
		"no-namespace-listed": and(refused("NamespaceNotListed", "Namespace g12 may not act."), func(c *explain.Case) {
			c.Agency.Spec.Namespaces = nil
		}),
		"hub-missing": and(refused("HubNotFound", "ExchangeHub national-hub does not exist."), func(c *explain.Case) { c.Links[0].Hub = nil }),
		"hub-trust": and(refused("HubNotAccepted", "The trust anchors cannot be read."), func(c *explain.Case) {
			c.Links[0].Hub.Status.Conditions = []metav1.Condition{condition("TrustResolved", metav1.ConditionFalse, "TrustAnchorUnreadable",
				"ConfigMap lienthong-system/hub-trust-anchors does not exist.")}
		}),
		"hub-does-not-list": refused("AgencyNotListed", "ExchangeHub national-hub does not list Agency g12."),
		"revoked":           refused("AgencyRevoked", "Agency g12 is revoked."),
		"no-profile": and(refused("ProfileNotFound", "There is no SecurityProfile for level 4."), func(c *explain.Case) {
			c.Links[0].Connector.Spec.SecurityLevel = 4
		}),
		"class-missing":     refused("ClassNotFound", "ConnectorClass gateway does not exist."),
		"too-few-replicas":  refused("ReplicasBelowProfile", "replicas is 1."),
		"host-name":         refused("HostnameOutsideDomains", "Host name lies outside."),
		"foreign-object":    refused("ForeignObject", "Deployment g12/main-gateway belongs to somebody else."),
		"request-denied":    fails(v1alpha1.ConditionCertificateReady, "RequestRefused", "The issuer refused the certificate: WrongNames."),
		"certificate-ended": fails(v1alpha1.ConditionCertificateReady, "Expired", "The certificate expired on 2026-11-01."),
		"pods-stuck":        fails(v1alpha1.ConditionWorkloadAvailable, "PodsStuck", "The gateway pods do not become available."),
		"pods-refused":      fails(v1alpha1.ConditionWorkloadAvailable, "PodsRefused", "exceeded quota"),
		"no-endpoint":       fails(v1alpha1.ConditionHubConnected, "NoEndpoint", "primary: connection refused."),
		"duties": and(fails(v1alpha1.ConditionCompliant, "DutiesOverdue", "Duties are short."), short(
			v1alpha1.Shortfall{Type: v1alpha1.ShortfallDuty, Name: "PenetrationTest", Message: "It is overdue.", Citation: "Decree 331/2026/NĐ-CP, Article 30"},
			v1alpha1.Shortfall{Type: v1alpha1.ShortfallDuty, Name: "RestoreTest", Message: "There is none."},
			v1alpha1.Shortfall{Type: v1alpha1.ShortfallTechnical, Name: "workload.maxImageAgeMonths", Message: "The image is too old."},
		), func(c *explain.Case) {
			c.Links[0].Evidence = []*v1alpha1.ComplianceEvidence{{
				ObjectMeta: metav1.ObjectMeta{Namespace: "g12", Name: "restored"},
				Spec:       v1alpha1.ComplianceEvidenceSpec{Kind: "RestoreTest", PerformedAt: "2026-10-20", Outcome: v1alpha1.EvidenceOutcome{Result: v1alpha1.EvidenceFailed}},
			}}
			c.Links[0].Waivers = []*v1alpha1.DutyWaiver{{
				ObjectMeta: metav1.ObjectMeta{Namespace: "g12", Name: "excused"},
				Spec:       v1alpha1.DutyWaiverSpec{Duties: []string{"PenetrationTest"}, From: "2026-01-01", Until: "2026-10-01"},
				Status: v1alpha1.DutyWaiverStatus{Conditions: []metav1.Condition{
					condition("Ready", metav1.ConditionFalse, "Expired", "It ended on 2026-10-01."),
				}},
			}}
		}),
		"level": and(fails(v1alpha1.ConditionCompliant, "LevelNotApproved", "The level is not approved."), short(
			v1alpha1.Shortfall{Type: v1alpha1.ShortfallLevel, Name: "LevelAppraisal", Message: "It was not appraised."},
			v1alpha1.Shortfall{Type: v1alpha1.ShortfallLevel, Name: "LevelApproval", Message: "It was not approved."},
		)),
		"rights": and(refused("AgencyNotAccepted", "Agency g12 is not accepted."), func(c *explain.Case) {
			c.Agency, c.Unread = nil, []string{"agencies"}
		}),
		"remarks": func(c *explain.Case) {
			c.Links[0].Connector.Status.Conditions = append(c.Links[0].Connector.Status.Conditions,
				condition("CertificateExpiring", metav1.ConditionTrue, "ExpiresSoon", "It expires on 2026-11-05."),
				condition("MaintenanceHeld", metav1.ConditionTrue, "Held", "It waits for Sunday."),
				condition("RenewalAccepted", metav1.ConditionFalse, "Waiting", "The renewal waits."))
		},
	}
}

func languages() []locale.Language { return []locale.Language{locale.English, locale.Vietnamese} }

// What is said of each situation, in both languages.
func TestConnector(t *testing.T) {
	for name, change := range situations() {
		for _, l := range languages() {
			t.Run(name+"/"+string(l), func(t *testing.T) {
				c := well()
				change(c)
				e := explain.Connector(l, c)
				if well := name == "well" || name == "remarks"; e.Ready != well {
					t.Errorf("it is ready: %t, want %t", e.Ready, well)
				}
				var got bytes.Buffer
				if err := format.Explanation(&got, e, format.Options{Language: l}); err != nil {
					t.Fatal(err)
				}
				golden(t, filepath.Join("testdata", name+"."+string(l)+".golden"), got.String())
			})
		}
	}
}

// A Connector that is not ready never goes without something to do about it: a command, or who may run it is missing.
func TestEveryReasonHasANextStep(t *testing.T) {
	for name, change := range situations() {
		c := well()
		change(c)
		e := explain.Connector(locale.English, c)
		commands := 0
		for _, s := range e.Steps {
			for _, command := range s.Commands {
				commands++
				if command.Line == "" || command.Who == "" {
					t.Errorf("%s: a command is %+v", name, command)
				}
			}
		}
		if !e.Ready && commands == 0 {
			t.Errorf("%s: there is nothing to run next", name)
		}
	}
}

// A step of a level is recorded with the level, without which the API server refuses the record; nothing else has one.
func TestRecordOfALevelHasTheLevel(t *testing.T) {
	for kind, want := range map[string]bool{
		v1alpha1.EvidenceLevelDetermination: true, v1alpha1.EvidenceLevelAppraisal: true, v1alpha1.EvidenceLevelApproval: true,
		v1alpha1.EvidencePenetrationTest: false,
	} {
		plan, connector, agency := &v1alpha1.RolloutPlan{}, &v1alpha1.Connector{}, &v1alpha1.Agency{}
		plan.Name, connector.Spec.SecurityLevel = "plan", 3
		plan.Spec.Milestones = []v1alpha1.Milestone{{Name: "level", Requires: []v1alpha1.MilestoneRequirement{{Evidence: kind}}}}
		agency.Status.Milestones = []v1alpha1.AgencyMilestone{{
			Plan: "plan", Milestone: "level", State: v1alpha1.MilestoneOnTrack, Path: []v1alpha1.MilestoneStep{{What: kind}},
		}}
		told := explain.Agency(locale.English, &explain.Case{
			Agency: agency, Plans: []*v1alpha1.RolloutPlan{plan}, Links: []explain.Link{{Connector: connector}},
		})
		got, recorded := false, false
		for _, step := range told.Steps {
			for _, c := range step.Commands {
				recorded = recorded || strings.Contains(c.Line, "kind: "+kind+"\n")
				got = got || strings.Contains(c.Line, "\n  level: 3\n")
			}
		}
		if !recorded || got != want {
			t.Errorf("%s is recorded: %t, with the level: %t, want %t", kind, recorded, got, want)
		}
	}
}

// The first condition that fails is the reason, and it is marked once.
func TestFirstReasonIsMarkedOnce(t *testing.T) {
	c := well()
	and(fails(v1alpha1.ConditionCompliant, "DutiesMissing", "One is missing."), fails(v1alpha1.ConditionHubConnected, "NoEndpoint", "None answers."))(c)
	var marked []string
	for _, s := range explain.Connector(locale.English, c).Steps {
		if before, found := bytes.CutSuffix([]byte(s.Text), []byte(" — this is the first reason")); found {
			marked = append(marked, string(before))
		}
	}
	if want := []string{"Link to the hub: no endpoint of the hub is reached"}; !slices.Equal(marked, want) {
		t.Errorf("marked as first are %q, want %q", marked, want)
	}
}

func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s differs; if the change is meant, run go test ./report/explain -update (-want +got):\n%s", file, diff)
	}
}

// TestGoldenFilesAreAllInUse: a file that no test compares shows what is no longer so.
func TestGoldenFilesAreAllInUse(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("testdata", "*.golden"))
	if err != nil {
		t.Fatal(err)
	}
	if want := len(situations()) * len(languages()); len(files) != want {
		t.Errorf("testdata has %d golden files, and %d are compared; remove the others", len(files), want)
	}
}

// Days are those where the agency is, also for a tenant who may read neither the Agency nor the plan: never those in UTC.
func TestDaysAreThoseOfTheAgency(t *testing.T) {
	connector := &v1alpha1.Connector{}
	connector.Status.Conditions = []metav1.Condition{
		{Type: v1alpha1.ConditionCompliant, Status: metav1.ConditionFalse}, {Type: v1alpha1.ConditionReady, Status: metav1.ConditionFalse},
	}
	connector.Status.Compliance = []v1alpha1.ComplianceStatus{{
		Ruling: new(true), Shortfalls: []v1alpha1.Shortfall{{Type: v1alpha1.ShortfallDuty, Name: v1alpha1.EvidencePenetrationTest}},
	}}
	c := &explain.Case{Now: time.Date(2026, 11, 1, 17, 0, 0, 0, time.UTC), Links: []explain.Link{{Connector: connector}}}
	told := ""
	for _, step := range explain.Connector(locale.English, c).Steps {
		for _, command := range step.Commands {
			told += command.Line
		}
	}
	if !strings.Contains(told, `performedAt: "2026-11-02"`) {
		t.Errorf("at midnight in Hanoi it is recorded as\n%s", told)
	}
	agency := &v1alpha1.Agency{}
	agency.Status.Milestones = []v1alpha1.AgencyMilestone{{Plan: "plan", Milestone: "pilot", State: v1alpha1.MilestoneAtRisk, LatestStart: "2026-11-01"}}
	c.Agency, c.Links = agency, nil
	steps := explain.Agency(locale.English, c).Steps
	if !slices.ContainsFunc(steps, func(s explain.Step) bool { return s.Text == "It should have begun on 2026-11-01 at the latest." }) {
		t.Errorf("at midnight in Hanoi after the last day it is said %+v", steps)
	}
}
