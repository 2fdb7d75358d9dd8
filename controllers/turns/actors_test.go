package turns

import (
	"context"
	"errors"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/staging"
)

const operatorNamespace = "lienthong-system"

// shelf is where revisions are stored, by the name of the ControllerRevision.
type shelf map[string]*appsv1.ControllerRevision

var _ client.Reader = shelf{}

func (s shelf) Get(_ context.Context, key client.ObjectKey, object client.Object, _ ...client.GetOption) error {
	stored, there := s[key.Name]
	into, ok := object.(*appsv1.ControllerRevision)
	if !ok {
		return errors.New("only ControllerRevisions are on the shelf")
	}
	if !there {
		return apierrors.NewNotFound(schema.GroupResource{Group: "apps", Resource: "controllerrevisions"}, key.Name)
	}
	stored.DeepCopyInto(into)
	return nil
}

// List gives all that is there, whatever is asked for: its reader has to look at the content.
func (s shelf) List(_ context.Context, list client.ObjectList, _ ...client.ListOption) error {
	into, ok := list.(*appsv1.ControllerRevisionList)
	if !ok {
		return errors.New("only ControllerRevisions are on the shelf")
	}
	for _, stored := range s {
		into.Items = append(into.Items, *stored)
	}
	return nil
}

// profileController wakes when something it knows of changed, or when it asked to: then it stores the revision, plans, and writes if
// nobody wrote since. A write may be lost on its way.
func (c *country) profileController() {
	if c.cached != c.profile && c.due(&c.late[0], lateness, 0.5) {
		c.dirty = c.dirty || c.cached.newest != c.profile.newest
		c.cached = c.profile
	}
	if !c.dirty && (c.timer == 0 || c.round < c.timer) || !c.due(&c.late[1], lateness, 0.5) {
		return
	}
	c.dirty, c.timer = false, 0
	h := c.cached
	stored, err := staging.ProfileObject(h.api, operatorNamespace)
	if err != nil {
		c.violatef(ends, "storing: %v", err)
		return
	}
	c.shelf[stored.Name] = stored
	d := c.plan(c.fleet())
	switch {
	case h.version != c.profile.version || !c.calm && !c.lost && c.chance(0.1):
		c.lost = h.version == c.profile.version
		c.dirty = true
		return
	case d.next > 0:
		c.timer = c.round + int((d.next+time.Second-1)/time.Second)
	}
	c.lost, c.decision = false, d
	c.sweep(h.api.Status.Rollout, &d.status)
	if equality.Semantic.DeepEqual(h.api.Status.Rollout, &d.status) {
		return
	}
	c.judgeTurns(h, &d.status)
	c.seen[d.condition.Reason]++
	c.tellf("written: %s", d.condition.Message)
	if len(d.status.Refused) > 0 {
		c.seen["refused in its turn"]++
	}
	for _, n := range c.connectors {
		if n.hasTurn(h.api.Status.Rollout) && !n.hasTurn(&d.status) {
			c.tellf("the turn of %s is over: %+v", n.name, n.known)
		}
	}
	api := *h.api
	api.Status.Rollout = &d.status
	c.profile = &profileObject{version: h.version + 1, api: &api, newest: h.newest}
}

// fleet is the world as the operator's cache has it.
func (c *country) fleet() fleet {
	f := fleet{of: Profile(), now: c.now(), revision: c.cached.newest, policy: c.cached.api.Spec.Rollout, before: c.cached.api.Status.Rollout}
	for _, n := range c.connectors {
		if !n.cached || n.known.profile != c.cached.api.Name {
			continue
		}
		k := n.known
		f.members = append(f.members, member{
			namespace: "agency", name: n.name, revision: k.revision, ready: k.ready, settled: k.settled, reason: k.reason,
			message: "It says so.", paused: k.paused, refused: k.refused, held: k.held, opens: at(n.opens(c.round)),
		})
	}
	return f
}

func (c *country) sweep(before, now *v1alpha1.RolloutProgress) {
	keep := Needed(before, now).Union(Current(staging.Revision(c.cached.api.Spec), c.cached.api.Status.Rollout))
	for _, n := range c.connectors {
		if n.cached {
			keep.Insert(n.known.revision)
		}
	}
	for name, stored := range c.shelf {
		if !keep.Has(staging.RevisionOf(stored)) {
			delete(c.shelf, name)
			c.seen["swept"]++
		}
	}
}

// lives lets everything around one Connector happen, or not yet.
func (c *country) lives(n *connector) {
	if (n.known != n.object || n.cached == n.gone) && c.due(&n.late[0], lateness, 0.5) {
		n.known, n.cached = n.object, !n.gone
		c.dirty = true
	}
	switch {
	case n.gone:
	case n.pass != nil && c.round >= n.pass.due:
		c.write(n)
	case c.large && n.made != "" && c.told(n) && n.object.revision == n.made && !n.hasTurn(c.cached.api.Status.Rollout):
	case n.pass == nil && n.cached && c.due(&n.late[1], lateness, 0.5):
		c.begin(n)
	}
}

// begin is the reading half of a pass of a Connector. The operator sees at least the statuses that it wrote itself.
func (c *country) begin(n *connector) {
	seen := &v1alpha1.Connector{}
	seen.Namespace, seen.Name = "agency", n.name
	seen.Status.ProfileRevision = n.object.revision
	seen.Status.Profile, seen.Status.SecurityLevel = n.object.profile, level
	staged, err := staging.Pick(context.Background(), c.shelf, operatorNamespace, c.cached.api, seen)
	if err != nil {
		c.violatef(ends, "picking: %v", err)
		return
	}
	n.pass = &pass{read: n.known, profile: c.cached.api.Name, staged: staged, closed: n.opens(c.round) > c.round, due: c.round}
	if !c.calm {
		n.pass.due += c.rng.IntN(passTime)
	}
}

// write is the writing half: the objects, and then the status, which may be lost. A change of what was told waits for the window; what is
// otherwise than was told is taken for somebody else's doing, and is put right at once.
func (c *country) write(n *connector) {
	p := n.pass
	n.pass = nil
	status := n.object
	status.profile, status.refused, status.held = p.profile, false, false
	switch target := p.staged.Revision; {
	case p.read.paused:
	case p.staged.Lost:
		c.seen["lost"]++
	case n.refuses[target]:
		status.refused = true
	case n.made != target && n.made != "" && n.made == n.object.revision && p.closed:
		status.held = true
	default:
		if n.made != target {
			c.make(n, target)
		}
		status.revision = n.made
	}
	status.reason, status.settled = c.truth(n)
	status.ready = status.reason == "" && !status.refused
	if n.lost = !c.calm && !n.lost && c.chance(0.1); !n.lost {
		n.object = status
		n.up = n.up || c.round >= n.back && status.revision != ""
	}
}

// make makes the objects of a Connector by a revision. One that comes up for the first time is not disturbed, and one that was paused in the
// middle of a pass may be put back to what it told.
func (c *country) make(n *connector, target string) {
	if n.up && !n.moving {
		n.reasonBefore, _ = c.truth(n)
		n.moving, n.interrupted = true, n.interrupted && n.made != n.object.revision
	}
	n.interrupted = n.interrupted || n.object.paused || c.round-n.pausedBefore < chain
	n.made, n.back, n.softly = target, c.round+1+c.rng.IntN(8), c.chance(0.3)
	c.tellf("%s is made by %s", n.name, target)
}
