package turns

import (
	"slices"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/staging"
)

// variants is how many technical parts the engineer knows; to write an earlier one is to roll back.
const variants = 4

// events are what people and bad luck do in one round.
func (c *country) events() {
	for _, e := range []struct {
		p float64
		f func(*connector)
	}{
		{0.02, func(*connector) { c.edit() }}, {0.02, func(*connector) { c.operatorRestarts() }}, {0.03, c.pause},
		{0.01, func(*connector) { c.found() }}, {0.01, c.remove}, {0.02, c.ail}, {0.04, c.trouble}, {0.03, c.mend},
		{0.01, func(*connector) { c.policy() }}, {0.005, func(*connector) { c.loseRevision() }},
		{0.005, func(*connector) { c.handOver("recreated", c.profile.api.Name) }},
		{0.005, func(*connector) { c.handOver("switched", map[string]string{"p": "q", "q": "p"}[c.profile.api.Name]) }},
		{0.01, c.spoil}, {0.01, func(*connector) { c.removeFailed() }},
	} {
		if c.chance(e.p) && len(c.connectors) > 0 {
			e.f(c.connectors[c.rng.IntN(len(c.connectors))])
		}
	}
}

func (c *country) change(what string, change func(*v1alpha1.SecurityProfileSpec)) {
	api := *c.profile.api
	change(&api.Spec)
	c.profile = &profileObject{version: c.profile.version + 1, api: &api, newest: staging.Revision(api.Spec)}
	c.tellf("the engineer: %s; %s is the newest", what, c.profile.newest)
}

func (c *country) edit() {
	c.change("another technical part", func(s *v1alpha1.SecurityProfileSpec) { s.Workload.MinReplicas = 1 + c.rng.Int32N(variants) })
}

// handOver gives the Connectors to another profile of their level, as the switch of the hub to another regime does or, under the same name,
// a profile that is deleted and created anew. It knows of no turns: whoever had one is on its way and not counted until it moves again. The
// statuses of Connectors have to follow before it happens again.
func (c *country) handOver(how, name string) {
	if c.round-c.handedOver < 2*chain {
		return
	}
	c.handedOver = c.round
	for _, n := range c.connectors {
		if n.moving || n.hasTurn(c.profile.api.Status.Rollout) || n.hasTurn(c.cached.api.Status.Rollout) {
			n.pausedBefore, n.interrupted = c.round, true
		}
	}
	api := *c.profile.api
	api.Name, api.Status = name, v1alpha1.SecurityProfileStatus{}
	c.profile = &profileObject{version: c.profile.version + 1, api: &api, newest: c.profile.newest}
	c.edit()
	c.dirty = true
	c.tellf("the profile is %s, and is %s", how, name)
	c.seen[how]++
}

// spoil has a tenant write what is refused whatever the profile says, just when it has its turn if anybody has.
func (c *country) spoil(n *connector) {
	for _, other := range c.connectors {
		if other.hasTurn(c.profile.api.Status.Rollout) {
			n = other
		}
	}
	spec := c.profile.api.Spec
	for v := range int32(variants) {
		spec.Workload.MinReplicas = 1 + v
		n.refuses[staging.Revision(spec)] = true
	}
	// One that was made anew and did not tell may be put back to what it told, as after a pause.
	n.interrupted = n.interrupted || n.made != n.object.revision
	if n.pass != nil {
		n.pausedBefore = c.round
	}
	c.tellf("%s asks for what nobody gives", n.name)
}

// removeFailed deletes somebody who did not get through.
func (c *country) removeFailed() {
	for _, n := range c.connectors {
		status := c.profile.api.Status.Rollout
		if status != nil && slices.ContainsFunc(status.Failed, func(f v1alpha1.RolloutFailure) bool { return f.Name == n.name }) {
			c.remove(n)
			return
		}
	}
}

func (c *country) policy() {
	c.change("another policy", func(s *v1alpha1.SecurityProfileSpec) {
		s.Rollout.BatchSize, s.Rollout.MaxFailures = 1+c.rng.Int32N(4), 1+c.rng.Int32N(2)
	})
	// The generation is an event like any other.
	c.dirty = true
}

// operatorRestarts reads everything anew, and what it was doing remains half done.
func (c *country) operatorRestarts() {
	c.cached, c.dirty, c.timer = c.profile, true, 0
	for _, n := range c.connectors {
		n.pass, n.known, n.cached = nil, n.object, !n.gone
	}
	c.tellf("the operator restarts")
	c.seen["restart"]++
}

func (c *country) pause(n *connector) {
	n.object.paused = !n.object.paused
	n.pausedBefore, n.interrupted = c.round, true
	c.tellf("%s is paused: %v", n.name, n.object.paused)
}

func (c *country) remove(n *connector) {
	n.gone = true
	c.tellf("%s is deleted", n.name)
}

func (c *country) ail(n *connector) {
	n.ailing = !n.ailing
	c.tellf("%s has a trouble of its own: %v", n.name, n.ailing)
}

// trouble lets a Connector fail under some technical part, or be refused under it.
func (c *country) trouble(n *connector) {
	spec := c.profile.api.Spec
	spec.Workload.MinReplicas = 1 + c.rng.Int32N(variants)
	revision := staging.Revision(spec)
	if n.made == revision {
		return
	}
	if c.chance(0.3) {
		n.refuses[revision] = true
	} else {
		n.bad[revision] = true
	}
	c.tellf("%s cannot bear %s", n.name, revision)
}

func (c *country) mend(n *connector) {
	clear(n.bad)
	clear(n.refuses)
	c.tellf("%s is mended", n.name)
}

// loseRevision deletes what is stored. The newest is stored again, because its deletion is an event.
func (c *country) loseRevision() {
	for name := range c.shelf {
		// The order of a map would differ between two runs of one seed: only the last of all names is taken.
		if last := func() bool {
			for other := range c.shelf {
				if other > name {
					return false
				}
			}
			return true
		}(); last {
			delete(c.shelf, name)
			c.dirty = true
			c.tellf("%s is deleted", name)
			return
		}
	}
}

// settle ends the storm: half of the time everything is mended, so that all have to get through.
func (c *country) settle() {
	if !c.chance(0.5) {
		return
	}
	for _, n := range c.connectors {
		if n.object.paused {
			c.pause(n)
		}
		c.mend(n)
	}
}
