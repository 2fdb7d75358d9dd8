package milestone

import (
	"slices"

	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/sets"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

// Claim is what makes an agency, taken alone, a member of cohorts.
type Claim struct {
	// Named are the cohorts that name it or select it by its labels, in the order of the plan. More than one is a mistake in the plan.
	Named []string
	// Other is the cohort of all others, if that takes agencies of its type.
	Other string
	// Superseded tells that it was merged into another, so that it is in no cohort any more: its successor takes its place.
	Superseded bool
}

// Claim tells what makes an agency a member of the plan's cohorts.
func (p *Plan) Claim(agency *v1alpha1.Agency) Claim {
	claim := Claim{Superseded: agency.Spec.Lifecycle == v1alpha1.AgencySuperseded}
	for _, c := range p.cohorts {
		if c.agencies.Has(agency.Name) || c.selector.Matches(labels.Set(agency.Labels)) {
			claim.Named = append(claim.Named, c.name)
		}
		if c.others != nil && (len(c.others.Types) == 0 || slices.Contains(c.others.Types, agency.Spec.Type)) {
			claim.Other = c.name
		}
	}
	return claim
}

// Settle names the cohorts that an agency is in, by its own claim and by those of all that were merged into it: those that name or select it
// itself; otherwise the first one, in the order of the plan, that names or selects one of those that were merged into it; and at last that of all others.
func (p *Plan) Settle(own Claim, predecessors []Claim) []string {
	if own.Superseded {
		return nil
	}
	if len(own.Named) > 0 {
		return own.Named
	}
	other := own.Other
	inherited := map[string]bool{}
	for _, claim := range predecessors {
		for _, name := range claim.Named {
			inherited[name] = true
		}
		if other == "" {
			other = claim.Other
		}
	}
	for _, c := range p.cohorts {
		if inherited[c.name] {
			return []string{c.name}
		}
	}
	if other == "" {
		return nil
	}
	return []string{other}
}

// Cohorts names the cohorts of the plan that an agency is in, given all agencies that were merged into it. More than one is a mistake in the plan.
func (p *Plan) Cohorts(agency *v1alpha1.Agency, predecessors []v1alpha1.Agency) []string {
	claims := make([]Claim, 0, len(predecessors))
	for i := range predecessors {
		claims = append(claims, p.Claim(&predecessors[i]))
	}
	return p.Settle(p.Claim(agency), claims)
}

// Names tells whether the name of an agency stands in the plan.
func (p *Plan) Names(agency string) bool {
	return slices.ContainsFunc(p.cohorts, func(c cohort) bool { return c.agencies.Has(agency) }) || p.excepted.Has(agency)
}

// Named are all names of agencies that stand in the plan, sorted.
func (p *Plan) Named() []string {
	names := p.excepted.Clone()
	for _, c := range p.cohorts {
		names = names.Union(c.agencies)
	}
	return sets.List(names)
}
