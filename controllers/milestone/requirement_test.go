package milestone

import (
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

const (
	regimeToCome = "nd331-2026"
	// signed is a record of the kind ContractSigned that counts.
	signed = "ContractSigned=Passed,True"
)

// record is one of Connector g12/<connector>, as "Kind=Result,Accepted" and, if it is superseded, ",by".
func record(connector, text string) v1alpha1.ComplianceEvidence {
	kind, said, _ := strings.Cut(text, "=")
	parts := strings.Split(said, ",")
	r := v1alpha1.ComplianceEvidence{
		ObjectMeta: metav1.ObjectMeta{Namespace: "g12", Name: connector + "-" + strings.ToLower(kind), Generation: 1},
		Spec: v1alpha1.ComplianceEvidenceSpec{
			ConnectorRef: v1alpha1.ConnectorReference{Name: connector}, Kind: kind,
			Outcome: v1alpha1.EvidenceOutcome{Result: v1alpha1.EvidenceResult(parts[0])},
		},
	}
	if parts[1] != "" {
		r.Status.Conditions = []metav1.Condition{{
			Type: v1alpha1.ConditionAccepted, Status: metav1.ConditionStatus(parts[1]), Reason: "Tested", ObservedGeneration: 1,
		}}
	}
	if len(parts) > 2 {
		r.Status.SupersededBy = parts[2]
	}
	return r
}

// under adds how a Connector stands under a regime: what is short, by name; nothing satisfies it.
func under(c v1alpha1.Connector, regime string, short ...string) v1alpha1.Connector {
	status := v1alpha1.ComplianceStatus{Regime: regime, Satisfied: new(len(short) == 0)}
	for _, name := range short {
		status.Shortfalls = append(status.Shortfalls, v1alpha1.Shortfall{Type: v1alpha1.ShortfallDuty, Name: name, Message: "It changes often."})
	}
	c.Status.Compliance = append(c.Status.Compliance, status)
	c.Status.ObservedGeneration = c.Generation
	return c
}

func TestEvidence(t *testing.T) {
	const lacksFirst = "Connector g12/a has no record of ContractSigned that is accepted and passed"
	one, two := []v1alpha1.Connector{connector("a")}, []v1alpha1.Connector{connector("b"), connector("a")}
	tests := map[string]struct {
		connectors []v1alpha1.Connector
		records    []v1alpha1.ComplianceEvidence
		want       string
	}{
		"recorded":            {one, []v1alpha1.ComplianceEvidence{record("a", signed)}, ""},
		"no connector":        {nil, []v1alpha1.ComplianceEvidence{record("a", signed)}, "No Connector to hub axis acts for the agency."},
		"no record":           {one, nil, lacksFirst + "."},
		"another kind":        {one, []v1alpha1.ComplianceEvidence{record("a", "PilotExchange=Passed,True")}, lacksFirst + "."},
		"another connector":   {one, []v1alpha1.ComplianceEvidence{record("b", signed)}, lacksFirst + "."},
		"failed":              {one, []v1alpha1.ComplianceEvidence{record("a", "ContractSigned=Failed,True")}, lacksFirst + "."},
		"refused":             {one, []v1alpha1.ComplianceEvidence{record("a", "ContractSigned=Passed,False")}, lacksFirst + "."},
		"not judged yet":      {one, []v1alpha1.ComplianceEvidence{record("a", "ContractSigned=Passed,")}, lacksFirst + "."},
		"superseded":          {one, []v1alpha1.ComplianceEvidence{record("a", "ContractSigned=Passed,True,later")}, lacksFirst + "."},
		"one counts":          {one, []v1alpha1.ComplianceEvidence{record("a", "ContractSigned=Failed,True"), record("a", signed)}, ""},
		"every connector":     {two, []v1alpha1.ComplianceEvidence{record("a", signed), record("b", signed)}, ""},
		"one of two":          {two, []v1alpha1.ComplianceEvidence{record("b", signed)}, lacksFirst + "."},
		"neither of two":      {two, nil, lacksFirst + ", nor has 1 other."},
		"none of three":       {append(two, connector("c")), nil, lacksFirst + ", nor have 2 others."},
		"a namesake's record": {one, []v1alpha1.ComplianceEvidence{elsewhereRecord(record("a", signed))}, lacksFirst + "."},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got := missing([]v1alpha1.MilestoneRequirement{{Evidence: "ContractSigned"}}, observed{hub: hub, connectors: tt.connectors, records: tt.records})
			if got != tt.want {
				t.Errorf("missing: %s\nwant: %s", got, tt.want)
			}
		})
	}
}

func elsewhereRecord(r v1alpha1.ComplianceEvidence) v1alpha1.ComplianceEvidence {
	r.Namespace = "g99"
	return r
}

func TestRegime(t *testing.T) {
	satisfied := under(connector("a"), regimeToCome)
	tests := map[string]struct {
		connectors []v1alpha1.Connector
		want       string
	}{
		"satisfied":       {[]v1alpha1.Connector{satisfied}, ""},
		"no connector":    {nil, "No Connector to hub axis acts for the agency."},
		"not judged":      {[]v1alpha1.Connector{connector("a")}, "Connector g12/a was not judged under regime nd331-2026."},
		"another regime":  {[]v1alpha1.Connector{under(connector("a"), "nd85-2016")}, "Connector g12/a was not judged under regime nd331-2026."},
		"spec changed":    {[]v1alpha1.Connector{stale(satisfied)}, "Connector g12/a was not judged under regime nd331-2026 since its spec changed."},
		"one is short":    {[]v1alpha1.Connector{under(connector("a"), regimeToCome, "RestoreTest")}, "Connector g12/a does not satisfy regime nd331-2026 (RestoreTest)."},
		"three are short": {[]v1alpha1.Connector{under(connector("a"), regimeToCome, "x", "y", "z")}, "Connector g12/a does not satisfy regime nd331-2026 (x and 2 more)."},
		"beside another regime": {
			[]v1alpha1.Connector{under(under(connector("a"), "nd85-2016"), regimeToCome, "x")}, "Connector g12/a does not satisfy regime nd331-2026 (x).",
		},
		"one of two": {
			[]v1alpha1.Connector{satisfied, under(connector("b"), regimeToCome, "x")}, "Connector g12/b does not satisfy regime nd331-2026 (x).",
		},
		"neither of two": {
			[]v1alpha1.Connector{under(connector("b"), regimeToCome, "x"), connector("a")},
			"Connector g12/a was not judged under regime nd331-2026, nor does 1 other.",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := missing([]v1alpha1.MilestoneRequirement{{Regime: regimeToCome}}, observed{hub: hub, connectors: tt.connectors}); got != tt.want {
				t.Errorf("missing: %s\nwant: %s", got, tt.want)
			}
		})
	}
}

// All that is required has to hold at once; the first that does not is told.
func TestRequirementsTogether(t *testing.T) {
	requires := []v1alpha1.MilestoneRequirement{{Condition: "HubConnected"}, {Evidence: "ContractSigned"}, {Regime: regimeToCome}}
	a := connector("a", "HubConnected=True")
	steps := []struct {
		observed observed
		want     string
	}{
		{observed{hub: hub, connectors: []v1alpha1.Connector{connector("a")}}, "HubConnected of Connector g12/a was not observed yet."},
		{observed{hub: hub, connectors: []v1alpha1.Connector{a}}, "Connector g12/a has no record of ContractSigned that is accepted and passed."},
		{observed{hub: hub, connectors: []v1alpha1.Connector{a}, records: []v1alpha1.ComplianceEvidence{record("a", signed)}},
			"Connector g12/a was not judged under regime nd331-2026."},
		{observed{hub: hub, connectors: []v1alpha1.Connector{under(a, regimeToCome)}, records: []v1alpha1.ComplianceEvidence{record("a", signed)}}, ""},
	}
	for _, step := range steps {
		if got := missing(requires, step.observed); got != step.want {
			t.Errorf("missing: %s\nwant: %s", got, step.want)
		}
	}
}

func TestSameCompliance(t *testing.T) {
	base := under(connector("a"), regimeToCome, "RestoreTest", "LogReview").Status.Compliance
	tests := map[string]struct {
		edit func(*v1alpha1.ComplianceStatus)
		want bool
	}{
		"satisfied":          {func(s *v1alpha1.ComplianceStatus) { s.Satisfied = new(true) }, false},
		"another regime":     {func(s *v1alpha1.ComplianceStatus) { s.Regime = "nd85-2016" }, false},
		"one less is short":  {func(s *v1alpha1.ComplianceStatus) { s.Shortfalls = s.Shortfalls[:1] }, false},
		"another is short":   {func(s *v1alpha1.ComplianceStatus) { s.Shortfalls[0].Name = "RiskReview" }, false},
		"the same, in words": {func(s *v1alpha1.ComplianceStatus) { s.Shortfalls[0].Message = "It changed." }, true},
		"another profile":    {func(s *v1alpha1.ComplianceStatus) { s.Profile = "mine" }, false},
		"ruling":             {func(s *v1alpha1.ComplianceStatus) { s.Ruling = new(true) }, false},
		"the second short":   {func(s *v1alpha1.ComplianceStatus) { s.Shortfalls[1].Name = "RiskReview" }, false},
		"short in its level": {func(s *v1alpha1.ComplianceStatus) { s.Shortfalls[1].Type = v1alpha1.ShortfallLevel }, false},
		"another level":      {func(s *v1alpha1.ComplianceStatus) { s.Level = 4 }, true},
	}
	for name, tt := range tests {
		after := *base[0].DeepCopy()
		tt.edit(&after)
		if got := SameCompliance(base, []v1alpha1.ComplianceStatus{after}); got != tt.want {
			t.Errorf("%s: %v, want %v", name, got, tt.want)
		}
	}
	if SameCompliance(base, nil) {
		t.Error("a judgement that came is not the same as none")
	}
}
