package compliance

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/civil"
)

func TestJudgeTellsOfEachRegime(t *testing.T) {
	ruling := profileOf(regime, 3, approvedBy, valid("2026-08-19", ""), duty("RestoreTest", 6, 30), duty("AccountReview", 3, 20),
		cited("tls.minVersion", "Circular 39/2017"), cited("duties.RestoreTest", "TCVN 14423, 6"))
	old := profileOf(earlier, 3, valid("2016-07-01", "2026-07-01"), duty("SecurityAssessment", 24, 30))
	c := caseOf(date(t, "2026-06-30"), ruling, old).with(
		record("d3", determined, "2026-01-01", level(3)), record("a3", appraised, "2026-02-01", level(3)), record("g3", granted, "2026-03-01", level(3)),
		record("review", "AccountReview", "2026-04-15"), record("assessed", "SecurityAssessment", "2026-05-01"),
	)
	subjects := []Subject{{Profile: old}, {Profile: ruling, Ruling: true, Level: 3, Technical: []v1alpha1.Shortfall{
		{Type: v1alpha1.ShortfallTechnical, Name: "workload.minReplicas", Message: "Too few.", Citation: "by hand"},
		{Type: v1alpha1.ShortfallTechnical, Name: "tls.minVersion", Message: "Too old."},
	}}}
	want := []v1alpha1.ComplianceStatus{
		{
			Regime: regime, Ruling: new(true), Standing: v1alpha1.RegimeToCome, Level: 3, Profile: "nd331-2026-level-3", Satisfied: new(false),
			Shortfalls: []v1alpha1.Shortfall{
				{Type: v1alpha1.ShortfallTechnical, Name: "tls.minVersion", Message: "Too old.", Citation: "Circular 39/2017 (secondary)"},
				{Type: v1alpha1.ShortfallTechnical, Name: "workload.minReplicas", Message: "Too few.", Citation: "by hand"},
				{Type: v1alpha1.ShortfallDuty, Name: "RestoreTest", Message: "RestoreTest has no valid record.", Citation: "TCVN 14423, 6 (secondary)"},
			},
			Duties: []v1alpha1.DutyStatus{
				{Kind: determined, State: v1alpha1.DutySatisfied, Evidence: "d3"},
				{Kind: appraised, State: v1alpha1.DutySatisfied, Evidence: "a3"},
				{Kind: granted, State: v1alpha1.DutySatisfied, Evidence: "g3"},
				{Kind: "AccountReview", State: v1alpha1.DutyDueSoon, DueDate: "2026-07-15", Evidence: "review"},
				{Kind: "RestoreTest", State: v1alpha1.DutyMissing},
			},
		},
		{
			Regime: earlier, Ruling: new(false), Standing: v1alpha1.RegimeInForce, Level: 3, Profile: "nd85-2016-level-3", Satisfied: new(true),
			Duties: []v1alpha1.DutyStatus{{Kind: "SecurityAssessment", State: v1alpha1.DutySatisfied, DueDate: "2028-05-01", Evidence: "assessed"}},
		},
	}
	got := Judge(c, subjects)
	for i := range got {
		if len(got[i].Shortfalls) == 0 {
			got[i].Shortfalls = nil
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("compliance (-want +got):\n%s", diff)
	}
	if subjects[1].Technical[1].Citation != "" || subjects[1].Technical[0].Name != "workload.minReplicas" || subjects[0].Ruling {
		t.Errorf("what was handed in was changed: %+v", subjects)
	}
}

func TestRegimesChangeAtMidnightWhereTheAgencyIs(t *testing.T) {
	old, next := profileOf(earlier, 3, valid("2016-07-01", "2026-07-01")), profileOf(regime, 3, valid("2026-08-19", ""))
	for instant, want := range map[string][2]v1alpha1.RegimeStanding{
		"2026-06-30T16:59:59.999999999Z": {v1alpha1.RegimeInForce, v1alpha1.RegimeToCome},
		"2026-06-30T17:00:00Z":           {v1alpha1.RegimeEnded, v1alpha1.RegimeToCome},
		"2026-08-18T16:59:59.999999999Z": {v1alpha1.RegimeEnded, v1alpha1.RegimeToCome},
		"2026-08-18T17:00:00Z":           {v1alpha1.RegimeEnded, v1alpha1.RegimeInForce},
	} {
		c := caseOf(civil.In(at(t, instant), Zone(nil)), old, next)
		all := Judge(c, []Subject{{Profile: old, Ruling: true}, {Profile: next}})
		if got := [2]v1alpha1.RegimeStanding{all[0].Standing, all[1].Standing}; got != want {
			t.Errorf("at %s the regimes are %v, want %v", instant, got, want)
		}
	}
	if got := standing(nil, "2026-01-01"); got != v1alpha1.RegimeInForce {
		t.Errorf("a regime without a validity is %s", got)
	}
}

func TestShortfallsAreBounded(t *testing.T) {
	p := profileOf(regime, 3, approvedBy)
	var technical []v1alpha1.Shortfall
	for i := range 64 {
		duty(fmt.Sprintf("Duty%02d", i), 1, 0)(p)
	}
	for i := range 10 {
		technical = append(technical, v1alpha1.Shortfall{Type: v1alpha1.ShortfallTechnical, Name: fmt.Sprintf("field%d", i), Message: "Not met."})
	}
	var subjects []Subject
	for i := range 10 {
		other := p.DeepCopy()
		other.Spec.Regime = fmt.Sprintf("regime-%d", i)
		subjects = append(subjects, Subject{Profile: other, Ruling: i == 9, Technical: technical})
	}
	all := Judge(caseOf(date(t, "2026-06-01"), p), subjects)
	if len(all) != 8 || all[0].Regime != "regime-9" || all[1].Regime != "regime-0" {
		t.Errorf("there are %d regimes, the first of which are %s and %s", len(all), all[0].Regime, all[1].Regime)
	}
	if got := all[0]; len(got.Shortfalls) != 64 || len(got.Duties) != 67 || got.Shortfalls[10].Name != determined || got.Shortfalls[13].Name != "Duty00" {
		t.Errorf("there are %d shortfalls and %d duties", len(got.Shortfalls), len(got.Duties))
	}
}

func TestSentence(t *testing.T) {
	p := profileOf(regime, 3, duty("RestoreTest", 6, 30), duty("PenetrationTest", 12, 30), duty("LogReview", 1, 3), duty("RiskReview", 0, 0))
	good := []v1alpha1.ComplianceEvidence{
		record("l", "LogReview", "2026-05-20"), record("p", "PenetrationTest", "2026-01-01"),
		record("re", "RestoreTest", "2026-05-01"), record("ri", "RiskReview", "2020-01-01"),
	}
	with := func(replaced ...v1alpha1.ComplianceEvidence) []v1alpha1.ComplianceEvidence {
		all := append([]v1alpha1.ComplianceEvidence{}, good...)
		for _, r := range replaced {
			for i := range all {
				if all[i].Spec.Kind == r.Spec.Kind {
					all[i] = r
				}
			}
		}
		return all
	}
	tests := map[string]struct {
		profile   *v1alpha1.SecurityProfile
		records   []v1alpha1.ComplianceEvidence
		technical []v1alpha1.Shortfall
		edit      func(*Case)
		want      string
	}{
		"all":          {records: good, want: "All 4 duties are satisfied."},
		"due soon":     {records: with(record("re", "RestoreTest", "2025-12-13")), want: "All 4 duties are satisfied: RestoreTest due by 2026-06-13."},
		"tomorrow":     {records: with(record("re", "RestoreTest", "2025-12-02")), want: "All 4 duties are satisfied: RestoreTest due by 2026-06-02."},
		"today":        {records: with(record("re", "RestoreTest", "2025-12-01")), want: "All 4 duties are satisfied: RestoreTest due by 2026-06-01."},
		"the only one": {profile: profileOf(regime, 3, duty("RestoreTest", 6, 30)), records: good, want: "The only duty is satisfied."},
		"the only one, due soon": {profile: profileOf(regime, 3, duty("RestoreTest", 6, 30)), records: with(record("re", "RestoreTest", "2025-12-13")),
			want: "The only duty is satisfied: RestoreTest due by 2026-06-13."},
		"overdue": {records: with(record("p", "PenetrationTest", "2025-02-28"), record("re", "RestoreTest", "2025-12-13")),
			want: "3 of 4 duties satisfied: PenetrationTest overdue since 2026-03-01, RestoreTest due by 2026-06-13."},
		"missing": {records: with(record("p", "PenetrationTest", "2026-01-01", failed)), want: "3 of 4 duties satisfied: PenetrationTest has no valid record."},
		"in the order of urgency": {
			records: with(record("l", "LogReview", "2026-05-02"), record("p", "PenetrationTest", "2026-01-01", failed),
				record("re", "RestoreTest", "2025-01-31")),
			want: "2 of 4 duties satisfied: RestoreTest overdue since 2025-08-01, PenetrationTest has no valid record, LogReview due by 2026-06-02."},
		"waived": {records: with(record("p", "PenetrationTest", "2025-02-28")), edit: func(c *Case) { c.waive("w", "2026-05-01", "2026-12-31", "PenetrationTest") },
			want: "3 of 4 duties satisfied: PenetrationTest is waived until 2026-12-31 by waiver w."},
		"waived no longer": {records: with(record("p", "PenetrationTest", "2025-02-28")), edit: func(c *Case) { c.waive("w", "2026-04-01", "2026-05-31", "PenetrationTest") },
			want: "3 of 4 duties satisfied: PenetrationTest overdue since 2026-03-01, waiver w ended on 2026-05-31."},
		"the technical part and the level lead": {profile: profileOf(regime, 3, approvedBy, duty("RiskReview", 0, 0)), records: good,
			technical: []v1alpha1.Shortfall{{Type: v1alpha1.ShortfallTechnical, Name: "tls.minVersion", Message: "TLS is too old."}},
			want: "TLS is too old. Level 3 is declared, and no accepted record of the kind LevelDetermination shows that it was determined. " +
				"Level 3 is declared, and no accepted record of the kind LevelAppraisal shows that it was appraised. " +
				"Level 3 is declared, and no accepted record of the kind LevelApproval shows that it was approved. 1 of 4 duties satisfied."},
		"no duties": {profile: profileOf(regime, 3), want: "Nothing is short, and no duties are asked for."},
		"no duties, and short": {profile: profileOf(regime, 3), want: "TLS is too old.",
			technical: []v1alpha1.Shortfall{{Type: v1alpha1.ShortfallTechnical, Name: "tls.minVersion", Message: "TLS is too old."}}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if tt.profile == nil {
				tt.profile = p
			}
			c := caseOf(date(t, "2026-06-01"), tt.profile).with(tt.records...)
			if tt.edit != nil {
				tt.edit(c)
			}
			status := judgeSubject(c, &Subject{Profile: tt.profile, Technical: tt.technical})
			if got := Sentence(c, &status); got != tt.want {
				t.Errorf("the sentence is\n%s\nwant\n%s", got, tt.want)
			}
		})
	}
}

func TestSentenceIsBounded(t *testing.T) {
	p := profileOf(regime, 3)
	for i := range 64 {
		duty(fmt.Sprintf("AVeryLongNameOfADuty%02d", i), 1, 0)(p)
	}
	c := caseOf(date(t, "2026-06-01"), p)
	status := judgeSubject(c, &Subject{Profile: p})
	if got := Sentence(c, &status); len(got) > 1000 || !strings.HasPrefix(got, "0 of 64 duties satisfied: AVery") || !strings.HasSuffix(got, "…") {
		t.Errorf("the sentence has %d bytes: %s", len(got), got)
	}
}

func TestShortfallsOfDutiesSayWhatIsMissing(t *testing.T) {
	p := profileOf(regime, 3, duty("PenetrationTest", 12, 30))
	p.Spec.Duties[0].Independent = new(true)
	c := caseOf(date(t, "2026-06-01"), p).with(record("old", "PenetrationTest", "2025-02-28")).waive("w", "2026-04-01", "2026-05-31", "PenetrationTest")
	status := judgeSubject(c, &Subject{Profile: p})
	want := "PenetrationTest has been overdue since 2026-03-01: the newest record that counts is old. " +
		"Only what was performed independently of who operates the system counts. Waiver w ended on 2026-05-31."
	if len(status.Shortfalls) != 1 || status.Shortfalls[0].Message != want {
		t.Errorf("the shortfalls are %+v, want %q", status.Shortfalls, want)
	}
}
