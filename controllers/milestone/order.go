package milestone

import (
	"fmt"
	"slices"
	"strings"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

// maxNamed is how many milestones of a circle a message names.
const maxNamed = 8

// addOrder puts the milestones into an order in which each comes after those that it requires, and otherwise into that of the plan.
func (p *Plan) addOrder(v1alpha1.RolloutPlanSpec) *Problem {
	at := make(map[string]int, len(p.milestones))
	for i, m := range p.milestones {
		at[m.name] = i
	}
	for _, m := range p.milestones {
		if problem := m.checkRequired(p.milestones, at); problem != nil {
			return problem
		}
	}
	o := ordering{milestones: p.milestones, at: at, state: make([]visit, len(p.milestones))}
	for i := range p.milestones {
		if circle := o.add(i); circle != nil {
			return inCircle(circle)
		}
	}
	p.order = o.order
	return nil
}

// checkRequired refuses what is no milestone that the same agencies have to reach.
func (m milestone) checkRequired(all []milestone, at map[string]int) *Problem {
	for _, r := range m.requires {
		if r.Milestone == "" {
			continue
		}
		i, known := at[r.Milestone]
		switch {
		case !known:
			return &Problem{v1alpha1.ReasonInvalidSpec, fmt.Sprintf(
				"Milestone %s requires milestone %s, which the plan does not have; add it, or correct the requirement.", m.name, r.Milestone)}
		case all[i].cohort != m.cohort:
			return &Problem{v1alpha1.ReasonInvalidSpec, fmt.Sprintf(
				"Milestone %s of cohort %s requires milestone %s of cohort %s, which is never asked of the same agencies; require one of its own cohort.",
				m.name, m.cohort, r.Milestone, all[i].cohort)}
		}
	}
	return nil
}

func inCircle(circle []string) *Problem {
	if len(circle) == 2 {
		return &Problem{v1alpha1.ReasonInvalidSpec, fmt.Sprintf("Milestone %s requires itself, so nobody could ever meet it; remove that requirement.", circle[0])}
	}
	if len(circle) > maxNamed {
		circle = slices.Concat(circle[:maxNamed-2], []string{"…"}, circle[len(circle)-1:])
	}
	return &Problem{v1alpha1.ReasonInvalidSpec, fmt.Sprintf(
		"Milestone %s requires itself through others (%s), so nobody could ever meet any of them; remove one of those requirements.",
		circle[0], strings.Join(circle, " → "))}
}

type visit int

const (
	unvisited visit = iota
	visiting
	visited
)

// ordering visits the milestones, each after those that it requires.
type ordering struct {
	milestones []milestone
	at         map[string]int
	state      []visit
	order      []int
	trail      []string
}

// add gives the names of a circle, with the first again at its end, if it comes to one.
func (o *ordering) add(i int) []string {
	m := o.milestones[i]
	if o.state[i] == visited {
		return nil
	}
	if o.state[i] == visiting {
		return append(slices.Clone(o.trail[slices.Index(o.trail, m.name):]), m.name)
	}
	o.state[i], o.trail = visiting, append(o.trail, m.name)
	for _, r := range m.requires {
		if r.Milestone == "" {
			continue
		}
		if circle := o.add(o.at[r.Milestone]); circle != nil {
			return circle
		}
	}
	o.state[i], o.trail, o.order = visited, o.trail[:len(o.trail)-1], append(o.order, i)
	return nil
}
