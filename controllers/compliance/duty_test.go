package compliance

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/civil"
)

// at is an instant in UTC; the day begins in Hanoi seven hours before it does there.
func at(t *testing.T, s string) time.Time {
	t.Helper()
	instant, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		t.Fatal(err)
	}
	return instant
}

func dutyOf(t *testing.T, status v1alpha1.ComplianceStatus, kind string) v1alpha1.DutyStatus {
	t.Helper()
	for _, d := range status.Duties {
		if d.Kind == kind {
			return d
		}
	}
	t.Fatalf("there is no duty %s among %+v", kind, status.Duties)
	return v1alpha1.DutyStatus{}
}

// Each state changes with the first instant of a day in Hanoi, and not a nanosecond before.
func TestDutyChangesAtMidnightWhereTheAgencyIs(t *testing.T) {
	tests := map[string]struct {
		performed string
		months    int32
		soon      int32
		waiver    [2]string
		// midnight is in UTC.
		midnight      string
		before, after v1alpha1.DutyState
	}{
		"due soon, across the end of a month": {
			performed: "2026-08-31", months: 6, soon: 30, midnight: "2027-01-28T17:00:00Z", before: v1alpha1.DutySatisfied, after: v1alpha1.DutyDueSoon},
		"overdue from the day after the end of February": {
			performed: "2026-08-31", months: 6, soon: 30, midnight: "2027-02-28T17:00:00Z", before: v1alpha1.DutyDueSoon, after: v1alpha1.DutyOverdue},
		"a month after 31 January ends with a February of 29 days": {
			performed: "2028-01-31", months: 1, soon: 3, midnight: "2028-02-29T17:00:00Z", before: v1alpha1.DutyDueSoon, after: v1alpha1.DutyOverdue},
		"a year after 29 February is 28 February": {
			performed: "2028-02-29", months: 12, soon: 3, midnight: "2029-02-28T17:00:00Z", before: v1alpha1.DutyDueSoon, after: v1alpha1.DutyOverdue},
		"four years after 29 February is 29 February": {
			performed: "2028-02-29", months: 48, soon: 3, midnight: "2032-02-29T17:00:00Z", before: v1alpha1.DutyDueSoon, after: v1alpha1.DutyOverdue},
		"a year after 28 February is 28 February, also in a leap year": {
			performed: "2027-02-28", months: 12, soon: 0, midnight: "2028-02-28T17:00:00Z", before: v1alpha1.DutyDueSoon, after: v1alpha1.DutyOverdue},
		"without notice, it is due soon on the last day": {
			performed: "2026-12-31", months: 12, soon: 0, midnight: "2027-12-30T17:00:00Z", before: v1alpha1.DutySatisfied, after: v1alpha1.DutyDueSoon},
		"without an interval it is satisfied for good": {
			performed: "2016-07-01", months: 0, soon: 30, midnight: "2036-07-01T17:00:00Z", before: v1alpha1.DutySatisfied, after: v1alpha1.DutySatisfied},
		"a waiver begins": {
			performed: "2026-01-01", months: 1, waiver: [2]string{"2026-03-01", "2026-07-01"}, midnight: "2026-02-28T17:00:00Z",
			before: v1alpha1.DutyOverdue, after: v1alpha1.DutyWaived},
		"a waiver ends": {
			performed: "2026-01-01", months: 1, waiver: [2]string{"2026-03-01", "2026-07-01"}, midnight: "2026-06-30T17:00:00Z",
			before: v1alpha1.DutyWaived, after: v1alpha1.DutyOverdue},
		"a waiver changes nothing while the duty is done": {
			performed: "2026-01-01", months: 12, waiver: [2]string{"2026-03-01", "2026-07-01"}, midnight: "2026-02-28T17:00:00Z",
			before: v1alpha1.DutySatisfied, after: v1alpha1.DutySatisfied},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			p := profileOf(regime, 3, duty(v1alpha1.EvidencePenetrationTest, tt.months, tt.soon))
			for offset, want := range map[time.Duration]v1alpha1.DutyState{-time.Nanosecond: tt.before, 0: tt.after} {
				now := at(t, tt.midnight).Add(offset)
				c := caseOf(civil.In(now, Zone(nil)), p).with(record("test", v1alpha1.EvidencePenetrationTest, tt.performed))
				if tt.waiver[0] != "" {
					c.waive("excused", tt.waiver[0], tt.waiver[1], v1alpha1.EvidencePenetrationTest)
				}
				if got := dutyOf(t, judgeSubject(c, &Subject{Profile: p}), v1alpha1.EvidencePenetrationTest).State; got != want {
					t.Errorf("at %s the duty is %s, want %s", now, got, want)
				}
			}
		})
	}
}

// The same instant is another day elsewhere.
func TestDutyFollowsTheZoneOfTheAgency(t *testing.T) {
	p := profileOf(regime, 3, duty(v1alpha1.EvidenceRestoreTest, 3, 0))
	now := at(t, "2026-03-31T17:00:00Z") // 1 April in Hanoi, 31 March in Paris
	for zone, want := range map[string]v1alpha1.DutyState{"Asia/Ho_Chi_Minh": v1alpha1.DutyOverdue, "Europe/Paris": v1alpha1.DutyDueSoon} {
		agency := &v1alpha1.Agency{}
		agency.Spec.TimeZone = zone
		c := caseOf(civil.In(now, Zone(agency)), p).with(record("test", v1alpha1.EvidenceRestoreTest, "2025-12-31"))
		if got := dutyOf(t, judgeSubject(c, &Subject{Profile: p}), v1alpha1.EvidenceRestoreTest).State; got != want {
			t.Errorf("in %s the duty is %s, want %s", zone, got, want)
		}
	}
}

func TestDutyIsJudgedByTheNewestRecordThatCounts(t *testing.T) {
	const kind = v1alpha1.EvidencePenetrationTest
	p := profileOf(regime, 3, duty(kind, 12, 30))
	strict := profileOf(regime, 3, duty(kind, 12, 30))
	strict.Spec.Duties[0].Independent = new(true)
	operated := func(c *Case) {
		cloud := &v1alpha1.Agency{}
		cloud.Spec.Names.En = "acme cloud"
		c.Agency.Spec.OperatedBy, c.Agencies = "ACME Cloud", map[string]*v1alpha1.Agency{"g99": cloud}
	}
	good := record("good", kind, "2026-02-01")
	tests := map[string]struct {
		profile *v1alpha1.SecurityProfile
		records []v1alpha1.ComplianceEvidence
		edit    func(*Case)
		want    v1alpha1.DutyStatus
	}{
		"none": {profile: p, want: v1alpha1.DutyStatus{State: v1alpha1.DutyMissing}},
		"one":  {profile: p, records: []v1alpha1.ComplianceEvidence{good}, want: v1alpha1.DutyStatus{State: v1alpha1.DutySatisfied, DueDate: "2027-02-01", Evidence: "good"}},
		"the newest by its day, however they were recorded": {profile: p,
			records: []v1alpha1.ComplianceEvidence{good, record("older", kind, "2026-01-31")},
			want:    v1alpha1.DutyStatus{State: v1alpha1.DutySatisfied, DueDate: "2027-02-01", Evidence: "good"}},
		"of one day, the one that was recorded later": {profile: p,
			records: []v1alpha1.ComplianceEvidence{record("z", kind, "2026-02-01"), record("a", kind, "2026-02-01")},
			want:    v1alpha1.DutyStatus{State: v1alpha1.DutySatisfied, DueDate: "2027-02-01", Evidence: "a"}},
		"a failed one satisfies nothing and undoes nothing": {profile: p,
			records: []v1alpha1.ComplianceEvidence{good, record("bad", kind, "2026-05-01", failed)},
			want:    v1alpha1.DutyStatus{State: v1alpha1.DutySatisfied, DueDate: "2027-02-01", Evidence: "good"}},
		"one of another kind": {profile: p, records: []v1alpha1.ComplianceEvidence{record("other", "RestoreTest", "2026-02-01")},
			want: v1alpha1.DutyStatus{State: v1alpha1.DutyMissing}},
		"one of another Connector": {profile: p, records: []v1alpha1.ComplianceEvidence{record("other", kind, "2026-02-01",
			func(e *v1alpha1.ComplianceEvidence) { e.Spec.ConnectorRef.Name = "second" })}, want: v1alpha1.DutyStatus{State: v1alpha1.DutyMissing}},
		"one of another namespace": {profile: p, records: []v1alpha1.ComplianceEvidence{record("other", kind, "2026-02-01",
			func(e *v1alpha1.ComplianceEvidence) { e.Namespace = "g13" })}, want: v1alpha1.DutyStatus{State: v1alpha1.DutyMissing}},
		"one of another regime": {profile: p, records: []v1alpha1.ComplianceEvidence{record("other", kind, "2026-02-01", under(earlier))},
			want: v1alpha1.DutyStatus{State: v1alpha1.DutyMissing}},
		"one of this regime": {profile: p, records: []v1alpha1.ComplianceEvidence{record("this", kind, "2026-02-01", under(regime))},
			want: v1alpha1.DutyStatus{State: v1alpha1.DutySatisfied, DueDate: "2027-02-01", Evidence: "this"}},
		"a corrected one": {profile: p, records: []v1alpha1.ComplianceEvidence{good, record("right", kind, "2026-01-02", supersedes("good"))},
			want: v1alpha1.DutyStatus{State: v1alpha1.DutySatisfied, DueDate: "2027-01-02", Evidence: "right"}},
		"one that is corrected to have failed": {profile: p,
			records: []v1alpha1.ComplianceEvidence{good, record("right", kind, "2026-02-01", failed, supersedes("good"))},
			want:    v1alpha1.DutyStatus{State: v1alpha1.DutyMissing}},
		"a correction that is corrected leaves the first out": {profile: p,
			records: []v1alpha1.ComplianceEvidence{
				good, record("second", kind, "2026-02-02", supersedes("good")), record("third", kind, "2026-01-03", supersedes("second"))},
			want: v1alpha1.DutyStatus{State: v1alpha1.DutySatisfied, DueDate: "2027-01-03", Evidence: "third"}},
		"a correction that is not accepted corrects nothing": {profile: p,
			records: []v1alpha1.ComplianceEvidence{good, record("tomorrow", kind, "2026-06-02", failed, supersedes("good"))},
			want:    v1alpha1.DutyStatus{State: v1alpha1.DutySatisfied, DueDate: "2027-02-01", Evidence: "good"}},
		"one that is not independent, where that is not asked": {profile: p, records: []v1alpha1.ComplianceEvidence{record("own", kind, "2026-02-01", dependent)},
			want: v1alpha1.DutyStatus{State: v1alpha1.DutySatisfied, DueDate: "2027-02-01", Evidence: "own"}},
		"one that is not independent, where that is asked": {profile: strict,
			records: []v1alpha1.ComplianceEvidence{good, record("own", kind, "2026-04-01", dependent)},
			want:    v1alpha1.DutyStatus{State: v1alpha1.DutySatisfied, DueDate: "2027-02-01", Evidence: "good"}},
		"one that says it is independent, by who operates the system": {profile: strict, edit: operated,
			records: []v1alpha1.ComplianceEvidence{record("own", kind, "2026-02-01", byOrganisation(" acme  cloud"))},
			want:    v1alpha1.DutyStatus{State: v1alpha1.DutyMissing}},
		"one that says it is independent, by the agency that operates the system": {profile: strict, edit: operated,
			records: []v1alpha1.ComplianceEvidence{record("own", kind, "2026-02-01", byAgency("g99", "Another unit"))},
			want:    v1alpha1.DutyStatus{State: v1alpha1.DutyMissing}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			c := caseOf(date(t, "2026-06-01"), tt.profile).with(tt.records...)
			if tt.edit != nil {
				tt.edit(c)
			}
			tt.want.Kind = kind
			if diff := cmp.Diff(tt.want, dutyOf(t, judgeSubject(c, &Subject{Profile: tt.profile}), kind)); diff != "" {
				t.Errorf("duty (-want +got):\n%s", diff)
			}
		})
	}
}

func TestWaiverExcusesWhatIsShort(t *testing.T) {
	const kind = v1alpha1.EvidencePenetrationTest
	p := profileOf(regime, 3, duty(kind, 12, 30), duty(v1alpha1.EvidenceRestoreTest, 6, 30))
	missing := v1alpha1.DutyStatus{Kind: kind, State: v1alpha1.DutyMissing}
	tests := map[string]struct {
		edit func(*Case)
		want v1alpha1.DutyStatus
	}{
		"that holds":         {func(c *Case) { c.waive("w", "2026-06-01", "2026-06-02", kind) }, v1alpha1.DutyStatus{Kind: kind, State: v1alpha1.DutyWaived, Waiver: "w"}},
		"that is to come":    {func(c *Case) { c.waive("w", "2026-06-02", "2026-07-01", kind) }, missing},
		"that ended today":   {func(c *Case) { c.waive("w", "2026-05-01", "2026-06-01", kind) }, v1alpha1.DutyStatus{Kind: kind, State: v1alpha1.DutyMissing, ExpiredWaiver: "w"}},
		"of another duty":    {func(c *Case) { c.waive("w", "2026-05-01", "2026-07-01", v1alpha1.EvidenceRestoreTest) }, missing},
		"of another as well": {func(c *Case) { c.waive("w", "2026-05-01", "2026-07-01", v1alpha1.EvidenceRestoreTest, kind) }, v1alpha1.DutyStatus{Kind: kind, State: v1alpha1.DutyWaived, Waiver: "w"}},
		"of another that nobody asks for, too": {func(c *Case) { c.waive("w", "2026-05-01", "2026-07-01", kind, "Juggling") },
			v1alpha1.DutyStatus{Kind: kind, State: v1alpha1.DutyWaived, Waiver: "w"}},
		"that is refused": {func(c *Case) { c.waive("w", "2026-05-01", "2026-07-01", "Juggling") }, missing},
		"of another elsewhere": {func(c *Case) {
			c.waive("w", "2026-05-01", "2026-07-01", kind)
			c.Waivers[0].Namespace = "g13"
		}, missing},
		"the one that ends last": {func(c *Case) {
			c.waive("a", "2026-05-01", "2026-07-01", kind).waive("b", "2026-05-01", "2026-08-01", kind).waive("c", "2026-05-01", "2026-06-15", kind)
		}, v1alpha1.DutyStatus{Kind: kind, State: v1alpha1.DutyWaived, Waiver: "b"}},
		"of those that end together, the first": {func(c *Case) {
			c.waive("b", "2026-05-01", "2026-08-01", kind).waive("a", "2026-05-01", "2026-08-01", kind)
		}, v1alpha1.DutyStatus{Kind: kind, State: v1alpha1.DutyWaived, Waiver: "a"}},
		"one that holds before one that ended": {func(c *Case) {
			c.waive("old", "2026-01-01", "2026-05-01", kind).waive("new", "2026-06-01", "2026-08-01", kind)
		}, v1alpha1.DutyStatus{Kind: kind, State: v1alpha1.DutyWaived, Waiver: "new"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			c := caseOf(date(t, "2026-06-01"), p)
			tt.edit(c)
			status := judgeSubject(c, &Subject{Profile: p})
			if diff := cmp.Diff(tt.want, dutyOf(t, status, kind)); diff != "" {
				t.Errorf("duty (-want +got):\n%s", diff)
			}
			short := false
			for _, s := range status.Shortfalls {
				short = short || s.Name == kind
			}
			if short == (tt.want.State == v1alpha1.DutyWaived) {
				t.Errorf("the duty is %s, and the shortfalls are %+v", tt.want.State, status.Shortfalls)
			}
		})
	}
}
