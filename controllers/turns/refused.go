package turns

import (
	"slices"
	"time"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

// maxRefused is what the API takes.
const maxRefused = 100

// A member that is refused in its turn, and works as before, was not disturbed, so its turn ends: no tenant holds up the others. Without the turn it may be
// accepted again, because it may be the change that it is refused for; so that it does not go to and fro, it is remembered and gets
// another turn after the timeout only.

// remember takes over those who were refused in their turn, until they get another, after all those who had none. One that was accepted in the same moment and
// moved has its turn back.
func (v *view) remember() {
	if v.before == nil {
		return
	}
	for _, turn := range v.before.Refused {
		m := v.byName[name{turn.Namespace, turn.Name}]
		switch age := v.age(&turn); {
		case m == nil || m.revision == "" || v.hasTurn(m) || v.wasRefused(m) >= 0:
		case !v.behind(m):
			if age < settling && !m.settled {
				v.batch = append(v.batch, turn)
			}
		case age < settling, v.before.Revision == v.revision && !m.refused && !m.paused:
			v.refused = append(v.refused, turn)
		}
	}
	slices.SortStableFunc(v.refused, func(a, b v1alpha1.RolloutTurn) int { return b.Since.Compare(a.Since.Time) })
	v.refused = v.refused[:min(len(v.refused), maxRefused)]
}

// again is how long after its turn a refused member gets another.
func (v *view) again() time.Duration { return max(v.policy.Timeout.Duration, settling) }

// lingering are those refused a moment ago: a pass that knew of the turn may still accept and move them, so they take room until then.
func (v *view) lingering() int {
	n := 0
	for i := range v.refused {
		if v.age(&v.refused[i]) < settling {
			n++
		}
	}
	return n
}

// isRefused tells that a member is refused, or was in its turn not long ago.
func (v *view) isRefused(m *member) bool {
	i := v.wasRefused(m)
	return m.refused || i >= 0 && v.age(&v.refused[i]) < v.again()
}

// wasRefused is where a member stands among those who were refused in their turn; -1 if it was not.
func (v *view) wasRefused(m *member) int {
	return slices.IndexFunc(v.refused, func(t v1alpha1.RolloutTurn) bool { return t.Namespace == m.namespace && t.Name == m.name })
}

func has(turns []v1alpha1.RolloutTurn, m *member) bool {
	return slices.ContainsFunc(turns, func(t v1alpha1.RolloutTurn) bool { return t.Namespace == m.namespace && t.Name == m.name })
}
