package rollout

import (
	"maps"
	"slices"

	"k8s.io/apimachinery/pkg/util/sets"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/milestone"
)

// ledger adds up one plan, as it is at one generation, over all agencies, and keeps of each what it was added up from. So a change of one agency
// costs as much as that agency and those that it was merged into, and not as much as all.
type ledger struct {
	api  *v1alpha1.RolloutPlan
	plan *milestone.Plan
	// accounts of all agencies by name, also of those that are in no cohort: they may come into one by a merger.
	accounts map[string]*account
	// predecessors are the names of those that were merged into an agency directly.
	predecessors map[string]sets.Set[string]
	// unknown are the names in the plan that no agency has, and overlaps the agencies that are in more than one cohort, with those.
	unknown  sets.Set[string]
	overlaps map[string][]string
	totals   *totals
	// visits counts how often an agency was looked at.
	visits int
}

// account is what a plan's counts need to know of one agency.
type account struct {
	claim     milestone.Claim
	successor string
	standings []standing
	// counted is what the totals have of it now.
	counted contribution
}

// standing is one milestone of the plan in the status of an agency.
type standing struct {
	milestone, cohort string
	state             v1alpha1.MilestoneState
	generation        int64
	latestStart       v1alpha1.CivilDate
}

// newLedger has no agencies yet.
func newLedger(api *v1alpha1.RolloutPlan, plan *milestone.Plan) *ledger {
	return &ledger{
		api: api, plan: plan, accounts: map[string]*account{}, predecessors: map[string]sets.Set[string]{},
		unknown: sets.New(plan.Named()...), overlaps: map[string][]string{}, totals: newTotals(api),
	}
}

// fill opens the accounts of all agencies, of which there were none.
func (l *ledger) fill(agencies []v1alpha1.Agency) {
	for i := range agencies {
		l.open(agencies[i].Name, &agencies[i])
	}
	for name := range l.accounts {
		l.count(name)
	}
}

// update takes up an agency as it is now; nil if it is gone.
func (l *ledger) update(name string, agency *v1alpha1.Agency) {
	touched := sets.New(name).Union(l.successors(name))
	l.close(name)
	if agency != nil {
		l.open(name, agency)
	}
	for name := range touched.Union(l.successors(name)) {
		l.count(name)
	}
}

func (l *ledger) open(name string, agency *v1alpha1.Agency) {
	a := &account{claim: l.plan.Claim(agency), standings: standingsOf(agency, l.api.Name)}
	if ref := agency.Spec.SupersededBy; ref != nil {
		a.successor = ref.Name
		if l.predecessors[ref.Name] == nil {
			l.predecessors[ref.Name] = sets.New[string]()
		}
		l.predecessors[ref.Name].Insert(name)
	}
	l.accounts[name] = a
	l.unknown.Delete(name)
}

// close takes an agency out of everything.
func (l *ledger) close(name string) {
	a := l.accounts[name]
	if a == nil {
		return
	}
	l.totals.add(a.counted, -1)
	delete(l.accounts, name)
	delete(l.overlaps, name)
	if of := l.predecessors[a.successor]; of != nil {
		of.Delete(name)
		if len(of) == 0 {
			delete(l.predecessors, a.successor)
		}
	}
	if l.plan.Names(name) {
		l.unknown.Insert(name)
	}
}

// count replaces what the totals have of an agency by what it is now.
func (l *ledger) count(name string) {
	a := l.accounts[name]
	if a == nil {
		return
	}
	l.visits++
	l.totals.add(a.counted, -1)
	delete(l.overlaps, name)
	switch cohorts := l.plan.Settle(a.claim, l.inherited(name)); len(cohorts) {
	case 0:
		a.counted = contribution{}
	case 1:
		a.counted = contributionOf(l.api, name, cohorts[0], a.standings)
	default:
		a.counted, l.overlaps[name] = contribution{}, cohorts
	}
	l.totals.add(a.counted, 1)
}

// inherited are the claims of all that were merged into an agency, directly or through others.
func (l *ledger) inherited(name string) []milestone.Claim {
	var claims []milestone.Claim
	known := sets.New(name)
	for ask := []string{name}; len(ask) > 0; ask = ask[1:] {
		for _, predecessor := range slices.Sorted(maps.Keys(l.predecessors[ask[0]])) {
			if !known.Has(predecessor) {
				known.Insert(predecessor)
				ask, claims = append(ask, predecessor), append(claims, l.accounts[predecessor].claim)
			}
		}
	}
	return claims
}

// successors are the names of those that an agency was merged into, directly or through others.
func (l *ledger) successors(name string) sets.Set[string] {
	all := sets.New[string]()
	for a := l.accounts[name]; a != nil && a.successor != "" && !all.Has(a.successor); a = l.accounts[a.successor] {
		all.Insert(a.successor)
	}
	return all
}

// cohortOf is the cohort of a milestone of the plan.
func (l *ledger) cohortOf(milestone string) string {
	at := slices.IndexFunc(l.api.Spec.Milestones, func(m v1alpha1.Milestone) bool { return m.Name == milestone })
	if at < 0 {
		return ""
	}
	return l.api.Spec.Milestones[at].Cohort
}

// overlap is the first agency by name that is in more than one cohort, and how many more there are; none if its name is empty.
func (l *ledger) overlap() (first string, cohorts []string, more int) {
	for name := range l.overlaps {
		if first == "" || name < first {
			first = name
		}
	}
	return first, l.overlaps[first], len(l.overlaps) - 1
}

func standingsOf(agency *v1alpha1.Agency, plan string) []standing {
	var all []standing
	for i := range agency.Status.Milestones {
		if m := &agency.Status.Milestones[i]; m.Plan == plan {
			all = append(all, standing{m.Milestone, m.Cohort, m.State, m.PlanGeneration, m.LatestStart})
		}
	}
	return all
}
