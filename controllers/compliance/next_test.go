package compliance

import (
	"testing"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

func TestNextChange(t *testing.T) {
	p := profileOf(regime, 3, duty("PenetrationTest", 12, 30), duty("RiskReview", 0, 0))
	old := profileOf(earlier, 3, valid("2016-07-01", "2026-07-01"), duty("RestoreTest", 6, 30))
	tests := map[string]struct {
		edit func(*Case)
		// want is empty if nothing changes any more.
		want string
	}{
		"nothing but the end of a regime":          {func(*Case) {}, "2026-07-01"},
		"after all has ended":                      {func(c *Case) { c.Today = date(t, "2026-07-01") }, ""},
		"due soon":                                 {func(c *Case) { c.with(record("r", "PenetrationTest", "2025-07-15")) }, "2026-06-15"},
		"due soon already":                         {func(c *Case) { c.with(record("r", "PenetrationTest", "2025-06-20")) }, "2026-06-21"},
		"due today":                                {func(c *Case) { c.with(record("r", "PenetrationTest", "2025-06-01")) }, "2026-06-02"},
		"due soon under another regime":            {func(c *Case) { c.with(record("r", "RestoreTest", "2025-12-10")) }, "2026-06-11"},
		"satisfied for good":                       {func(c *Case) { c.with(record("r", "RiskReview", "2025-06-20")) }, "2026-07-01"},
		"a record that was made before its day":    {func(c *Case) { c.with(record("r", "RiskReview", "2026-06-09")) }, "2026-07-01"},
		"an approval that was made before its day": {func(c *Case) { c.with(record("r", granted, "2026-06-09", level(3))) }, "2026-07-01"},
		"a waiver begins":                          {func(c *Case) { c.waive("w", "2026-06-20", "2026-06-25", "RiskReview") }, "2026-06-20"},
		"a waiver ends":                            {func(c *Case) { c.waive("w", "2026-05-20", "2026-06-25", "RiskReview") }, "2026-06-25"},
		"a waiver that excuses from nothing": {func(c *Case) {
			c.with(record("r", "RiskReview", "2025-06-20")).waive("w", "2026-06-20", "2026-06-25", "RiskReview")
		}, "2026-07-01"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			c := caseOf(date(t, "2026-06-01"), p, old)
			tt.edit(c)
			got, changes := NextChange(c, []Subject{{Profile: p, Ruling: true}, {Profile: old}})
			if changes != (tt.want != "") || changes && got.String() != tt.want {
				t.Errorf("the next change is on %s (%t), want %q", got, changes, tt.want)
			}
		})
	}
}

// A case without a Connector is examined, and nothing in it counts.
func TestNothingCountsWithoutAConnector(t *testing.T) {
	c := caseOf(date(t, "2026-06-01"), profileOf(regime, 3)).with(record("g", v1alpha1.EvidenceLevelApproval, "2026-01-01", level(3)))
	c.Connector = nil
	if got := ApprovedLevel(c); got != nil {
		t.Errorf("level %d is approved", *got)
	}
}
