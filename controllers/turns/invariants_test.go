package turns

import (
	"fmt"
	"slices"
	"time"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

// What has to hold at every step, by name.
const (
	budget   = "no more are disturbed at once than the policy's batch"
	failures = "no turn begins while too many have failed"
	ends     = "it comes to an end, and every Connector has the newest revision that may"
	quiet    = "nothing is written when there is nothing to do"
)

type violation struct{ invariant, detail string }

func (c *country) violatef(invariant, format string, args ...any) {
	if c.violation == nil {
		c.violation = &violation{invariant, fmt.Sprintf("round %d: ", c.round) + fmt.Sprintf(format, args...)}
	}
}

// check counts who has a turn as written, or had one until it was refused a moment ago, or was made anew and is not as it was before.
// Whoever is paused in the middle is not counted until it moves again, and turns that go on when the batch is cut may be too many until
// they end.
func (c *country) check() {
	var names []string
	for _, n := range c.connectors {
		if n.gone {
			continue
		}
		turn := n.turn(c.profile.api.Status.Rollout)
		if turn != nil {
			n.since, n.noted = turn.Since.Time, turn.NotReadyReason
		}
		n.moving = n.moving && !c.arrived(n)
		if turn != nil || c.lingers(n) || n.moving && !n.interrupted && !n.object.paused {
			names = append(names, n.name)
		}
	}
	if len(names) > c.underWay && len(names) > int(c.profile.api.Spec.Rollout.BatchSize) {
		c.violatef(budget, "%v are disturbed, and the batch is %d", names, c.profile.api.Spec.Rollout.BatchSize)
	}
	c.underWay = len(names)
}

// lingers tells that a Connector was refused in its turn a moment ago, and may have the turn back if it was accepted in the same moment.
func (c *country) lingers(n *connector) bool {
	status := c.profile.api.Status.Rollout
	return status != nil && slices.ContainsFunc(status.Refused, func(t v1alpha1.RolloutTurn) bool {
		return t.Name == n.name && c.now().Sub(t.Since.Time) < settling
	})
}

// arrived tells that a Connector is as it was before it was made anew. One that did not work before is not waited for longer than the
// timeout of its turn.
func (c *country) arrived(n *connector) bool {
	reason, settled := c.truth(n)
	switch {
	case settled:
		return true
	case reason != "" && reason != "Progressing" && (reason == n.reasonBefore || reason == n.noted):
		return true
	default:
		return n.noted != "" && c.now().Sub(n.since) > timeout*time.Second
	}
}

func (n *connector) hasTurn(status *v1alpha1.RolloutProgress) bool { return n.turn(status) != nil }

func (n *connector) turn(status *v1alpha1.RolloutProgress) *v1alpha1.RolloutTurn {
	if status == nil {
		return nil
	}
	i := slices.IndexFunc(status.Batch, func(t v1alpha1.RolloutTurn) bool { return t.Name == n.name })
	if i < 0 {
		return nil
	}
	return &status.Batch[i]
}

// judgeTurns looks at what a write gives out, by what was known: nobody who may not be moved gets a turn, and nobody at all while as many
// have not got through in their time as the policy bears.
func (c *country) judgeTurns(h *profileObject, after *v1alpha1.RolloutProgress) {
	failed, begun := 0, 0
	for _, n := range c.connectors {
		turn := n.turn(after)
		if turn == nil {
			continue
		}
		if !n.hasTurn(h.api.Status.Rollout) && !n.movedLate(h) {
			begun++
			c.seen["turn"]++
			c.tellf("it is the turn of %s", n.name)
			if k := n.known; k.paused || k.refused || n.opens(c.round) > c.round || k.revision == h.newest {
				c.violatef(failures, "it is the turn of %s, which may not be moved: %+v", n.name, k)
			}
		}
		waits := n.opens(c.round) > c.round && !n.known.refused && n.known.revision != h.newest
		if c.now().Sub(turn.Since.Time) > timeout*time.Second && !n.known.settled && !waits {
			failed++
		}
	}
	if before := h.api.Status.Rollout; before != nil && before.Revision == h.newest {
		for _, f := range before.Failed {
			if !slices.ContainsFunc(c.connectors, func(n *connector) bool { return n.name == f.Name && n.cached }) {
				failed++
				c.seen["deleted after its failure"]++
			}
		}
	}
	c.seen["failure"] += len(after.Failed)
	if begun > 0 && failed >= int(h.api.Spec.Rollout.MaxFailures) {
		c.violatef(failures, "%d turns begin, and %d have failed of the %d that may", begun, failed, h.api.Spec.Rollout.MaxFailures)
	}
}

// movedLate tells that a Connector was refused in its turn and then moved all the same, by a pass that knew of the turn still.
func (n *connector) movedLate(h *profileObject) bool {
	before := h.api.Status.Rollout
	return before != nil && n.known.revision == h.newest &&
		slices.ContainsFunc(before.Refused, func(t v1alpha1.RolloutTurn) bool { return t.Name == n.name })
}

// finished tells that all has come to its end in truth: who has not the newest may not be moved, does not get through with it, or is held
// up by those who do not.
func (c *country) finished() bool {
	status := c.profile.api.Status.Rollout
	if status == nil || status.Revision != c.profile.newest || c.cached != c.profile || c.dirty {
		return false
	}
	for _, n := range c.connectors {
		if !c.told(n) || !c.ended(n, status) {
			return false
		}
	}
	// Whoever was refused gets another turn, unless nobody does; and is not forgotten before it cannot be moved any more.
	remembered := !c.triesAgain() && slices.ContainsFunc(status.Refused, func(t v1alpha1.RolloutTurn) bool {
		return c.now().Sub(t.Since.Time) < settling || status.Phase != v1alpha1.RolloutPaused
	})
	return !remembered && (status.Phase == v1alpha1.RolloutComplete || c.heldUp(status))
}

// told tells that the status of a Connector, and what is known of it, say how it is.
func (c *country) told(n *connector) bool {
	reason, _ := c.truth(n)
	stale := n.object.refused && !n.refuses[n.object.revision] && !n.refuses[c.profile.newest]
	return n.known == n.object && n.object.profile == c.profile.api.Name && !stale && n.object.reason == reason && c.round >= n.back
}

// ended tells that there is nothing left to do for a Connector, or nothing that can be done.
func (c *country) ended(n *connector, status *v1alpha1.RolloutProgress) bool {
	if n.hasTurn(status) {
		bears := !n.ailing && !n.bad[c.profile.newest] || n.object.revision != c.profile.newest
		bears = bears && !n.refuses[c.profile.newest]
		return !bears && slices.ContainsFunc(status.Failed, func(f v1alpha1.RolloutFailure) bool { return f.Name == n.name })
	}
	has := n.made == c.profile.newest && n.object.revision == n.made
	refused := n.refuses[n.object.revision] || n.made == "" && n.object.refused || n.refuses[c.profile.newest]
	return has || refused || n.object.paused || status.Phase == v1alpha1.RolloutPaused && n.made != ""
}

// heldUp tells that a roll-out that is not complete has a reason not to be.
func (c *country) heldUp(status *v1alpha1.RolloutProgress) bool {
	if status.Phase == v1alpha1.RolloutPaused {
		policy := c.profile.api.Spec.Rollout
		return len(status.Failed) >= int(min(policy.MaxFailures, policy.BatchSize))
	}
	return true
}
