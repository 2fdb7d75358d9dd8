package milestone

import (
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/labels"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

// Cohorts names the cohorts of the plan that an agency is in. More than one is a mistake in the plan.
func (p *Plan) Cohorts(agency *v1alpha1.Agency) []string {
	var in []string
	for _, c := range p.cohorts {
		if c.agencies.Has(agency.Name) || c.selector.Matches(labels.Set(agency.Labels)) {
			in = append(in, c.name)
		}
	}
	if len(in) > 0 {
		return in
	}
	for _, c := range p.cohorts {
		if c.others != nil && takes(*c.others, agency) {
			in = append(in, c.name)
		}
	}
	return in
}

// takes leaves out agencies that were merged into another: nobody is left there to reach anything. A cohort that names one,
// or selects it by a label, still has it.
func takes(others v1alpha1.AllOthers, agency *v1alpha1.Agency) bool {
	if agency.Spec.Lifecycle == v1alpha1.AgencySuperseded {
		return false
	}
	return len(others.Types) == 0 || slices.Contains(others.Types, agency.Spec.Type)
}

// Membership is how all agencies fall into the cohorts of a plan.
type Membership struct {
	// Cohorts has the members of each cohort.
	Cohorts map[string][]*v1alpha1.Agency
	// Overlaps are the agencies that are in more than one cohort, sorted by name.
	Overlaps []Overlap
	// Unknown are the names in the plan that no Agency has, sorted.
	Unknown []string
}

// Overlap is an agency that is in more than one cohort.
type Overlap struct {
	Agency  string
	Cohorts []string
}

// Members sorts agencies into the cohorts of the plan.
func (p *Plan) Members(agencies []v1alpha1.Agency) Membership {
	m := Membership{Cohorts: make(map[string][]*v1alpha1.Agency, len(p.cohorts))}
	unknown := p.named()
	for i := range agencies {
		agency := &agencies[i]
		delete(unknown, agency.Name)
		in := p.Cohorts(agency)
		if len(in) > 1 {
			m.Overlaps = append(m.Overlaps, Overlap{agency.Name, in})
		}
		for _, name := range in {
			m.Cohorts[name] = append(m.Cohorts[name], agency)
		}
	}
	slices.SortFunc(m.Overlaps, func(a, b Overlap) int { return strings.Compare(a.Agency, b.Agency) })
	for name := range unknown {
		m.Unknown = append(m.Unknown, name)
	}
	slices.Sort(m.Unknown)
	return m
}

// named are all names of agencies that stand in the plan.
func (p *Plan) named() map[string]struct{} {
	names := map[string]struct{}{}
	for _, c := range p.cohorts {
		for name := range c.agencies {
			names[name] = struct{}{}
		}
	}
	for key := range p.exceptions {
		names[key.agency] = struct{}{}
	}
	return names
}
