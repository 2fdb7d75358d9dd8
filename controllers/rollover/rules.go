package rollover

import (
	"slices"
	"time"

	"k8s.io/utils/ptr"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

// rules keep a rollover from cutting anybody off. The tests take them away one by one, to see that it is noticed.
type rules struct {
	// mayBegin tells whether anybody may get a turn at all.
	mayBegin func(*view) bool
	// mayGo tells whether a Held anchor may leave the bundle.
	mayGo func(*view, Anchor) bool
	// room is how many connectors may be under way at once.
	room func(*view) int
}

func realRules() rules {
	return rules{
		mayBegin: (*view).distributed,
		mayGo:    (*view).unneeded,
		room:     func(v *view) int { return int(max(v.Policy.BatchSize, 1)) },
	}
}

// distributed tells that every gateway has loaded the bundle, so that none refuses a certificate of an authority in it.
func (v *view) distributed() bool { return v.anyone(v.behind) == nil }

// unneeded tells that nobody relies on an anchor, and that nobody is about to: not by a certificate that is under way, and not
// unseen. A gateway that has not loaded the bundle was not seen lately, and one without a certificate may be getting its
// first from the issuer before. What the hub itself shows is known only from one that is linked to it and was asked.
func (v *view) unneeded(a Anchor) bool {
	return v.uses[a.Fingerprint] == 0 && !v.moving() && v.anyone(unseen) == nil && (v.anyone(linked) != nil || v.anyone(certified) == nil)
}

func linked(m *Member) bool { return m.HasCertificate && m.Problem == "" && (m.Trusting || m.Served) }

func unseen(m *Member) bool { return !m.Excluded && !m.Trusting }

// drop are the Held anchors that go now: those that could all the while until everything that was issued before is known. The others
// that can are leaving.
func (v *view) drop(r rules) []string {
	var gone []string
	for _, a := range v.Anchors {
		switch {
		case a.State != v1alpha1.TrustAnchorHeld || !r.mayGo(v, a):
		case a.UnusedSince.IsZero():
			v.leaving[a.Fingerprint] = v.Now.Truncate(time.Second)
		case v.Now.Sub(a.UnusedSince) < settling:
			v.leaving[a.Fingerprint] = a.UnusedSince
		default:
			gone = append(gone, a.Fingerprint)
		}
	}
	return gone
}

// phase is the first that applies.
func (v *view) phase(drop []string) v1alpha1.RolloverPhase {
	switch {
	case v.moving() && !v.distributed(), !v.moving() && v.announced():
		return v1alpha1.RolloverDistributing
	case v.moving():
		return v1alpha1.RolloverReissuing
	case slices.ContainsFunc(v.Anchors, func(a Anchor) bool {
		return a.State == v1alpha1.TrustAnchorHeld && !slices.Contains(drop, a.Fingerprint)
	}):
		return v1alpha1.RolloverRetiring
	default:
		return v1alpha1.RolloverComplete
	}
}

// announced tells that an anchor is on its way to a gateway that can do without it so far. A connector that comes up with its first
// certificate, and has not loaded the bundle either, is no sign of it: none that had it lacks it now. If nobody is known to have it,
// nothing is known.
func (v *view) announced() bool {
	late := v.those(func(m *Member) bool { return v.behind(m) && v.lacks(m) })
	if len(late) == 0 {
		return false
	}
	before := v.Before
	return before == nil || before.Phase == v1alpha1.RolloverDistributing ||
		v.count(trusting) < max(ptr.Deref(before.Trusting, 0), 1) || slices.ContainsFunc(late, func(m *Member) bool { return m.Served || m.Renewed })
}

// lacks tells that a member may not know an anchor. It knows those that it relies on, but a certificate that its pods do not serve yet
// may have been issued by an authority that they have never heard of. If there is one anchor only, it is the one that all came up with.
func (v *view) lacks(m *Member) bool {
	if !m.Served && len(v.states) > 1 {
		return true
	}
	relies := m.relies()
	return slices.ContainsFunc(v.Anchors, func(a Anchor) bool { return a.State == v1alpha1.TrustAnchorTrusted && !relies.Has(a.Fingerprint) })
}

func trusting(m *Member) bool { return m.Trusting }

func (v *view) unused(a Anchor) bool {
	return a.State == v1alpha1.TrustAnchorTrusted && v.uses[a.Fingerprint] == 0
}
