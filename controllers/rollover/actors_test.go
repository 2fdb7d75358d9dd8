package rollover

import (
	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

func issuer(i int) v1alpha1.IssuerReference { return v1alpha1.IssuerReference{Name: fingerprint(i)} }

// hubController reads its cache, plans, and writes if nobody wrote since. A write may be lost on its way.
func (c *country) hubController() {
	if c.due(&c.late[0], lateness, 0.5) {
		c.cached = c.hub
	}
	if !c.due(&c.late[1], lateness, 0.5) {
		return
	}
	decision := c.plan(c.fleet())
	if c.cached.version != c.hub.version {
		return
	}
	if !c.calm && !c.lost && c.chance(0.1) {
		c.lost = true
		return
	}
	c.lost, c.decision = false, decision
	c.seen[decision.Condition.Reason]++
	c.seen["drop"] += len(decision.Drop)
	c.seen["failure"] += len(decision.Status.Failed)
	next := *c.hub
	next.version++
	next.kept, next.told, next.unusedSince = c.hub.inForce(), c.hub.trusted(), decision.UnusedSince
	for _, f := range decision.Drop {
		next.kept &^= of(int(f[0] - 'a'))
		c.dropped[f[0]-'a'] = c.round
		c.tellf("anchor %s is dropped", f)
	}
	api := *c.hub.api
	c.judgeTurns(api.Status.Rollover, &decision.Status)
	api.Status.ObservedGeneration, api.Status.Rollover = api.Generation, &decision.Status
	next.api = &api
	c.hub = &next
}

// fleet is the world as the operator's cache has it.
func (c *country) fleet() Fleet {
	h := c.cached
	f := Fleet{Now: c.now(), Issuer: issuer(h.issuer), Anchors: h.anchors(), Policy: h.policy, Before: h.api.Status.Rollover,
		Operator: []string{fingerprint(c.operator)}}
	for _, n := range c.connectors {
		if !n.cached {
			continue
		}
		m := Member{
			Namespace: "agency", Name: n.name, Excluded: n.known.paused, Eligible: n.eligible, Served: n.known.served, Problem: n.known.problem,
			Trusting: n.known.trusting && n.known.bundle == h.inForce(), Uses: n.known.uses.fingerprints(), Authority: n.known.authority,
		}
		if l := n.known.leaf; l != nil {
			m.HasCertificate, m.Issuer, m.Serial, m.Renewed = true, issuer(l.issuer), string(rune('A'+l.serial)), l.renewed
		}
		f.Members = append(f.Members, m)
	}
	return f
}

// lives lets everything around one Connector happen, or not yet.
func (c *country) lives(n *connector) {
	if c.due(&n.late[0], lateness, 0.5) {
		n.known, n.knownCertificate, n.cached = n.object, n.certificate, !n.gone
	}
	if n.gone {
		return
	}
	if n.cached && c.due(&n.late[1], lateness, 0.5) {
		c.connectorController(n)
	}
	if c.due(&n.late[2], lateness, 0.5) {
		c.certManager(n)
	}
	for _, p := range n.pods {
		if c.due(&p.late, kubeletLateness, 0.25) {
			p.load(n)
		}
		if p.up && c.linked(p) {
			p.joined = true
			p.heard[c.hubLeaf] = c.round
		}
	}
}

// connectorController writes the children from the cache, then asks the pods and writes the status.
func (c *country) connectorController(n *connector) {
	h := c.cached
	if !n.known.paused {
		n.configMap = h.inForce()
		c.want(n, h)
	}
	status := n.object
	status.leaf, status.bundle, status.authority = n.knownCertificate.leaf, h.inForce(), ""
	status.trusting, status.served, status.uses, status.problem = true, status.leaf != nil, 0, ""
	if l := status.leaf; l != nil {
		status.uses = of(l.authority) & h.inForce()
		if (h.inForce() | h.distrusted&mask(c.bool(c.honest))).has(l.authority) {
			status.authority = fingerprint(l.authority)
		}
	}
	for _, p := range n.pods {
		c.ask(n, p, h, &status)
	}
	if n.linkDown {
		status.problem = "The hub is not reached."
	}
	if k := n.certificate; k.wanting() && c.broken[k.issuer] {
		status.problem = "The issuer refused."
	}
	if n.lost = !c.calm && !n.lost && c.chance(0.1); !n.lost {
		status.paused = n.object.paused
		n.object = status
		if status.problem != "" {
			n.troubled = c.round
		}
	}
}

func (c *country) bool(yes bool) uint16 {
	if yes {
		return 0xffff
	}
	return 0
}

// ask is what one pod adds to the status.
func (c *country) ask(n *connector, p *pod, h *hubObject, status *shown) {
	if !p.up || !c.linked(p) || p.heard == [16]int{} {
		status.problem = "The hub is not reached."
	}
	if !p.up || !h.inForce().has(p.leaf.authority) || !p.loaded.has(c.operator) {
		// It may rely on what it relied on when it was last seen.
		status.trusting, status.served = false, false
		status.uses |= n.object.uses & h.inForce()
		return
	}
	status.trusting = status.trusting && p.loaded == h.inForce()
	status.served = status.served && p.leaf == status.leaf
	status.uses |= of(p.leaf.authority)
	for a, round := range p.heard {
		if round > 0 && c.round-round < quiet {
			status.uses |= of(a)
		}
	}
}

// want writes the Certificate: the hub's issuer for the first one and in a turn, the issuer that it has otherwise. If the hub's
// issuer signed it already, only one that is of no trusted authority is renewed.
func (c *country) want(n *connector, h *hubObject) {
	k := n.knownCertificate
	turn, again := Turn(h.api, "agency", n.name), false
	// What was asked of the same issuer is a renewal like any other once the turn was taken back.
	n.forced = n.forced && turn != nil
	switch {
	case !k.made:
		k.made, k.issuer = true, h.issuer
	case k.leaf == nil:
		k.issuer = h.issuer
	case turn == nil:
		k.issuer = k.leaf.issuer
	default:
		k.issuer = h.issuer
		again = k.leaf.issuer == h.issuer && string(rune('A'+k.leaf.serial)) == turn.FromSerialNumber && !h.trusted().has(k.leaf.authority)
		k.renew = k.renew || again
	}
	if k == n.knownCertificate || k.version != n.certificate.version {
		return
	}
	k.version++
	n.certificate, n.knownCertificate = k, k
	if k.leaf != nil && k.wanting() && turn != nil {
		n.moving, n.movedFrom, n.forced = true, k.leaf, again
	}
}

func (k certificate) wanting() bool {
	return k.made && (k.leaf == nil || k.renew || k.leaf.issuer != k.issuer)
}

func (c *country) certManager(n *connector) {
	k := &n.certificate
	if !k.wanting() || c.broken[k.issuer] {
		return
	}
	c.serials++
	if k.renew && !n.moving {
		c.renewed = c.round
	}
	k.leaf = &leaf{serial: c.serials, issuer: k.issuer, authority: c.issuers[k.issuer], renewed: k.leaf != nil}
	k.renew = false
	k.version++
	c.tellf("%s is issued a certificate of %s", n.name, fingerprint(k.leaf.authority))
}

// load is the kubelet's refresh, of the two volumes in either order. A gateway takes no certificate that its bundle refuses,
// and one without any waits.
func (p *pod) load(n *connector) {
	if n.configMap == 0 {
		return
	}
	p.loaded = n.configMap
	if l := n.certificate.leaf; l != nil && p.loaded.has(l.authority) {
		p.leaf = l
	}
	p.up = p.leaf != nil
}

// restart forgets everything; what is mounted then is loaded.
func (p *pod) restart(n *connector) {
	*p = pod{joined: p.joined}
	p.load(n)
}

// linked tells that the pod and the hub accept each other.
func (c *country) linked(p *pod) bool {
	return p.loaded.has(c.hubLeaf) && c.hub.inForce().has(p.leaf.authority)
}
