package turns

import (
	"cmp"
	"slices"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

// Fleet is what is known of an object that was changed, a SecurityProfile or a ConnectorClass, and of the Connectors that it concerns.
type Fleet struct {
	Now time.Time
	// Of is what the object is.
	Of Subject
	// Revision of the object as it is.
	Revision string
	// Policy by which a change of it reaches Connectors.
	Policy v1alpha1.RolloutPolicy
	// Connectors that it concerns.
	Connectors []v1alpha1.Connector
	// Before is the status as it was last written; nil at first.
	Before *v1alpha1.RolloutProgress
	// Obstacle is a whole sentence if the newest revision could not be stored; no turn begins then.
	Obstacle string
}

// Decision is what follows for the object.
type Decision struct {
	Status    v1alpha1.RolloutProgress
	Condition metav1.Condition
	// Next is when time alone may change the decision; zero for never.
	Next time.Duration
}

// Decide decides whose turn it is.
func Decide(f Fleet) Decision {
	d := plan(fleet{
		now: f.Now, of: f.Of, revision: f.Revision, policy: f.Policy, members: membersOf(f.Of, f.Connectors, f.Now), before: f.Before, obstacle: f.Obstacle,
	})
	return Decision{Status: d.status, Condition: d.condition, Next: d.next}
}

// fleet is what is known of a profile, or of a class, and of the Connectors that it concerns.
type fleet struct {
	now time.Time
	of  Subject
	// revision of what was changed, as it is.
	revision string
	// policy of the object. Where the API's defaults are missing, batches and failures count one, and a turn may take any time.
	policy  v1alpha1.RolloutPolicy
	members []member
	// before is the status as it was last written; nil at first.
	before *v1alpha1.RolloutProgress
	// obstacle is a whole sentence if the newest revision could not be stored; no turn begins then.
	obstacle string
}

// member is a Connector as it tells of itself.
type member struct {
	namespace, name string
	// revision that its objects were last made by; empty for one that was not made yet. That one takes the newest without a turn.
	revision string
	// ready tells that it is accepted and works, whatever duties people owe. settled tells that it works, be it accepted or not, and that all
	// its pods use what they were last given.
	ready, settled bool
	// short tells that its newest certificate is not as its profile asks for, which a change of the profile may mend.
	short bool
	// reason and message tell why it does not work, other than that it is refused.
	reason, message string
	// paused is one that is not written to; refused one whose spec cannot be honoured.
	paused, refused bool
	// held tells that something waits for its maintenance window; opens is when that is open next, now or earlier if it is.
	held  bool
	opens time.Time
}

// decision is what follows for the object.
type decision struct {
	status    v1alpha1.RolloutProgress
	condition metav1.Condition
	// next is when time alone may change the decision; zero for never.
	next time.Duration
}

// rules keep a change from disturbing too many. The tests take them away one by one, to see that it is noticed.
type rules struct {
	// mayBegin tells whether anybody may get a turn at all.
	mayBegin func(*view) bool
	// room is how many may have a turn at once.
	room func(*view) int
	// through tells that a member that has the newest revision needs its turn no more.
	through func(*view, *v1alpha1.RolloutTurn, *member) bool
	// goesOn tells that turns outlast another change.
	goesOn bool
}

func realRules() rules {
	return rules{
		mayBegin: func(v *view) bool { return !v.isPaused() && v.obstacle == "" },
		room:     (*view).batchSize,
		through:  (*view).through,
		goesOn:   true,
	}
}

// plan decides whose turn it is.
func plan(f fleet) decision { return planBy(realRules(), f) }

func planBy(r rules, f fleet) decision {
	v := look(r, f)
	if r.mayBegin(v) {
		v.begin(r.room(v))
	}
	phase := v.phase()
	return decision{
		status: v1alpha1.RolloutProgress{
			Phase:    phase,
			Revision: v.revision,
			Total:    new(int32(len(v.members))),
			Updated:  new(int32(len(v.those(v.updated)))),
			Waiting:  new(int32(len(v.waiting()))),
			Batch:    v.batch,
			Refused:  v.refused,
			Failed:   v.failed(phase),
		},
		condition: v.condition(phase),
		next:      v.next(),
	}
}

// view is a fleet put in order, and the turns as they stand.
type view struct {
	fleet
	members []*member
	byName  map[name]*member
	batch   []v1alpha1.RolloutTurn
	// refused are those whose turn ended because they were refused, for a while.
	refused []v1alpha1.RolloutTurn
}

type name struct{ namespace, name string }

func (m *member) named() name { return name{m.namespace, m.name} }

func look(r rules, f fleet) *view {
	v := &view{fleet: f, byName: make(map[name]*member, len(f.members))}
	for i := range f.members {
		m := &f.members[i]
		v.members = append(v.members, m)
		v.byName[m.named()] = m
	}
	slices.SortFunc(v.members, func(a, b *member) int {
		return cmp.Or(cmp.Compare(a.namespace, b.namespace), cmp.Compare(a.name, b.name))
	})
	v.carryOn(r)
	v.remember()
	return v
}

// phase is the first that applies.
func (v *view) phase() v1alpha1.RolloutPhase {
	switch {
	case len(v.batch) == 0 && len(v.those(v.behind)) == 0:
		return v1alpha1.RolloutComplete
	case v.isPaused():
		return v1alpha1.RolloutPaused
	default:
		return v1alpha1.RolloutUnderWay
	}
}

// behind tells that a member was made by an earlier revision.
func (v *view) behind(m *member) bool { return m.revision != "" && m.revision != v.revision }

func (v *view) updated(m *member) bool { return m.revision == v.revision && m.ready }

func (v *view) isOpen(m *member) bool { return !m.opens.After(v.now) }

// parked tells that what is left to do for a member waits for its maintenance window. Whoever is refused waits for somebody to mend that.
func (v *view) parked(m *member) bool { return m.held && !m.refused && !v.isOpen(m) }

// waiting are those that an earlier revision made and whose turn it is not.
func (v *view) waiting() []*member {
	return v.those(func(m *member) bool { return v.behind(m) && !v.hasTurn(m) })
}

func (v *view) hasTurn(m *member) bool { return has(v.batch, m) }

func (v *view) those(are func(*member) bool) []*member {
	var found []*member
	for _, m := range v.members {
		if are(m) {
			found = append(found, m)
		}
	}
	return found
}
