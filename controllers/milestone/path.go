package milestone

import (
	"slices"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

// maxSteps is how many steps of a path the API takes.
const maxSteps = 32

// dossier is what the step is called in which the dossier of a level is completed and examined.
const dossier = "Dossier"

// task is one thing that is still to be done. Its days are nil if neither the plan nor a profile says how many working days it takes.
type task struct {
	what, who string
	days      *int32
}

// chain are tasks of which each can begin when the one before it is done.
type chain []task

// days is how many working days the whole chain takes, as far as is known.
func (c chain) days() int {
	sum := 0
	for _, t := range c {
		if t.days != nil {
			sum += int(*t.days)
		}
	}
	return sum
}

// longest is the chain that takes the most working days, the first of several: what is independent is done at the same time.
func longest(chains []chain) chain {
	var critical chain
	for i, c := range chains {
		if i == 0 || c.days() > critical.days() {
			critical = c
		}
	}
	return critical
}

// survey finds what one agency still has to do.
type survey struct {
	plan     *Plan
	agency   *v1alpha1.Agency
	seen     observed
	profiles []v1alpha1.SecurityProfile
}

// path is the critical chain of a milestone. Compile refuses milestones that wait for each other, so it comes to an end; and each is followed once
// in a pass, however many wait for it.
func (s *survey) path(m milestone) chain {
	if known, ok := s.seen.paths[m.name]; ok {
		return known
	}
	var chains []chain
	for _, r := range lacking(m.requires, s.seen) {
		chains = append(chains, s.chainOf(m, r))
	}
	s.seen.paths[m.name] = longest(chains)
	return s.seen.paths[m.name]
}

// chainOf is what has to be done for one requirement of a milestone, the requirement itself at the end.
func (s *survey) chainOf(m milestone, r v1alpha1.MilestoneRequirement) chain {
	if r.Milestone != "" {
		return s.withOwn(r, s.pathOf(r.Milestone))
	}
	if len(s.seen.connectors) == 0 {
		return s.connectorChain(m, r, nil)
	}
	fails, _ := checkOf(r, s.seen)
	var chains []chain
	for i := range s.seen.connectors {
		if c := &s.seen.connectors[i]; fails(c) != "" {
			chains = append(chains, s.connectorChain(m, r, c))
		}
	}
	return longest(chains)
}

func (s *survey) pathOf(name string) chain {
	at := slices.IndexFunc(s.plan.milestones, func(m milestone) bool { return m.name == name })
	return s.path(s.plan.milestones[at]) // Compile refuses a name that is none
}

// connectorChain is what has to be done for one requirement at one Connector; nil stands for one that is not there yet.
func (s *survey) connectorChain(m milestone, r v1alpha1.MilestoneRequirement, c *v1alpha1.Connector) chain {
	switch {
	case isLevelStep(r.Evidence):
		rules := s.rulesOf(c, judgedByHub(c))
		short := func(kind string) bool { return c == nil || lacksEvidence(c, kind, s.seen.records) != "" }
		return s.levelChain(m, rules, r.Evidence, short)
	case r.Regime != "":
		return s.withOwn(r, s.shortfalls(m, c, judgedUnder(c, r.Regime)))
	case r.Condition == v1alpha1.ConditionCompliant, r.Condition == v1alpha1.ConditionReady:
		return s.withOwn(r, s.shortfalls(m, c, judgedByHub(c)))
	default:
		return s.withOwn(r, nil)
	}
}

// withOwn adds a requirement itself to what it waits for. Where the plan says nothing of it, it follows by itself from that.
func (s *survey) withOwn(r v1alpha1.MilestoneRequirement, before chain) chain {
	if len(before) > 0 && r.WorkingDays == nil && r.Responsible == "" {
		return before
	}
	what := r.Condition + r.Evidence + r.Regime + r.Milestone
	return append(slices.Clip(before), task{what: what, who: s.who(r.Responsible), days: r.WorkingDays})
}

// shortfalls is the longest chain of what a judgement of the Connector finds short: the level, and each duty. Technical figures are left out:
// nobody has said how long they take, and the requirement stands for them.
func (s *survey) shortfalls(m milestone, c *v1alpha1.Connector, judged *v1alpha1.ComplianceStatus) chain {
	if judged == nil {
		return nil
	}
	level := map[string]bool{}
	var chains []chain
	for _, short := range judged.Shortfalls {
		switch short.Type {
		case v1alpha1.ShortfallLevel:
			level[short.Name] = true
		case v1alpha1.ShortfallDuty:
			chains = append(chains, chain{s.evidenceTask(m, short.Name, "", nil)})
		case v1alpha1.ShortfallTechnical:
		}
	}
	if len(level) > 0 {
		last := v1alpha1.EvidenceLevelApproval
		approving := s.levelChain(m, s.rulesOf(c, judged), last, func(kind string) bool { return level[kind] })
		chains = slices.Insert(chains, 0, approving)
	}
	return longest(chains)
}

// evidenceTask is the making of a record of a kind: by whom and in how many days the plan says or, if it does not, as given.
func (s *survey) evidenceTask(m milestone, kind, who string, days *int32) task {
	t := task{what: kind, who: who, days: days}
	for _, r := range m.requires {
		if r.Evidence != kind {
			continue
		}
		if r.WorkingDays != nil {
			t.days = r.WorkingDays
		}
		if r.Responsible != "" {
			t.who = r.Responsible
		}
	}
	t.who = s.who(t.who)
	return t
}

// who is the one who is named, or the agency's focal point; empty if there is none.
func (s *survey) who(named string) string {
	if named == "" && s.agency.Spec.FocalPoint != nil {
		return s.agency.Spec.FocalPoint.Unit
	}
	return named
}
