package explain

import (
	"slices"
	"time"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/civil"
	"lienthong.gov.vn/connector-operator/controllers/compliance"
	"lienthong.gov.vn/connector-operator/report/view"
)

// milestones tells where the agency stands before each milestone, and of each that is not met what has to be done, by whom and by when.
func (t *teller) milestones(depth int) {
	for i := range t.c.Agency.Status.Milestones {
		m := &t.c.Agency.Status.Milestones[i]
		step := Step{
			Depth: depth, Mark: markOf(m.State), Said: m.Message,
			Text: t.l.Say("Mốc %s của kế hoạch %s, %s: %s", "Milestone %s of plan %s, %s: %s", m.Milestone, m.Plan, t.l.Deadline(m.Deadline), t.l.State(m.State)),
		}
		t.add(step)
		t.exception(depth+1, m)
		if m.MetBy != "" {
			t.say(depth+1, Note, t.l.Say("Do cơ quan %s đạt trước khi sáp nhập.", "Agency %s met it before it was merged into this one.", m.MetBy))
		}
		if m.Regressed != "" {
			t.add(Step{Depth: depth + 1, Mark: Bad, Said: m.Regressed, Text: t.l.Say("Sau đó không còn giữ được", "It does not hold any more")})
		}
		t.path(depth+1, m)
	}
}

func markOf(state v1alpha1.MilestoneState) Mark {
	switch state {
	case v1alpha1.MilestoneOverdue:
		return Bad
	case v1alpha1.MilestoneAtRisk, v1alpha1.MilestonePending, v1alpha1.MilestoneOnTrack:
		return Open
	case v1alpha1.MilestoneMet, v1alpha1.MilestoneMetLate:
		return Good
	default:
		return Note
	}
}

// exception tells who approved what is different for this agency.
func (t *teller) exception(depth int, m *v1alpha1.AgencyMilestone) {
	plan := t.plan(m.Plan)
	if plan == nil {
		return
	}
	for i := range plan.Spec.Exceptions {
		e := &plan.Spec.Exceptions[i]
		if e.Agency != t.c.Agency.Name || e.Milestone != m.Milestone {
			continue
		}
		what := t.l.Say("Được miễn", "Exempt")
		if e.Deadline != nil {
			what = t.l.Say("Thời hạn riêng %s", "A deadline of its own, %s", t.l.Deadline(*e.Deadline))
		}
		t.say(depth, Note, t.l.Say("%s, do %s chấp thuận: %s", "%s, approved by %s: %s", what, e.Approver, e.Reason))
	}
}

// path tells the critical path to a milestone.
func (t *teller) path(depth int, m *v1alpha1.AgencyMilestone) {
	if m.LatestStart != "" {
		today := civil.In(t.c.Now, t.zone(m.Plan)).String()
		if string(m.LatestStart) < today {
			t.say(depth, Bad, t.l.Say("Lẽ ra phải bắt đầu chậm nhất ngày %s.", "It should have begun on %s at the latest.", m.LatestStart))
		} else {
			t.say(depth, Open, t.l.Say("Phải bắt đầu chậm nhất ngày %s.", "It has to begin on %s at the latest.", m.LatestStart))
		}
	}
	for i := range m.Path {
		s := &m.Path[i]
		text := t.l.Say("Bước %d: %s", "Step %d: %s", i+1, t.named(s.What))
		if s.Who != "" {
			text += t.l.Say(", do %s", ", by %s", t.l.Who(s.Who))
		}
		if s.WorkingDays != nil {
			text += ", " + t.workingDays(*s.WorkingDays)
		}
		if s.LatestStart != "" {
			text += t.l.Say(", bắt đầu chậm nhất %s", ", to begin by %s", s.LatestStart)
		}
		step := Step{Depth: depth, Mark: Open, Text: text}
		if i == 0 {
			step.Commands = t.next(m, s.What)
		}
		t.add(step)
	}
}

// named says what a step is, with the name that the plan or the profile has for it, by which a person finds it there.
func (t *teller) named(what string) string {
	if said := t.l.Step(what); said != what {
		return said + " (" + what + ")"
	}
	return what
}

// next is what can be run for the first step of a path: only a record is made by a command; a condition is explained with its Connector.
func (t *teller) next(m *v1alpha1.AgencyMilestone, what string) []Command {
	plan := t.plan(m.Plan)
	isRecord := plan != nil && slices.ContainsFunc(plan.Spec.Milestones, func(s v1alpha1.Milestone) bool {
		return s.Name == m.Milestone && slices.ContainsFunc(s.Requires, func(r v1alpha1.MilestoneRequirement) bool { return r.Evidence == what })
	})
	for i := range t.c.Links {
		c := t.c.Links[i].Connector
		if plan != nil && c.Spec.HubRef.Name != plan.Spec.HubRef.Name {
			continue
		}
		if isRecord {
			return []Command{t.byAssessor("%s", t.record(&t.c.Links[i], nil, what))}
		}
		return []Command{t.byAuditor("kubectl lienthong explain connector/%s/%s", c.Namespace, c.Name)}
	}
	return nil
}

func (t *teller) plan(name string) *v1alpha1.RolloutPlan {
	for _, p := range t.c.Plans {
		if p.Name == name {
			return p
		}
	}
	return nil
}

// zone is that of a plan's dates; of a plan that is not known, it is the agency's.
func (t *teller) zone(plan string) *time.Location {
	if p := t.plan(plan); p != nil {
		return view.ZoneOf(p.Spec.TimeZone)
	}
	return compliance.Zone(t.c.Agency)
}
