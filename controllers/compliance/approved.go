package compliance

import (
	"slices"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/civil"
)

// ApprovalUnder is the newest approval that counts under a regime; nil if there is none.
func ApprovalUnder(c *Case, regime string) *v1alpha1.ComplianceEvidence {
	if newest := approved(c, regime, c.open(regime)); newest != nil {
		return newest.ComplianceEvidence
	}
	return nil
}

// ApprovalUnderAny is the newest accepted approval that counts under the regime that it names or, if it names none, under any that has
// profiles; nil if there is none. So an approved level outlives a change of the regime until the next approval. What is refused counts under
// no regime, also where nobody is named who may approve; and what was approved where nobody is named gives way to what was approved by rules.
func ApprovalUnderAny(c *Case) *v1alpha1.ComplianceEvidence {
	var regimes []string
	for i := range c.Profiles {
		regimes = append(regimes, c.Profiles[i].Spec.Regime)
	}
	for i := range c.Records {
		if regime := c.Records[i].Spec.Regime; regime != "" {
			regimes = append(regimes, regime)
		}
	}
	slices.Sort(regimes)
	var byRules, byAnybody docket
	for _, regime := range slices.Compact(regimes) {
		accepted := slices.DeleteFunc(c.open(regime), func(e entry) bool { return Examine(e.ComplianceEvidence, c) != nil })
		newest := approved(c, regime, accepted)
		switch {
		case newest == nil:
		case c.approval(regime, *newest.Spec.Level) != nil:
			byRules = append(byRules, *newest)
		default:
			byAnybody = append(byAnybody, *newest)
		}
	}
	if len(byRules) > 0 {
		return byRules.first()
	}
	return byAnybody.first()
}

// StandingApproval is the newest approval of a level that passed, that was performed before it was recorded and that no accepted record
// corrects, whether it counts or not; nil if there is none.
func StandingApproval(c *Case, level v1alpha1.SecurityLevel) *v1alpha1.ComplianceEvidence {
	var d docket
	for i := range c.Records {
		r := &c.Records[i]
		day, err := civil.Parse(string(r.Spec.PerformedAt))
		if err != nil || inFuture(r, c, "") != nil || r.Spec.Kind != v1alpha1.EvidenceLevelApproval ||
			r.Spec.Outcome.Result != v1alpha1.EvidencePassed || !ofLevel(level)(entry{ComplianceEvidence: r}) || SupersededBy(r, c) != "" {
			continue
		}
		d = append(d, entry{r, day})
	}
	return d.first()
}

// Later is the newer of two records; either may be nil.
func Later(a, b *v1alpha1.ComplianceEvidence) *v1alpha1.ComplianceEvidence {
	var d docket
	for _, r := range []*v1alpha1.ComplianceEvidence{a, b} {
		if r == nil {
			continue
		}
		if day, err := civil.Parse(string(r.Spec.PerformedAt)); err == nil {
			d = append(d, entry{r, day})
		}
	}
	return d.first()
}

// first is the newest of a few records; nil if there is none.
func (d docket) first() *v1alpha1.ComplianceEvidence {
	if len(d) == 0 {
		return nil
	}
	return slices.MinFunc(d, newestFirst).ComplianceEvidence
}
