package rollover

import (
	"cmp"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/util/sets"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

// view is a Fleet put in order, and the turns as they stand.
type view struct {
	Fleet
	states map[string]v1alpha1.TrustAnchorState
	// were are the states as they were last written.
	were    map[string]v1alpha1.TrustAnchorState
	members []*Member
	byName  map[name]*Member
	uses    map[string]int32
	batch   []v1alpha1.RolloverTurn
	// leaving are the Held anchors that go soon, with since when they could.
	leaving map[string]time.Time
}

type name struct{ namespace, name string }

func (m *Member) named() name { return name{m.Namespace, m.Name} }

func look(f Fleet) *view {
	v := &view{
		Fleet:   f,
		states:  make(map[string]v1alpha1.TrustAnchorState, len(f.Anchors)),
		were:    make(map[string]v1alpha1.TrustAnchorState, len(f.Anchors)),
		leaving: map[string]time.Time{},
		byName:  make(map[name]*Member, len(f.Members)),
		uses:    make(map[string]int32, len(f.Anchors)),
	}
	for _, a := range f.Anchors {
		v.states[a.Fingerprint], v.were[a.Fingerprint] = a.State, a.Was
		v.uses[a.Fingerprint] = 0
	}
	for i := range f.Members {
		m := &f.Members[i]
		v.members = append(v.members, m)
		v.byName[m.named()] = m
	}
	slices.SortFunc(v.members, byName)
	v.countUses()
	v.carryOn()
	return v
}

func byName(a, b *Member) int {
	return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name))
}

func (v *view) countUses() {
	count := func(anchors sets.Set[string]) {
		for fingerprint := range anchors {
			if _, known := v.uses[fingerprint]; known {
				v.uses[fingerprint]++
			}
		}
	}
	for _, m := range v.members {
		count(m.relies())
	}
	count(v.operator())
}

// relies are the anchors without which the member would be cut off.
func (m *Member) relies() sets.Set[string] { return sets.New(m.Uses...).Insert(m.Authority) }

// operator are the anchors that the operator relies on. It needs one that is wanted only if it has none that is.
func (v *view) operator() sets.Set[string] {
	own := sets.New(v.Operator...)
	trusted := sets.New[string]()
	for fingerprint := range own {
		if v.states[fingerprint] == v1alpha1.TrustAnchorTrusted {
			trusted.Insert(fingerprint)
		}
	}
	if trusted.Len() > 0 {
		return trusted
	}
	return own
}

// right tells that the newest certificate comes from where it should.
func (v *view) right(m *Member) bool {
	return same(m.Issuer, v.Issuer) && v.states[m.Authority] == v1alpha1.TrustAnchorTrusted
}

// wasRight tells that it came from where it should by what was asked for when the status was last written.
func (v *view) wasRight(m *Member) bool {
	return same(m.Issuer, v.issuerBefore()) && v.were[m.Authority] == v1alpha1.TrustAnchorTrusted
}

func (v *view) issuerBefore() v1alpha1.IssuerReference {
	if v.Before == nil || v.Before.IssuerRef == nil {
		return v.Issuer
	}
	return *v.Before.IssuerRef
}

// done tells that there is nothing left to do for a member.
func (v *view) done(m *Member) bool {
	return m.HasCertificate && v.right(m) && m.Served && m.Problem == ""
}

// mustMove tells that a member is to get a certificate of another authority.
func (v *view) mustMove(m *Member) bool { return m.HasCertificate && !m.Excluded && !v.right(m) }

// cutOff tells that no peer accepts the member any more. It cannot be asked what it has loaded, because it would not be
// believed: that its pods are silent is all that is known of one whose authority is distrusted. As long as it works its pods serve an
// older certificate that is accepted.
func (v *view) cutOff(m *Member) bool {
	_, known := v.states[m.Authority]
	return m.HasCertificate && (m.Problem != "" && (!known || v.distrusted(m)) || m.Silent && v.distrusted(m))
}

// urgent tells that a member cannot wait for its window.
func (v *view) urgent(m *Member) bool { return v.distrusted(m) || v.cutOff(m) }

func (v *view) distrusted(m *Member) bool {
	return v.states[m.Authority] == v1alpha1.TrustAnchorDistrusted
}

// behind tells that a member is linked to the hub and does not trust all that it should.
func (v *view) behind(m *Member) bool {
	return m.HasCertificate && !m.Excluded && !m.Trusting && !v.cutOff(m)
}

// moving tells that the rollover is not over for somebody.
func (v *view) moving() bool { return len(v.batch) > 0 || v.anyone(v.mustMove) != nil }

// waiting are those who have to move and whose turn it is not.
func (v *view) waiting() []*Member {
	return v.those(func(m *Member) bool { return v.mustMove(m) && !v.hasTurn(m) })
}

func (v *view) anyone(is func(*Member) bool) *Member {
	if i := slices.IndexFunc(v.members, is); i >= 0 {
		return v.members[i]
	}
	return nil
}

func (v *view) those(are func(*Member) bool) []*Member {
	var found []*Member
	for _, m := range v.members {
		if are(m) {
			found = append(found, m)
		}
	}
	return found
}

func (v *view) count(are func(*Member) bool) int32 { return int32(len(v.those(are))) }

// same compares issuers. The API's defaults may be missing in what was written by hand.
func same(a, b v1alpha1.IssuerReference) bool {
	return a.Name == b.Name && cmp.Or(a.Kind, "ClusterIssuer") == cmp.Or(b.Kind, "ClusterIssuer") &&
		cmp.Or(a.Group, "cert-manager.io") == cmp.Or(b.Group, "cert-manager.io")
}
