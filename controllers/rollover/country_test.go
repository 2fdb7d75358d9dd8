package rollover

import (
	"fmt"
	"math/rand/v2"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

// The model of a country: a hub, its gateways, an operator that sees them late, and people who change their minds. A round is
// one second. What acts late acts within a bound, so that every bound can be added up: from a turn that is written to the
// certificate that the operator knows of are less than 21 rounds, unless an issuer is out of order.
const (
	// lateness is how many rounds a controller, a cache or cert-manager may let pass.
	lateness = 2
	// kubeletLateness is how many a mounted volume may lag.
	kubeletLateness = 12
	// chain is how long it may take until what a gateway relies on is known to the operator.
	chain = 4 * (lateness + 1)
	// quiet is how long a gateway remembers an anchor of the hub.
	quiet = 20
)

// mask is a set of authorities, which are numbered.
type mask uint16

func of(authority int) mask           { return 1 << authority }
func (m mask) has(authority int) bool { return m&of(authority) != 0 }

func (m mask) fingerprints() []string {
	var list []string
	for a := range 16 {
		if m.has(a) {
			list = append(list, fingerprint(a))
		}
	}
	return list
}

// fingerprint is one letter, so that it can be read back.
func fingerprint(authority int) string { return string(rune('a' + authority)) }

// hubObject is one version of the ExchangeHub; it is never changed.
type hubObject struct {
	version int
	// spec
	issuer             int
	listed, distrusted mask
	policy             v1alpha1.RolloverPolicy
	// api has the generations and the rollover's status.
	api *v1alpha1.ExchangeHub
	// kept are the anchors that the status holds, told those of them that it calls trusted, and unusedSince the times that it tells.
	kept, told  mask
	unusedSince map[string]time.Time
}

// inForce is the bundle, by the rule of the package anchors.
func (h *hubObject) inForce() mask { return h.trusted() | h.kept&^h.listed }
func (h *hubObject) trusted() mask { return h.listed &^ h.distrusted }

func (h *hubObject) anchors() []Anchor {
	var list []Anchor
	for a := range 16 {
		state := v1alpha1.TrustAnchorTrusted
		switch {
		case h.distrusted.has(a):
			state = v1alpha1.TrustAnchorDistrusted
		case h.listed.has(a):
		case h.kept.has(a):
			state = v1alpha1.TrustAnchorHeld
		default:
			continue
		}
		one := Anchor{Fingerprint: fingerprint(a), Name: "ca-" + fingerprint(a), State: state, UnusedSince: h.unusedSince[fingerprint(a)]}
		if h.told.has(a) {
			one.Was = v1alpha1.TrustAnchorTrusted
		}
		list = append(list, one)
	}
	return list
}

// leaf is a certificate; it is never changed.
type leaf struct {
	serial, issuer, authority int
	renewed                   bool
}

// certificate is the Certificate and its Secret.
type certificate struct {
	version int
	made    bool
	issuer  int
	renew   bool
	leaf    *leaf
}

// shown is the spec of a Connector as far as it counts, and its status.
type shown struct {
	paused    bool
	leaf      *leaf
	authority string
	bundle    mask
	trusting  bool
	served    bool
	uses      mask
	problem   string
}

type pod struct {
	up, joined bool
	loaded     mask
	leaf       *leaf
	// heard has the round in which the hub was last seen with a certificate of an authority.
	heard [16]int
	late  int
}

type connector struct {
	name         string
	eligible     bool
	linkDown     bool
	gone         bool
	object       shown
	certificate  certificate
	configMap    mask
	pods         []*pod
	moving       bool
	forced       bool
	movedFrom    *leaf
	interrupted  bool
	born         int
	pausedBefore int
	troubled     int
	// known and knownCertificate are the operator's cache.
	cached           bool
	known            shown
	knownCertificate certificate
	lost             bool
	late             [3]int
}

type country struct {
	rng   *rand.Rand
	plan  func(Fleet) Decision
	round int
	calm  bool
	// truth
	hub         *hubObject
	connectors  []*connector
	issuers     []int // authority behind each
	broken      []bool
	authorities int
	serials     int
	waived      mask
	dropped     [16]int
	listed      [16]int
	turned      int
	renewed     int
	hubLeaf     int
	hubMoved    int
	operator    int
	// cached is the operator's copy of the hub.
	cached    *hubObject
	late      [2]int
	lost      bool
	decision  Decision
	underWay  int
	violation *violation
	// honest tells whether the status of a Connector names a distrusted anchor, or none.
	honest bool
	trail  []string
	seen   map[string]int
}

var epoch = time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)

func (c *country) now() time.Time { return epoch.Add(time.Duration(c.round) * time.Second) }

func newCountry(seed uint64, plan func(Fleet) Decision) *country {
	c := &country{
		rng: rand.New(rand.NewPCG(seed, 7)), plan: plan, issuers: []int{0}, broken: []bool{false}, authorities: 1,
		turned: -2 * chain, renewed: -2 * chain, seen: map[string]int{},
	}
	c.honest = c.chance(0.5)
	c.hub = &hubObject{version: 1, listed: of(0), policy: v1alpha1.RolloverPolicy{
		BatchSize: 1 + c.rng.Int32N(3), MaxFailures: 1 + c.rng.Int32N(2), Timeout: metav1.Duration{Duration: time.Minute},
	}, api: &v1alpha1.ExchangeHub{ObjectMeta: metav1.ObjectMeta{Generation: 1}}}
	c.cached = c.hub
	for range 3 + c.rng.IntN(4) {
		c.found()
	}
	return c
}

// found adds a Connector that has nothing yet.
func (c *country) found() {
	n := &connector{name: fmt.Sprintf("g%02d", c.serials), eligible: true, born: c.round, pausedBefore: -chain, troubled: -chain}
	c.serials++
	for range 1 + c.rng.IntN(2) {
		n.pods = append(n.pods, &pod{})
	}
	c.connectors = append(c.connectors, n)
}

func (c *country) chance(p float64) bool { return c.rng.Float64() < p }

func (c *country) tellf(format string, args ...any) {
	c.trail = append(c.trail, fmt.Sprintf("%4d ", c.round)+fmt.Sprintf(format, args...))
}

func pick[T any](c *country, from []T) T { return from[c.rng.IntN(len(from))] }

// due tells whether an actor acts in this round; late counts the rounds that it let pass.
func (c *country) due(late *int, bound int, p float64) bool {
	if c.calm || *late >= bound || c.chance(p) {
		*late = 0
		return true
	}
	*late++
	return false
}

// run lets a number of rounds pass in a random order of events, then a calm in which everything has to come to an end.
func (c *country) run(rounds, atMost int) *violation {
	for range rounds {
		c.step()
		if c.violation != nil {
			return c.violation
		}
	}
	c.calm = true
	c.settle()
	for range atMost {
		c.step()
		c.finish()
		if c.violation != nil || c.finished() {
			return c.violation
		}
	}
	c.violatef(ends, "after %d rounds of calm: %s %s; in force %v, wanted %v",
		atMost, c.decision.Condition.Reason, c.decision.Condition.Message, c.hub.inForce().fingerprints(), c.hub.listed.fingerprints())
	return c.violation
}

// step is one round: some events, and then everybody, in any order.
func (c *country) step() {
	c.round++
	if !c.calm {
		c.events()
		c.check()
	}
	c.drive()
	order := c.rng.Perm(len(c.connectors) + 1)
	for _, i := range order {
		if i == len(c.connectors) {
			c.hubController()
		} else {
			c.lives(c.connectors[i])
		}
		c.check()
		if c.violation != nil {
			return
		}
	}
	c.sweep()
}

// sweep forgets Connectors that were deleted once the cache has noticed.
func (c *country) sweep() {
	kept := c.connectors[:0]
	for _, n := range c.connectors {
		if !n.gone || n.cached {
			kept = append(kept, n)
		}
	}
	c.connectors = kept
}
