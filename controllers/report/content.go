package report

import (
	"cmp"
	"slices"
	"time"

	"k8s.io/utils/ptr"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/civil"
	"lienthong.gov.vn/connector-operator/controllers/conditions"
	"lienthong.gov.vn/connector-operator/controllers/milestone"
)

// snapshot is where the agencies of a plan stand at one moment, as their statuses say.
type snapshot struct {
	content v1alpha1.ReportContent
	// settled tells that every agency was judged by the plan as it is, and since time alone had to change its states.
	settled bool
}

// take reads the states of the milestones of a plan, which is also given made ready. The agencies are only read.
func take(plan *v1alpha1.RolloutPlan, ready *milestone.Plan, agencies []v1alpha1.Agency, zone *time.Location, now time.Time) snapshot {
	t := taking{plan: plan, ready: ready, zone: zone, now: now, rank: map[string]int{}}
	for i := range plan.Spec.Milestones {
		t.rank[plan.Spec.Milestones[i].Name] = i
	}
	for i := range agencies {
		t.add(&agencies[i])
	}
	slices.SortFunc(t.entries, func(a, b v1alpha1.ReportEntry) int {
		return cmp.Or(cmp.Compare(a.Code, b.Code), cmp.Compare(a.Agency, b.Agency), cmp.Compare(t.rank[a.Milestone], t.rank[b.Milestone]))
	})
	unsettled := t.stale + abs(t.expected()-int32(len(t.entries)))
	s := snapshot{
		content: v1alpha1.ReportContent{
			Agencies: new(ptr.Deref(plan.Status.Agencies, 0)), Cohorts: slices.Clone(plan.Status.Cohorts), Milestones: t.counts(), Entries: t.entries,
		},
		settled: unsettled == 0 && conditions.IsTrue(plan.Status.Conditions, v1alpha1.ConditionReady, plan.Generation),
	}
	if unsettled > 0 {
		s.content.Unsettled = &unsettled
	}
	return s
}

// taking is a snapshot while it is made.
type taking struct {
	plan  *v1alpha1.RolloutPlan
	ready *milestone.Plan
	zone  *time.Location
	now   time.Time
	// rank is the position of each milestone in the plan.
	rank    map[string]int
	entries []v1alpha1.ReportEntry
	// stale counts the entries that are to be judged anew.
	stale int32
}

// add takes what is recorded of one agency before the milestones that the plan has now.
func (t *taking) add(agency *v1alpha1.Agency) {
	for i := range agency.Status.Milestones {
		m := &agency.Status.Milestones[i]
		if m.Plan != t.plan.Name {
			continue
		}
		rank, ok := t.rank[m.Milestone]
		if !ok || t.plan.Spec.Milestones[rank].Cohort != m.Cohort {
			continue
		}
		if m.PlanGeneration != t.plan.Generation || t.outdated(m) {
			t.stale++
		}
		t.entries = append(t.entries, v1alpha1.ReportEntry{
			Agency: agency.Name, Code: agency.Spec.Code, Cohort: m.Cohort, Milestone: m.Milestone, State: m.State, Deadline: m.Deadline,
			MetAt: m.MetAt.DeepCopy(), MetBy: m.MetBy, Regressed: m.Regressed, LatestStart: m.LatestStart, Message: m.Message,
		})
	}
}

// outdated tells whether time alone must have changed the state already.
func (t *taking) outdated(m *v1alpha1.AgencyMilestone) bool {
	waiting := m.State == v1alpha1.MilestonePending || m.State == v1alpha1.MilestoneOnTrack
	if !waiting && m.State != v1alpha1.MilestoneAtRisk {
		return false
	}
	deadline, err := civil.ParseDeadline(m.Deadline, t.zone)
	if err != nil {
		return true
	}
	near := deadline.DaysBefore(int(ptr.Deref(t.plan.Spec.AtRiskDays, 0)))
	return !t.now.Before(deadline.TooLate()) || waiting && (!t.now.Before(near) || t.noSlack(m))
}

// noSlack tells whether fewer working days than the plan's margin are left until what is missing has to begin, or none: then the milestone is at
// risk. That can come with any day, also with one on which nobody works.
func (t *taking) noSlack(m *v1alpha1.AgencyMilestone) bool {
	if m.LatestStart == "" {
		return false
	}
	left, _, err := t.ready.Slack(m.LatestStart, t.now)
	return err == nil && left < int(max(ptr.Deref(t.plan.Spec.MarginWorkingDays, 0), 1))
}

// expected is how many entries there are according to the status of the plan.
func (t *taking) expected() (sum int32) {
	for i := range t.plan.Status.Milestones {
		m := &t.plan.Status.Milestones[i]
		for _, n := range []*int32{m.Pending, m.OnTrack, m.AtRisk, m.Overdue, m.Met, m.MetLate, m.Exempt} {
			sum += ptr.Deref(n, 0)
		}
	}
	return sum
}

// counts adds up the entries.
func (t *taking) counts() (all []v1alpha1.ReportedMilestone) {
	type key struct {
		milestone string
		state     v1alpha1.MilestoneState
	}
	by := map[key]int32{}
	for i := range t.entries {
		by[key{t.entries[i].Milestone, t.entries[i].State}]++
	}
	for i := range t.plan.Spec.Milestones {
		m := &t.plan.Spec.Milestones[i]
		counted := v1alpha1.ReportedMilestone{Name: m.Name, Cohort: m.Cohort, Deadline: m.Deadline}
		for _, state := range v1alpha1.MilestoneStates() {
			if n := by[key{m.Name, state}]; n > 0 {
				counted.States = append(counted.States, v1alpha1.ReportedState{State: state, Agencies: &n})
			}
		}
		all = append(all, counted)
	}
	return all
}

func abs(n int32) int32 { return max(n, -n) }
