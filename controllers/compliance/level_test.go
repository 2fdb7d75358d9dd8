package compliance

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

const (
	determined = v1alpha1.EvidenceLevelDetermination
	appraised  = v1alpha1.EvidenceLevelAppraisal
	granted    = v1alpha1.EvidenceLevelApproval
)

func TestApprovedLevel(t *testing.T) {
	three := []v1alpha1.ComplianceEvidence{record("a3", appraised, "2026-02-01", level(3)), record("g3", granted, "2026-03-01", level(3))}
	tests := map[string]struct {
		records []v1alpha1.ComplianceEvidence
		want    v1alpha1.SecurityLevel
	}{
		"nothing":                                                    {},
		"appraised and approved":                                     {three, 3},
		"appraised and approved in one day":                          {[]v1alpha1.ComplianceEvidence{record("g", granted, "2026-02-01", level(3)), record("a", appraised, "2026-02-01", level(3))}, 3},
		"approved only":                                              {[]v1alpha1.ComplianceEvidence{record("g", granted, "2026-03-01", level(3))}, 0},
		"appraised only":                                             {[]v1alpha1.ComplianceEvidence{record("a", appraised, "2026-03-01", level(3))}, 0},
		"approved before it was appraised":                           {[]v1alpha1.ComplianceEvidence{record("g", granted, "2026-03-01", level(3)), record("a", appraised, "2026-03-02", level(3))}, 0},
		"another level was appraised":                                {[]v1alpha1.ComplianceEvidence{record("a", appraised, "2026-02-01", level(4)), record("g", granted, "2026-03-01", level(3))}, 0},
		"the appraisal failed":                                       {[]v1alpha1.ComplianceEvidence{record("a", appraised, "2026-02-01", level(3), failed), record("g", granted, "2026-03-01", level(3))}, 0},
		"the approval failed":                                        {[]v1alpha1.ComplianceEvidence{record("a", appraised, "2026-02-01", level(3)), record("g", granted, "2026-03-01", level(3), failed)}, 0},
		"the wrong one approved":                                     {[]v1alpha1.ComplianceEvidence{record("a", appraised, "2026-02-01", level(3)), record("g", granted, "2026-03-01", level(3), byAgency("g13", ""))}, 0},
		"the wrong one appraised":                                    {[]v1alpha1.ComplianceEvidence{record("a", appraised, "2026-02-01", level(3), byAgency("g13", "IT")), record("g", granted, "2026-03-01", level(3))}, 0},
		"another level, newer":                                       {append(three[:2:2], record("a4", appraised, "2026-02-01", level(4)), record("g4", granted, "2026-04-01", level(4))), 4},
		"another level, newer, where nobody is named":                {append(three[:2:2], record("g2", granted, "2026-04-01", level(2), byOrganisation("ACME"))), 3},
		"another level, where nobody is named, alone":                {[]v1alpha1.ComplianceEvidence{record("g2", granted, "2026-04-01", level(2), byOrganisation("ACME"))}, 2},
		"where nobody is named, and by rules not appraised yet":      {[]v1alpha1.ComplianceEvidence{record("g2", granted, "2026-03-01", level(2)), record("g4", granted, "2026-04-01", level(4))}, 2},
		"taken back by somebody at a level where nobody is named":    {append(three[:2:2], record("g2", granted, "2026-04-01", level(2), failed, byOrganisation("ACME"), supersedes("g3"))), 3},
		"another level, older":                                       {append(three[:2:2], record("g2", granted, "2026-01-01", level(2))), 3},
		"another level, newer and not appraised where that is asked": {append(three[:2:2], record("g4", granted, "2026-04-01", level(4))), 3},
		"another level, still to come":                               {append(three[:2:2], record("g2", granted, "2026-06-02", level(2))), 3},
		"under another regime":                                       {[]v1alpha1.ComplianceEvidence{record("g2", granted, "2026-04-01", level(2), under(earlier))}, 0},
		"a correction":                                               {append(three[:2:2], record("g2", granted, "2026-03-01", level(2), supersedes("g3"))), 2},
		"a correction to nothing":                                    {append(three[:2:2], record("g2", granted, "2026-03-01", level(3), failed, supersedes("g3"))), 0},
		"one day, the one that was recorded later":                   {append(three[:2:2], record("a4", appraised, "2026-02-01", level(4)), record("g4", granted, "2026-03-01", level(4))), 4},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got := ApprovedLevel(caseOf(date(t, "2026-06-01"), profileOf(regime, 2), profileOf(regime, 3, approvedBy), profileOf(regime, 4, approvedBy)).with(tt.records...))
			if tt.want == 0 {
				if got != nil {
					t.Errorf("level %d is approved, want none", *got)
				}
				return
			}
			if got == nil || *got != tt.want {
				t.Errorf("level %v is approved, want %d", got, tt.want)
			}
		})
	}
}

func TestLevelOfWhichTheApprovalIsAsked(t *testing.T) {
	p := profileOf(regime, 3, approvedBy, cited("approval.appraiser", "Decree, Art. 18.2"), cited("approval.approver", "Decree, Art. 18.3"))
	d3, a3 := record("d3", determined, "2026-01-01", level(3)), record("a3", appraised, "2026-02-01", level(3))
	g3 := record("g3", granted, "2026-03-01", level(3))
	tests := map[string]struct {
		records []v1alpha1.ComplianceEvidence
		// evidence of the determination, the appraisal and the approval; empty for what is missing.
		evidence [3]string
		says     []string
	}{
		"all":     {[]v1alpha1.ComplianceEvidence{d3, a3, g3}, [3]string{"d3", "a3", "g3"}, nil},
		"nothing": {nil, [3]string{}, []string{"shows that it was determined.", "shows that it was appraised.", "shows that it was approved."}},
		"not determined": {[]v1alpha1.ComplianceEvidence{a3, g3}, [3]string{"", "a3", "g3"},
			[]string{"Level 3 is declared, and no accepted record of the kind LevelDetermination shows that it was determined."}},
		"not appraised": {[]v1alpha1.ComplianceEvidence{d3, g3}, [3]string{"d3"}, []string{
			"Level 3 is declared, and no accepted record of the kind LevelAppraisal shows that it was appraised.",
			"Level 3 was approved on 2026-03-01 by record g3, and no accepted record of the kind LevelAppraisal shows that it was appraised by then; the approval counts as soon as there is one."}},
		"appraised too late": {[]v1alpha1.ComplianceEvidence{d3, record("late", appraised, "2026-03-02", level(3)), g3}, [3]string{"d3", "late"}, []string{
			"Level 3 was approved on 2026-03-01 by record g3, and no accepted record of the kind LevelAppraisal shows that it was appraised by then; the approval counts as soon as there is one."}},
		"another level": {[]v1alpha1.ComplianceEvidence{record("d2", determined, "2026-01-01", level(2)), a3, g3}, [3]string{"", "a3", "g3"}, []string{"determined."}},
		"another level approved since": {[]v1alpha1.ComplianceEvidence{d3, a3, g3, record("a4", appraised, "2026-02-01", level(4)), record("g4", granted, "2026-04-01", level(4))},
			[3]string{"d3", "a3"}, []string{"Level 3 is declared, and the newest approval, record g4, is of level 4."}},
		"another level approved since, where nobody is named": {[]v1alpha1.ComplianceEvidence{d3, a3, g3, record("g2", granted, "2026-04-01", level(2))},
			[3]string{"d3", "a3", "g3"}, nil},
		"all, and anew": {[]v1alpha1.ComplianceEvidence{d3, a3, g3, record("again", granted, "2026-05-01", level(3))}, [3]string{"d3", "a3", "again"}, nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			c := caseOf(date(t, "2026-06-01"), p, profileOf(regime, 2), profileOf(regime, 4, approvedBy)).with(tt.records...)
			status := judgeSubject(c, &Subject{Profile: p})
			var want []v1alpha1.DutyStatus
			for i, kind := range []string{determined, appraised, granted} {
				state := v1alpha1.DutyMissing
				if tt.evidence[i] != "" {
					state = v1alpha1.DutySatisfied
				}
				want = append(want, v1alpha1.DutyStatus{Kind: kind, State: state, Evidence: tt.evidence[i]})
			}
			if diff := cmp.Diff(want, status.Duties); diff != "" {
				t.Errorf("duties (-want +got):\n%s", diff)
			}
			if len(status.Shortfalls) != len(tt.says) || *status.Satisfied != (len(tt.says) == 0) {
				t.Fatalf("shortfalls are %+v, want %q", status.Shortfalls, tt.says)
			}
			for i, s := range status.Shortfalls {
				cite := "Decree, Art. 18.2 (secondary)"
				if s.Name == granted {
					cite = "Decree, Art. 18.3 (secondary)"
				}
				if s.Type != v1alpha1.ShortfallLevel || !strings.HasSuffix(s.Message, tt.says[i]) || s.Citation != cite {
					t.Errorf("shortfall %d is %+v, want %q, cited as %q", i, s, tt.says[i], cite)
				}
			}
		})
	}
}

// While a higher level is declared and not approved, the lower one rules; it is the higher one that is to be approved.
func TestLevelThatIsDeclaredIsTheOneToApprove(t *testing.T) {
	two, three := profileOf(regime, 2), profileOf(regime, 3, approvedBy)
	c := caseOf(date(t, "2026-06-01"), two, three).with(record("g2", granted, "2026-01-01", level(2)))
	status := judgeSubject(c, &Subject{Profile: two, Level: 2})
	if status.Level != 2 || status.Profile != two.Name || len(status.Shortfalls) != 3 {
		t.Errorf("it is judged by level %d of %s, and %+v is short", status.Level, status.Profile, status.Shortfalls)
	}
	c.Connector.Spec.SecurityLevel = 2
	if status := judgeSubject(c, &Subject{Profile: two, Level: 2}); len(status.Shortfalls) != 0 || len(status.Duties) != 0 {
		t.Errorf("no approval is asked for at level 2, and there are %+v", status)
	}
}

// A level cannot be waived, whatever a waiver says.
func TestLevelIsNeverWaived(t *testing.T) {
	p := profileOf(regime, 3, approvedBy)
	c := caseOf(date(t, "2026-06-01"), p).waive("w", "2026-01-01", "2027-01-01", determined, appraised, granted)
	if status := judgeSubject(c, &Subject{Profile: p}); len(status.Shortfalls) != 3 {
		t.Errorf("the shortfalls are %+v", status.Shortfalls)
	}
}

// Who may approve under the hub's regime takes nothing away from what somebody else approves under another one.
func TestCorrectionIsExaminedByEachRegime(t *testing.T) {
	c := caseOf(date(t, "2026-06-01"), profileOf(regime, 3, approvedBy), profileOf(earlier, 3, organised)).with(
		record("g3", granted, "2026-01-01", level(3), byOrganisation("Prime Minister (list)")),
		record("none", granted, "2026-01-01", level(3), failed, supersedes("g3")),
	)
	if denial := Examine(&c.Records[1], c); denial != nil {
		t.Fatalf("the correction is refused: %s", denial.Message)
	}
	if d := c.open(earlier); len(d) != 1 || d[0].Name != "g3" {
		t.Errorf("under %s there are %+v", earlier, d)
	}
}
