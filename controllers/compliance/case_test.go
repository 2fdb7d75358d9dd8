package compliance

import (
	"fmt"
	"testing"
	"time"
	_ "time/tzdata" // so that the zones are the same on every machine

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/civil"
)

const (
	regime  = "nd331-2026"
	earlier = "nd85-2016"
	other   = "another"
)

func date(t testing.TB, s string) civil.Date {
	t.Helper()
	d, err := civil.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// caseOf is that of a Connector at level 3 of Agency g12.18, which belongs to g12, on a day.
func caseOf(today civil.Date, profiles ...*v1alpha1.SecurityProfile) *Case {
	c := &Case{Today: today, Regime: regime, Owners: []string{"g12.18", "g12"}}
	c.Connector = &v1alpha1.Connector{ObjectMeta: metav1.ObjectMeta{Namespace: "g12-18", Name: "main"}}
	c.Connector.Spec.SecurityLevel, c.Connector.Spec.AgencyRef.Name, c.Connector.Spec.HubRef.Name = 3, "g12.18", "axis"
	c.Agency = &v1alpha1.Agency{ObjectMeta: metav1.ObjectMeta{Name: "g12.18"}}
	for _, p := range profiles {
		c.Profiles = append(c.Profiles, *p)
	}
	return c
}

func profileOf(regime string, level v1alpha1.SecurityLevel, edits ...func(*v1alpha1.SecurityProfile)) *v1alpha1.SecurityProfile {
	p := &v1alpha1.SecurityProfile{ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprintf("%s-level-%d", regime, level)}}
	p.Spec.Regime, p.Spec.Level = regime, level
	for _, edit := range edits {
		edit(p)
	}
	return p
}

func duty(kind string, months, dueSoonDays int32) func(*v1alpha1.SecurityProfile) {
	return func(p *v1alpha1.SecurityProfile) {
		d := v1alpha1.Duty{Kind: kind, DueSoonDays: &dueSoonDays}
		if months > 0 {
			d.IntervalMonths = &months
		}
		p.Spec.Duties = append(p.Spec.Duties, d)
	}
}

func cited(field, source string) func(*v1alpha1.SecurityProfile) {
	return func(p *v1alpha1.SecurityProfile) {
		p.Spec.Citations = append(p.Spec.Citations, v1alpha1.Citation{Field: field, Source: source, Confidence: "secondary"})
	}
}

// approvedBy has the level appraised by a security unit and approved by the owner of the system, as the law does at level 3.
func approvedBy(p *v1alpha1.SecurityProfile) {
	p.Spec.Approval = &v1alpha1.ApprovalRequirements{
		Appraiser: v1alpha1.ResponsibleParty{Role: v1alpha1.RoleSecurityUnit}, Approver: v1alpha1.ResponsibleParty{Role: v1alpha1.RoleSystemOwner},
	}
}

func valid(from, until v1alpha1.CivilDate) func(*v1alpha1.SecurityProfile) {
	return func(p *v1alpha1.SecurityProfile) { p.Spec.Validity = &v1alpha1.Validity{From: from, Until: until} }
}

// record is one that counts: each is created today, a second after the one before, in the order in which a case has them.
func record(name, kind, day string, edits ...func(*v1alpha1.ComplianceEvidence)) v1alpha1.ComplianceEvidence {
	e := v1alpha1.ComplianceEvidence{ObjectMeta: metav1.ObjectMeta{Namespace: "g12-18", Name: name}}
	e.Spec = v1alpha1.ComplianceEvidenceSpec{
		ConnectorRef: v1alpha1.ConnectorReference{Name: "main"}, Kind: kind, PerformedAt: v1alpha1.CivilDate(day),
		PerformedBy:             v1alpha1.Performer{AgencyRef: &v1alpha1.ObjectReference{Name: "g12.18"}, Unit: "Information Security Division"},
		IndependentOfOperations: new(true), Outcome: v1alpha1.EvidenceOutcome{Result: v1alpha1.EvidencePassed},
	}
	for _, edit := range edits {
		edit(&e)
	}
	return e
}

func (c *Case) with(records ...v1alpha1.ComplianceEvidence) *Case {
	c.Records = append(c.Records, records...)
	for i := range c.Records {
		c.Records[i].CreationTimestamp = metav1.NewTime(c.Today.Start(Zone(c.Agency)).Add(time.Duration(i) * time.Second))
	}
	return c
}

// atOnce has all records made within one second.
func (c *Case) atOnce() {
	for i := range c.Records {
		c.Records[i].CreationTimestamp = c.Records[0].CreationTimestamp
	}
}

func level(n v1alpha1.SecurityLevel) func(*v1alpha1.ComplianceEvidence) {
	return func(e *v1alpha1.ComplianceEvidence) { e.Spec.Level = &n }
}

func failed(e *v1alpha1.ComplianceEvidence) { e.Spec.Outcome.Result = v1alpha1.EvidenceFailed }

func dependent(e *v1alpha1.ComplianceEvidence) { e.Spec.IndependentOfOperations = new(false) }

func under(regime string) func(*v1alpha1.ComplianceEvidence) {
	return func(e *v1alpha1.ComplianceEvidence) { e.Spec.Regime = regime }
}

func supersedes(name string) func(*v1alpha1.ComplianceEvidence) {
	return func(e *v1alpha1.ComplianceEvidence) { e.Spec.Supersedes = &v1alpha1.RecordReference{Name: name} }
}

func byAgency(name, unit string) func(*v1alpha1.ComplianceEvidence) {
	return func(e *v1alpha1.ComplianceEvidence) {
		e.Spec.PerformedBy = v1alpha1.Performer{AgencyRef: &v1alpha1.ObjectReference{Name: name}, Unit: unit}
	}
}

func byOrganisation(name string) func(*v1alpha1.ComplianceEvidence) {
	return func(e *v1alpha1.ComplianceEvidence) { e.Spec.PerformedBy = v1alpha1.Performer{Organisation: name} }
}

func (c *Case) waive(name, from, until string, duties ...string) *Case {
	w := v1alpha1.DutyWaiver{ObjectMeta: metav1.ObjectMeta{Namespace: "g12-18", Name: name}}
	w.Spec = v1alpha1.DutyWaiverSpec{
		ConnectorRef: v1alpha1.ConnectorReference{Name: "main"}, Duties: duties, Reason: "a reason", Approver: "an approver",
		From: v1alpha1.CivilDate(from), Until: v1alpha1.CivilDate(until),
	}
	c.Waivers = append(c.Waivers, w)
	return c
}

func TestZone(t *testing.T) {
	for zone, want := range map[string]string{
		"": "Asia/Ho_Chi_Minh", "Asia/Tokyo": "Asia/Tokyo", "Asia/Hanoi": "Asia/Ho_Chi_Minh", "Local": "Asia/Ho_Chi_Minh",
	} {
		agency := &v1alpha1.Agency{}
		agency.Spec.TimeZone = zone
		if got := Zone(agency).String(); got != want {
			t.Errorf("the zone of an Agency that names %q is %s, want %s", zone, got, want)
		}
	}
	if got := Zone(nil).String(); got != "Asia/Ho_Chi_Minh" {
		t.Errorf("the zone of no Agency is %s", got)
	}
}
