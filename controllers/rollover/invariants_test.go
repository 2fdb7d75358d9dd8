package rollover

import (
	"fmt"
	"slices"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

// What has to hold at every step, by name.
const (
	peers        = "no two linked peers distrust each other"
	distribution = "no turn begins before every gateway has loaded the anchors"
	budget       = "no more are moved at once than the policy's batch"
	ends         = "it comes to an end, and what was dropped is gone"
)

type violation struct{ invariant, detail string }

func (c *country) violatef(invariant, format string, args ...any) {
	if c.violation == nil {
		c.violation = &violation{invariant, fmt.Sprintf("round %d: ", c.round) + fmt.Sprintf(format, args...)}
	}
}

func (c *country) check() {
	for _, n := range c.connectors {
		if n.gone {
			continue
		}
		for _, p := range n.pods {
			c.checkPeers(n, p)
		}
	}
	c.checkBudget()
}

// checkPeers leaves out a chain under an authority that was distrusted: to cut it off was meant.
func (c *country) checkPeers(n *connector, p *pod) {
	if !p.up || !p.joined || c.waived.has(p.leaf.authority) {
		return
	}
	served := p.leaf.authority
	switch {
	case !c.hub.inForce().has(served):
		c.violatef(peers, "the hub refuses %s, which serves %s", n.name, fingerprint(served))
	case !c.cached.inForce().has(served):
		c.violatef(peers, "the operator refuses %s, which serves %s", n.name, fingerprint(served))
	case !c.waived.has(c.hubLeaf) && !p.loaded.has(c.hubLeaf):
		c.violatef(peers, "%s has %v and refuses the hub, which serves %s", n.name, p.loaded.fingerprints(), fingerprint(c.hubLeaf))
	case !c.waived.has(c.operator) && !p.loaded.has(c.operator):
		c.violatef(peers, "%s has %v and refuses the operator, which serves %s", n.name, p.loaded.fingerprints(), fingerprint(c.operator))
	}
}

// checkBudget counts who is in the batch as written, or whose Certificate is being moved. Whoever is paused in the middle is
// not counted until the next turn, and turns that go on when the budget is cut may be too many until they end.
func (c *country) checkBudget() {
	var names []string
	for _, n := range c.connectors {
		if n.gone {
			continue
		}
		turn := n.inBatch(c.hub.api.Status.Rollover)
		n.moving = n.moving && !n.arrived()
		if turn || n.moving && !n.interrupted && !c.refused(n) {
			names = append(names, n.name)
		}
	}
	if len(names) > c.underWay && len(names) > int(c.hub.policy.BatchSize) {
		c.violatef(budget, "%v are being moved, and the batch is %d", names, c.hub.policy.BatchSize)
	}
	c.underWay = len(names)
}

// refused tells that nothing happens to a Connector, because the issuer gives nothing.
func (c *country) refused(n *connector) bool {
	return n.certificate.leaf == n.movedFrom && c.broken[n.certificate.issuer]
}

// arrived tells that a move is over: all pods serve what it brought, or nothing is asked for any more.
func (n *connector) arrived() bool {
	k := n.certificate
	return k.leaf.issuer == k.issuer && (k.leaf != n.movedFrom || !n.forced) &&
		!slices.ContainsFunc(n.pods, func(p *pod) bool { return p.leaf != k.leaf })
}

func (n *connector) inBatch(status *v1alpha1.RolloverStatus) bool {
	return status != nil && slices.ContainsFunc(status.Batch, func(t v1alpha1.RolloverTurn) bool { return t.Name == n.name })
}

// judgeTurns looks at who gets a turn with a write: every gateway that takes part must in truth have loaded what is trusted.
func (c *country) judgeTurns(before, after *v1alpha1.RolloverStatus) {
	for _, n := range c.connectors {
		if !n.inBatch(after) || n.inBatch(before) {
			continue
		}
		n.interrupted = n.object.paused
		c.seen["turn"]++
		c.tellf("it is the turn of %s", n.name)
		for _, other := range c.connectors {
			c.checkDistribution(n, other)
		}
	}
}

// One that does not work, and has a certificate that nobody accepts, is not waited for.
func (c *country) checkDistribution(n, other *connector) {
	if k := other.known; k.problem != "" && (k.authority == "" || !c.hub.inForce().has(int(k.authority[0]-'a'))) {
		return
	}
	if other.gone || other.known.paused || other.known.leaf == nil || c.round-other.pausedBefore < chain {
		return
	}
	for _, p := range other.pods {
		if missing := c.hub.trusted() &^ p.loaded; p.up && !c.waived.has(p.leaf.authority) && missing != 0 {
			c.violatef(distribution, "it is the turn of %s, and %s has not loaded %v", n.name, other.name, missing.fingerprints())
		}
	}
}

// finished tells that the rollover is complete in truth, too.
func (c *country) finished() bool {
	status := c.hub.api.Status
	if status.Rollover == nil || status.Rollover.Phase != v1alpha1.RolloverComplete || status.ObservedGeneration != c.hub.api.Generation ||
		len(status.Rollover.Batch) > 0 || c.hub.inForce() != of(c.issuers[c.hub.issuer]) {
		return false
	}
	for _, n := range c.connectors {
		for _, p := range n.pods {
			if !p.up || p.leaf.issuer != c.hub.issuer || p.leaf.authority != c.issuers[c.hub.issuer] || p.loaded != c.hub.inForce() {
				return false
			}
		}
	}
	return true
}
