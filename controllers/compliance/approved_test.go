package compliance

import (
	"testing"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

// Under the earlier regime nobody is named who approves level 2, and the security unit and the owner of the system are at level 4.
func TestApprovalUnderAny(t *testing.T) {
	anybody := byOrganisation("ACME")
	tests := map[string]struct {
		records []v1alpha1.ComplianceEvidence
		want    string
	}{
		"none":                           {nil, ""},
		"under the regime that it names": {[]v1alpha1.ComplianceEvidence{record("g2", granted, "2026-01-01", level(2), anybody, under(earlier))}, "g2"},
		"under none, and by who may not by the hub's regime": {[]v1alpha1.ComplianceEvidence{record("g2", granted, "2026-01-01", level(2), anybody)}, ""},
		"under none, and by who may":                         {[]v1alpha1.ComplianceEvidence{record("g2", granted, "2026-01-01", level(2))}, "g2"},
		"by anybody, after one by rules": {[]v1alpha1.ComplianceEvidence{
			record("a4", appraised, "2026-01-01", level(4), under(other)), record("g4", granted, "2026-01-01", level(4), under(other)),
			record("g2", granted, "2026-02-01", level(2), anybody, under(earlier))}, "g4"},
		"by rules, after another": {[]v1alpha1.ComplianceEvidence{
			record("a4", appraised, "2026-01-01", level(4)), record("g4", granted, "2026-01-01", level(4), under(other)),
			record("again", granted, "2026-02-01", level(4), under(earlier))}, "again"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			c := caseOf(date(t, "2026-06-01"), profileOf(regime, 2, approvedBy), profileOf(regime, 4, approvedBy), profileOf(earlier, 2),
				profileOf(earlier, 4, approvedBy), profileOf(other, 4, approvedBy)).with(tt.records...)
			got := ""
			if newest := ApprovalUnderAny(c); newest != nil {
				got = newest.Name
			}
			if got != tt.want {
				t.Errorf("approved by record %q, want %q", got, tt.want)
			}
		})
	}
}

func TestStandingApproval(t *testing.T) {
	c := caseOf(date(t, "2026-06-01"), profileOf(regime, 3, approvedBy)).with(
		record("wrong", granted, "2026-01-01", level(3), byOrganisation("ACME")),
		record("future", granted, "2026-06-02", level(3)), record("failed", granted, "2026-05-01", level(3), failed),
		record("another", granted, "2026-05-01", level(4)),
	).on(date(t, "2026-07-01"))
	if got := StandingApproval(c, 3); got == nil || got.Name != "wrong" {
		t.Errorf("record %+v stands", got)
	}
	if got := StandingApproval(c, 2); got != nil {
		t.Errorf("record %s stands for level 2", got.Name)
	}
}
