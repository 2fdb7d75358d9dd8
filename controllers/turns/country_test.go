package turns

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/staging"
)

// The model of a country under one profile: its Connectors, an operator that sees all of them late, and people who change their minds. A
// round is one second. What acts late acts within a bound, so that every bound can be added up.
const (
	// lateness is how many rounds a controller or a cache may let pass.
	lateness = 2
	// passTime is how long a pass of a Connector may take, from what it reads to what it writes.
	passTime = 4
	// chain is how long it may take until what a Connector was told is known to the operator.
	chain = 4*(lateness+1) + 2*passTime
	// shortest is the least that a maintenance window is open: whoever was refused a moment ago does not take all of it from another.
	shortest = int(settling/time.Second) + passTime + 6
	// timeout of a turn in the policy.
	timeout = 60
	// level of every profile and Connector.
	level = v1alpha1.SecurityLevel(3)
)

// profileObject is one version of the SecurityProfile; it is never changed.
type profileObject struct {
	version int
	api     *v1alpha1.SecurityProfile
	// newest is the revision of the spec.
	newest string
}

// shown is the spec of a Connector as far as it counts, and its status.
type shown struct {
	paused         bool
	profile        string
	revision       string
	ready, settled bool
	reason         string
	refused, held  bool
}

// pass is one that is under way: what was read stands, whatever happens meanwhile.
type pass struct {
	read    shown
	profile string
	staged  staging.Staged
	closed  bool
	due     int
}

type connector struct {
	name   string
	gone   bool
	object shown
	// made is the revision that its objects are made by in truth, and back the round in which its pods are as they should be again.
	made   string
	back   int
	softly bool
	// up is set once it was told that all its pods are there for the first time.
	up bool
	// ailing is one that does not work whatever its profile says. Under some revisions it does not work, or is refused.
	ailing  bool
	bad     map[string]bool
	refuses map[string]bool
	// window is how many of a hundred rounds its maintenance window is open, and from which on; 0 for always.
	window, from int
	pass         *pass
	lost         bool
	// moving is one that was made anew and is not as it was before.
	moving       bool
	since        time.Time
	noted        string
	reasonBefore string
	interrupted  bool
	pausedBefore int
	// known is the operator's cache.
	cached bool
	known  shown
	late   [2]int
}

type country struct {
	rng   *rand.Rand
	plan  func(fleet) decision
	round int
	// storm lets people and bad luck act; in a calm, nobody is late either.
	storm, calm bool
	// large is a country in which it is looked at the end of each round only, and a Connector with nothing to do is passed over.
	large bool
	// truth
	profile    *profileObject
	connectors []*connector
	shelf      shelf
	named      int
	// handedOver is when another profile took over last.
	handedOver int
	// cached is the operator's copy of the profile.
	cached    *profileObject
	late      [2]int
	lost      bool
	dirty     bool
	timer     int
	decision  decision
	underWay  int
	violation *violation
	trail     []string
	seen      map[string]int
}

var epoch = time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)

func (c *country) now() time.Time { return at(c.round) }

func at(round int) time.Time { return epoch.Add(time.Duration(round) * time.Second) }

func newCountry(seed uint64, size int, plan func(fleet) decision) *country {
	c := &country{rng: rand.New(rand.NewPCG(seed, 11)), plan: plan, shelf: shelf{}, dirty: true, seen: map[string]int{}}
	api := &v1alpha1.SecurityProfile{ObjectMeta: metav1.ObjectMeta{Name: "p", UID: "uid"}}
	api.Spec.Level, api.Spec.Workload.MinReplicas = level, 1
	api.Spec.Rollout = v1alpha1.RolloutPolicy{
		BatchSize: 1 + c.rng.Int32N(4), MaxFailures: 1 + c.rng.Int32N(2), Timeout: metav1.Duration{Duration: timeout * time.Second},
	}
	c.profile = &profileObject{version: 1, api: api, newest: staging.Revision(api.Spec)}
	c.cached = c.profile
	for range size {
		c.found()
	}
	return c
}

// found adds a Connector that has nothing yet.
func (c *country) found() {
	n := &connector{name: fmt.Sprintf("c%04d", c.named), bad: map[string]bool{}, refuses: map[string]bool{}, pausedBefore: -2 * chain}
	c.named++
	n.ailing = c.chance(0.15)
	if c.chance(0.25) {
		n.window, n.from = shortest+c.rng.IntN(40), c.rng.IntN(100)
	}
	c.connectors = append(c.connectors, n)
}

// opens is the round in which a Connector may be disturbed next.
func (n *connector) opens(round int) int {
	for n.window > 0 && (round+n.from)%100 >= n.window {
		round++
	}
	return round
}

// truth is how a Connector is doing: why it does not work, and whether its pods use what they were given.
func (c *country) truth(n *connector) (reason string, settled bool) {
	switch up := c.round >= n.back; {
	case !up && !n.softly:
		return "Progressing", false
	case n.ailing:
		return "Unlinked", false
	case n.bad[n.made]:
		return "Stuck", false
	default:
		return "", up
	}
}

func (c *country) chance(p float64) bool { return c.rng.Float64() < p }

func (c *country) tellf(format string, args ...any) {
	c.trail = append(c.trail, fmt.Sprintf("%4d ", c.round)+fmt.Sprintf(format, args...))
}

// due tells whether an actor acts in this round; late counts the rounds that it let pass.
func (c *country) due(late *int, bound int, p float64) bool {
	if c.calm || *late >= bound || c.chance(p) {
		*late = 0
		return true
	}
	*late++
	return false
}

// run lets a number of rounds pass in a random order of events, then a calm in which everything has to come to an end, and after which
// nothing is written any more.
func (c *country) run(rounds, atMost int) *violation {
	c.storm = true
	for range rounds {
		c.step()
		if c.violation != nil {
			return c.violation
		}
	}
	c.storm, c.calm = false, true
	c.settle()
	for range atMost {
		c.step()
		if c.violation != nil {
			return c.violation
		}
		if c.finished() {
			return c.idle()
		}
	}
	c.violatef(ends, "after %d rounds of calm: %s %s", atMost, c.decision.condition.Reason, c.decision.condition.Message)
	return c.violation
}

// idle looks on after the end.
func (c *country) idle() *violation {
	version := c.profile.version
	for range 3 * timeout {
		c.step()
		if c.violation != nil {
			return c.violation
		}
	}
	if c.profile.version != version && !c.triesAgain() {
		c.violatef(quiet, "%d versions were written after the end", c.profile.version-version)
	}
	return c.violation
}

// triesAgain tells that somebody is accepted as it is and not under the newest revision: it gets a turn once in a while for ever.
func (c *country) triesAgain() bool {
	return slices.ContainsFunc(c.connectors, func(n *connector) bool { return n.refuses[c.profile.newest] })
}

// step is one round: some events, and then everybody, in any order.
func (c *country) step() {
	c.round++
	if c.storm {
		c.events()
		c.check()
	}
	for _, i := range c.rng.Perm(len(c.connectors) + 1) {
		if i == len(c.connectors) {
			c.profileController()
		} else {
			c.lives(c.connectors[i])
		}
		if !c.large || i == len(c.connectors) {
			c.check()
		}
		if c.violation != nil {
			return
		}
	}
	kept := c.connectors[:0]
	for _, n := range c.connectors {
		if !n.gone || n.cached {
			kept = append(kept, n)
		}
	}
	c.connectors = kept
}
