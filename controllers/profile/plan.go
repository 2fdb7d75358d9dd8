package profile

import (
	"cmp"
	"slices"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

// fleet is what is known of a profile and of the Connectors that it rules.
type fleet struct {
	now time.Time
	// revision of the technical part as it is.
	revision string
	// policy of the profile. Where the API's defaults are missing, batches and failures count one, and a turn may take any time.
	policy  v1alpha1.ProfileRolloutPolicy
	members []member
	// before is the status as it was last written; nil at first.
	before *v1alpha1.ProfileRolloutStatus
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
	// short tells that its newest certificate is not as its profile asks for.
	short bool
	// reason and message tell why it does not work, other than that it is refused.
	reason, message string
	// paused is one that is not written to; refused one whose spec cannot be honoured.
	paused, refused bool
	// held tells that something waits for its maintenance window; opens is when that is open next, now or earlier if it is.
	held  bool
	opens time.Time
}

// decision is what follows for the profile.
type decision struct {
	status    v1alpha1.ProfileRolloutStatus
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
	through func(*view, *v1alpha1.ProfileTurn, *member) bool
	// goesOn tells that turns outlast another change of the profile.
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
		status: v1alpha1.ProfileRolloutStatus{
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
	batch   []v1alpha1.ProfileTurn
	// refused are those whose turn ended because they were refused, for a while.
	refused []v1alpha1.ProfileTurn
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
func (v *view) phase() v1alpha1.ProfileRolloutPhase {
	switch {
	case len(v.batch) == 0 && len(v.those(v.behind)) == 0:
		return v1alpha1.ProfileComplete
	case v.isPaused():
		return v1alpha1.ProfilePaused
	default:
		return v1alpha1.ProfileRollingOut
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
