package rollover

import (
	"slices"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

// events are what people and bad luck do in one round.
func (c *country) events() {
	for _, e := range []struct {
		p float64
		f func()
	}{
		{0.08, c.engineer}, {0.06, c.outage}, {0.02, c.operatorRestarts}, {0.06, c.podRestarts}, {0.03, c.pause},
		{0.04, func() { n := pick(c, c.connectors); n.eligible = !n.eligible }},
		{0.01, c.found}, {0.008, c.removeConnector}, {0.03, func() { c.renew(pick(c, c.connectors)) }},
		{0.02, func() { c.edit("another batch size", func(h *hubObject) { h.policy.BatchSize = 1 + c.rng.Int32N(3) }) }},
		{0.02, c.renewFailed},
	} {
		if c.chance(e.p) && len(c.connectors) > 0 {
			e.f()
		}
	}
}

// edit changes the spec of the hub.
func (c *country) edit(what string, change func(*hubObject)) {
	next, api := *c.hub, *c.hub.api
	change(&next)
	for a := range c.listed {
		if next.listed.has(a) && !c.hub.listed.has(a) {
			c.listed[a] = c.round
		}
	}
	next.version++
	api.Generation++
	next.api = &api
	c.hub = &next
	c.tellf("the engineer: %s; issuer %d of %s, trusted %v, in force %v", what, next.issuer, fingerprint(c.issuers[next.issuer]),
		next.trusted().fingerprints(), next.inForce().fingerprints())
}

// engineer edits the hub, mostly as one should.
func (c *country) engineer() {
	switch c.rng.IntN(12) {
	case 0, 1, 2:
		c.add()
	case 3, 4, 5:
		c.switchIssuer()
	case 6, 7, 8:
		c.remove()
	case 9:
		c.putBack()
	case 10:
		c.replaceAuthority()
	default:
		c.distrust()
	}
}

// add gives a new authority with an issuer of its own.
func (c *country) add() {
	if c.authorities >= 12 {
		return
	}
	a := c.authorities
	c.authorities++
	c.issuers, c.broken = append(c.issuers, a), append(c.broken, false)
	c.edit("adds "+fingerprint(a), func(h *hubObject) { h.listed |= of(a) })
}

// switchIssuer goes on, or back at once. Whoever changed it in the middle of turns waits until that was seen before the next
// change: there, back and there again within seconds, an old sight of a certificate looks like a new one, and so does one that
// was renewed in these seconds. Once in a while it is to an authority that nobody trusts.
func (c *country) switchIssuer() {
	i := c.rng.IntN(len(c.issuers))
	if c.round-c.turned < 2*chain || c.underWay > 0 && c.round-c.renewed < 2*chain {
		return
	}
	if i != c.hub.issuer && (c.hub.trusted().has(c.issuers[i]) || c.chance(0.03)) {
		if c.underWay > 0 {
			c.turned = c.round
		}
		c.edit("switches the issuer", func(h *hubObject) { h.issuer = i })
	}
}

// remove takes an anchor off the list, also one in use. Nobody moves the hub to an authority and takes it off the list in the
// same moment: that gateways rely on it has to be seen first. And the authority behind an issuer is taken off by mistake only
// while all have its certificates: an anchor that nobody uses is dropped, and a renewal that comes just then has lost.
func (c *country) remove() {
	a := c.rng.IntN(c.authorities)
	if !c.hub.listed.has(a) || c.hub.trusted()&^of(a) == 0 || !c.hub.kept.has(a) && !c.hub.distrusted.has(a) {
		return
	}
	if c.hubLeaf == a && c.round-c.hubMoved < 2*chain || c.signs(a) || a == c.issuers[c.hub.issuer] && !c.chance(0.1) {
		return
	}
	c.edit("removes "+fingerprint(a), func(h *hubObject) { h.listed &^= of(a); h.distrusted &^= of(a) })
}

// signs tells that somebody may get a certificate of an authority now, who has none.
func (c *country) signs(a int) bool {
	return slices.ContainsFunc(c.connectors, func(n *connector) bool {
		k := n.certificate
		if k.leaf == nil {
			return c.issuers[c.hub.issuer] == a || c.issuers[k.issuer] == a
		}
		return k.leaf.authority != a && (c.issuers[k.issuer] == a || c.issuers[k.leaf.issuer] == a)
	})
}

// putBack takes an anchor into the list again; not one that was dropped this very moment.
func (c *country) putBack() {
	a := c.rng.IntN(c.authorities)
	if !c.hub.listed.has(a) && !c.waived.has(a) && !c.justDropped(a) {
		c.edit("puts back "+fingerprint(a), func(h *hubObject) { h.listed |= of(a) })
	}
}

func (c *country) justDropped(a int) bool { return c.dropped[a] > 0 && c.round-c.dropped[a] <= chain }

// replaceAuthority puts a new authority behind the issuer, and mostly tells so in the list.
func (c *country) replaceAuthority() {
	if c.authorities >= 12 {
		return
	}
	a := c.authorities
	c.authorities++
	i := c.hub.issuer
	if c.chance(0.8) {
		c.edit("adds behind the issuer "+fingerprint(a), func(h *hubObject) { h.listed |= of(a) })
	}
	c.issuers[i] = a
}

// distrust cuts off an authority, of which at least one other must be left.
func (c *country) distrust() {
	a := c.rng.IntN(c.authorities)
	if c.hub.inForce().has(a) && c.hub.trusted()&^of(a) != 0 && c.chance(0.5) {
		c.waived |= of(a)
		c.edit("distrusts "+fingerprint(a), func(h *hubObject) { h.listed |= of(a); h.distrusted |= of(a) })
	}
}

func (c *country) pause() {
	n := pick(c, c.connectors)
	n.object.paused = !n.object.paused
	n.pausedBefore = c.round
	n.interrupted = n.interrupted || n.object.paused
	c.tellf("%s paused: %v", n.name, n.object.paused)
}

func (c *country) outage() {
	if c.chance(0.5) {
		i := c.rng.IntN(len(c.broken))
		c.broken[i] = !c.broken[i] && c.chance(0.3)
		return
	}
	n := pick(c, c.connectors)
	n.linkDown = !n.linkDown && c.chance(0.3)
}

// operatorRestarts: its memory is gone, and its caches are fresh.
func (c *country) operatorRestarts() {
	c.cached = c.hub
	for _, n := range c.connectors {
		n.known, n.knownCertificate, n.cached = n.object, n.certificate, !n.gone
	}
	c.tellf("the operator restarts")
}

func (c *country) podRestarts() {
	n := pick(c, c.connectors)
	p := pick(c, n.pods)
	p.restart(n)
	if c.chance(0.3) {
		p.up = false
	}
}

func (c *country) removeConnector() {
	if len(c.connectors) > 2 {
		pick(c, c.connectors).gone = true
	}
}

func (c *country) renew(n *connector) {
	if k := &n.certificate; k.leaf != nil {
		k.renew = true
		k.version++
	}
}

// renewFailed does what the status asks for.
func (c *country) renewFailed() {
	if status := c.hub.api.Status.Rollover; status != nil {
		for _, f := range status.Failed {
			if i := slices.IndexFunc(c.connectors, func(n *connector) bool { return n.name == f.Name }); i >= 0 {
				c.renew(c.connectors[i])
			}
		}
	}
}

// drive moves the identities of the hub and of the operator to authorities that every gateway has, by what the gateways have
// loaded or by the word of the status. Whoever does not ask the status waits until what was just put into the list is known.
func (c *country) drive() {
	target := c.rng.IntN(c.authorities)
	if c.calm {
		target = c.issuers[c.hub.issuer]
	}
	if target != c.hubLeaf && c.hub.trusted().has(target) && (c.calm || c.chance(0.1)) && c.everywhere(target) {
		c.hubLeaf, c.hubMoved = target, c.round
		c.tellf("the hub moves to %s", fingerprint(target))
	}
	if target != c.operator && c.hub.trusted().has(target) && (c.calm || c.chance(0.05)) && c.everywhere(target) {
		c.operator = target
		c.tellf("the operator moves to %s", fingerprint(target))
	}
}

func (c *country) everywhere(a int) bool {
	status := c.hub.api.Status
	told := status.Rollover != nil && status.ObservedGeneration == c.hub.api.Generation && c.hub.kept.has(a) &&
		status.Rollover.Phase != v1alpha1.RolloverDistributing
	for _, n := range c.connectors {
		// The phase does not tell of those who are paused, who just begin, or who did not work lately.
		untold := n.object.paused || c.round-n.pausedBefore < chain || c.round-n.born < 2*chain || c.round-n.troubled < chain
		for _, p := range n.pods {
			if n.gone || told && !untold {
				continue
			}
			if p.up && !p.loaded.has(a) || !n.configMap.has(a) || c.round-c.listed[a] < chain && c.listed[a] > 0 {
				return false
			}
		}
	}
	return true
}

// settle ends the faults: everybody may be moved, everything works, and the hub's list is brought to a sensible end.
func (c *country) settle() {
	for i := range c.broken {
		c.broken[i] = false
	}
	for _, n := range c.connectors {
		n.eligible, n.linkDown = true, false
		if n.object.paused {
			n.object.paused, n.pausedBefore = false, c.round
		}
	}
	if a := c.issuers[c.hub.issuer]; !c.hub.trusted().has(a) {
		if c.waived.has(a) || c.justDropped(a) {
			c.authorities++
			c.issuers, c.broken = append(c.issuers, c.authorities-1), append(c.broken, false)
			c.edit("adds the last one", func(h *hubObject) { h.listed |= of(c.authorities - 1); h.issuer = len(c.issuers) - 1 })
		} else {
			c.edit("adds what is missing", func(h *hubObject) { h.listed |= of(a) })
		}
	}
}

// finish removes the old anchors, and renews what failed, as the status asks for.
func (c *country) finish() {
	if c.round%10 != 0 {
		return
	}
	c.renewFailed()
	if a := c.issuers[c.hub.issuer]; c.hub.listed != of(a) && c.hub.kept.has(a) && c.round-c.hubMoved > 2*chain {
		c.edit("removes the old", func(h *hubObject) { h.listed, h.distrusted = of(a), 0 })
	}
}
