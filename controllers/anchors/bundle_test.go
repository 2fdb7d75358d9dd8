package anchors

import (
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/test/pki"
)

func newCA(t *testing.T, name string) *pki.CA {
	t.Helper()
	ca, err := pki.NewCA(name)
	if err != nil {
		t.Fatal(err)
	}
	return ca
}

func inline(name string, cas ...*pki.CA) v1alpha1.TrustAnchor {
	var text strings.Builder
	for _, ca := range cas {
		text.Write(ca.PEM())
	}
	return v1alpha1.TrustAnchor{Name: name, PEM: text.String()}
}

func distrusted(anchor v1alpha1.TrustAnchor) v1alpha1.TrustAnchor {
	anchor.Distrusted = new(true)
	return anchor
}

func written(name string, ca *pki.CA, state v1alpha1.TrustAnchorState) v1alpha1.ObservedTrustAnchor {
	return v1alpha1.ObservedTrustAnchor{Name: name, SHA256: Fingerprint(ca.Certificate), State: state, Certificate: string(ca.PEM())}
}

func bundleOf(t *testing.T, hub *v1alpha1.ExchangeHub) *Bundle {
	t.Helper()
	bundle, err := Resolve(t.Context(), fake.NewClientBuilder().Build(), hub, "system")
	if err != nil {
		t.Fatal(err)
	}
	return bundle
}

// told lists the anchors of a bundle as name and state, in order of these; one that is in force with a star.
func told(b *Bundle) string {
	words := make([]string, 0, len(b.Anchors))
	for _, a := range b.Anchors {
		word := a.Name + " " + string(a.State)
		if slices.ContainsFunc(b.Parsed.Anchors, func(c *x509.Certificate) bool { return Fingerprint(c) == a.SHA256 }) {
			word += "*"
		}
		words = append(words, word)
	}
	slices.Sort(words)
	return strings.Join(words, ", ")
}

func TestWhatIsInForce(t *testing.T) {
	one, two := newCA(t, "one"), newCA(t, "two")
	trusted, held := v1alpha1.TrustAnchorTrusted, v1alpha1.TrustAnchorHeld
	bare := written("two", two, trusted)
	bare.Certificate = ""
	mixed := written("two", two, held)
	mixed.Certificate = string(one.PEM())
	tests := map[string]struct {
		declared []v1alpha1.TrustAnchor
		status   []v1alpha1.ObservedTrustAnchor
		want     string
	}{
		"at first, what is declared": {[]v1alpha1.TrustAnchor{inline("one", one)}, nil, "one Trusted*"},
		"what is added, at once": {
			[]v1alpha1.TrustAnchor{inline("one", one), inline("two", two)},
			[]v1alpha1.ObservedTrustAnchor{written("one", one, trusted)}, "one Trusted*, two Trusted*",
		},
		"what is removed, held": {
			[]v1alpha1.TrustAnchor{inline("one", one)},
			[]v1alpha1.ObservedTrustAnchor{written("one", one, trusted), written("two", two, trusted)}, "one Trusted*, two Held*",
		},
		"what is held, still": {
			[]v1alpha1.TrustAnchor{inline("one", one)}, []v1alpha1.ObservedTrustAnchor{written("two", two, held)}, "one Trusted*, two Held*",
		},
		"what is put back, trusted again": {
			[]v1alpha1.TrustAnchor{inline("one", one), inline("again", two)},
			[]v1alpha1.ObservedTrustAnchor{written("two", two, held)}, "again Trusted*, one Trusted*",
		},
		"one of two certificates removed from an anchor": {
			[]v1alpha1.TrustAnchor{inline("both", one)},
			[]v1alpha1.ObservedTrustAnchor{written("both", one, trusted), written("both", two, trusted)}, "both Held*, both Trusted*",
		},
		"distrusted, out although it is held": {
			[]v1alpha1.TrustAnchor{inline("one", one), distrusted(inline("bad", two))},
			[]v1alpha1.ObservedTrustAnchor{written("two", two, held)}, "bad Distrusted, one Trusted*",
		},
		"distrusted, out although it is declared too": {
			[]v1alpha1.TrustAnchor{inline("both", one, two), distrusted(inline("bad", two))}, nil, "bad Distrusted, both Trusted*",
		},
		"distrusted first, and declared too": {
			[]v1alpha1.TrustAnchor{distrusted(inline("bad", two)), inline("both", one, two)}, nil, "bad Distrusted, both Trusted*",
		},
		"distrusted and then removed, never back": {
			[]v1alpha1.TrustAnchor{inline("one", one)},
			[]v1alpha1.ObservedTrustAnchor{written("two", two, v1alpha1.TrustAnchorDistrusted)}, "one Trusted*",
		},
		"declared twice, told once": {[]v1alpha1.TrustAnchor{inline("one", one), inline("same", one)}, nil, "one Trusted*"},
		"a status without the certificate, or with another one": {
			[]v1alpha1.TrustAnchor{inline("one", one)}, []v1alpha1.ObservedTrustAnchor{bare, mixed}, "one Trusted*",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			hub := hubOf(tt.declared...)
			hub.Status.TrustAnchors = tt.status
			bundle := bundleOf(t, hub)
			if got := told(bundle); got != tt.want {
				t.Errorf("the anchors are %q, want %q", got, tt.want)
			}
			// What the controller of hubs writes must give the same answer when it is read again.
			hub.Status.TrustAnchors = bundle.Anchors
			if again := bundleOf(t, hub); told(again) != tt.want || again.PEM != bundle.PEM {
				t.Errorf("written and read again, the anchors are %q, want %q", told(again), tt.want)
			}
		})
	}
}

func TestEveryAnchorDistrusted(t *testing.T) {
	_, err := Resolve(t.Context(), fake.NewClientBuilder().Build(), hubOf(distrusted(inline("root", newCA(t, "root")))), "system")
	var unreadable *UnreadableError
	const want = "Trust anchor root of ExchangeHub hub cannot be used: it is distrusted, and so is every other one, so no peer could be verified. " +
		"Add the certificate of an authority that is to be trusted."
	if !errors.As(err, &unreadable) || unreadable.Error() != want {
		t.Errorf("the error is %v, want %s", err, want)
	}
}

func TestOrderDoesNotMatter(t *testing.T) {
	one, two := newCA(t, "one"), newCA(t, "two")
	both := bundleOf(t, hubOf(inline("one", one), inline("two", two)))
	hub := hubOf(inline("renamed", two))
	hub.Status.TrustAnchors = both.Anchors
	if held := bundleOf(t, hub); held.PEM != both.PEM || held.Parsed.Digest != both.Parsed.Digest {
		t.Error("an anchor that is held, and one that is renamed, change the bundle")
	}
}

func TestWithout(t *testing.T) {
	one, two := newCA(t, "one"), newCA(t, "two")
	both := bundleOf(t, hubOf(inline("one", one), inline("two", two)))
	rest, err := both.Without(Fingerprint(two.Certificate))
	if err != nil {
		t.Fatal(err)
	}
	alone := bundleOf(t, hubOf(inline("one", one)))
	if told(rest) != told(alone) || rest.PEM != alone.PEM || rest.Parsed.Digest != alone.Parsed.Digest {
		t.Errorf("without the second anchor, the bundle is %q", told(rest))
	}
	if same, err := both.Without(); err != nil || same != both {
		t.Errorf("without nothing, the bundle is %v, %v, want the same", same, err)
	}
	if _, err := alone.Without(Fingerprint(one.Certificate)); err == nil {
		t.Error("a bundle without any anchor is no error")
	}
}

func chainOf(t *testing.T, ca *pki.CA) []*x509.Certificate {
	t.Helper()
	pair, err := ca.Issue(pki.Request{SPIFFEID: "spiffe://lienthong.test/x"})
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode(pair.Certificate)
	leaf, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return []*x509.Certificate{leaf}
}

func TestAuthority(t *testing.T) {
	trusted, held, bad := newCA(t, "trusted"), newCA(t, "held"), newCA(t, "bad")
	hub := hubOf(inline("trusted", trusted), distrusted(inline("bad", bad)))
	hub.Status.TrustAnchors = []v1alpha1.ObservedTrustAnchor{written("held", held, v1alpha1.TrustAnchorHeld)}
	bundle := bundleOf(t, hub)
	for name, tt := range map[string]struct {
		chain     []*x509.Certificate
		authority string
		state     v1alpha1.TrustAnchorState
		ends      int
	}{
		"trusted":       {chainOf(t, trusted), Fingerprint(trusted.Certificate), v1alpha1.TrustAnchorTrusted, 1},
		"held":          {chainOf(t, held), Fingerprint(held.Certificate), v1alpha1.TrustAnchorHeld, 1},
		"distrusted":    {chainOf(t, bad), Fingerprint(bad.Certificate), v1alpha1.TrustAnchorDistrusted, 0},
		"unknown":       {chainOf(t, newCA(t, "trusted")), "", "", 0},
		"no chain":      {nil, "", "", 0},
		"more than one": {append(chainOf(t, trusted), held.Certificate), Fingerprint(trusted.Certificate), v1alpha1.TrustAnchorTrusted, 1},
	} {
		t.Run(name, func(t *testing.T) {
			authority := bundle.Authority(tt.chain)
			if authority != tt.authority || bundle.State(authority) != tt.state {
				t.Errorf("the authority is %q (%s), want %q (%s)", authority, bundle.State(authority), tt.authority, tt.state)
			}
			if ends := bundle.Ends(tt.chain); len(ends) != tt.ends || tt.ends == 1 && ends[0] != authority {
				t.Errorf("the chain ends in %v, want %d anchors in force", ends, tt.ends)
			}
		})
	}
}

// TestAuthorityOfOneKey has two anchors of one name and key, of which the newer became valid after the leaf was signed.
func TestAuthorityOfOneKey(t *testing.T) {
	old := newCA(t, "root")
	renewed, err := old.Renewed()
	if err != nil {
		t.Fatal(err)
	}
	chain := chainOf(t, old)
	bundle := bundleOf(t, hubOf(inline("new", renewed), inline("old", old)))
	if ends := bundle.Ends(chain); len(ends) != 2 || !slices.IsSorted(ends) {
		t.Errorf("the chain ends in %v, want both anchors in ascending order", ends)
	}
	hub := hubOf(inline("new", renewed))
	hub.Status.TrustAnchors = bundle.Anchors
	want := fmt.Sprint([]string{Fingerprint(renewed.Certificate), Fingerprint(old.Certificate)})
	if ends := fmt.Sprint(bundleOf(t, hub).Ends(chain)); ends != want {
		t.Errorf("with the old one held, the chain ends in %s, want the trusted one first: %s", ends, want)
	}
}
