package integration

import (
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

// isBack waits until nobody uses the next authority any more and the rollover is complete, takes its anchor off the list, and sees it go.
func (r *rolling) isBack(t *testing.T) {
	t.Helper()
	r.settles(t, func(s *v1alpha1.ExchangeHubStatus) error {
		if len(s.Rollover.Batch) > 0 {
			return fmt.Errorf("the rollover is %+v, want no turn", s.Rollover)
		}
		return errors.Join(anchorIs(s, r.new, v1alpha1.TrustAnchorTrusted, 0), phaseIs(s, v1alpha1.RolloverComplete))
	})
	r.editHub(t, func(s *v1alpha1.ExchangeHubSpec) { s.TrustAnchors = s.TrustAnchors[:1] })
	r.settles(t, func(s *v1alpha1.ExchangeHubStatus) error {
		return errors.Join(anchorIs(s, r.new, "", 0), anchorIs(s, r.old, v1alpha1.TrustAnchorTrusted, 3), phaseIs(s, v1alpha1.RolloverComplete))
	})
	for _, name := range []string{"a", "b", "c"} {
		r.trusts(t, name, r.old)
	}
}

// Who changes their mind while the anchors are distributed moves nobody, and the next anchor waits for the gateway that never had it.
func TestRollingBackWhileDistributing(t *testing.T) {
	r := newRolling(t)
	before := r.issued(t, r.old, authority)
	largest := r.batches(t)
	r.fleet.hold("b", shared.anchor)
	r.moves(t)
	r.isDistributedTo(t, 2)

	r.editHub(t, func(s *v1alpha1.ExchangeHubSpec) { s.IssuerRef.Name = authority })
	r.isDistributedTo(t, 2)
	r.fleet.hold("b", "")
	r.isBack(t)
	if diff := cmp.Diff(before, r.issued(t, r.old, authority)); diff != "" {
		t.Errorf("serial numbers (-before +after):\n%s", diff)
	}
	if most := largest(); most != 0 {
		t.Errorf("up to %d Connectors had their turn, want none", most)
	}
}

// Who changes their mind in the middle gets those back who were moved, within the same batch, and leaves the others alone.
func TestRollingBackWhileReissuing(t *testing.T) {
	r := newRolling(t)
	before := r.issued(t, r.old, authority)
	largest := r.batches(t)
	// One waits for its window, so that the rollover does not come to its end.
	c := &v1alpha1.Connector{ObjectMeta: metav1.ObjectMeta{Namespace: r.namespace, Name: "c"}}
	r.change(t, c, func() { c.Spec.MaintenanceWindows = []v1alpha1.MaintenanceWindow{closed()} })
	r.moves(t)
	r.hubSays(t, func(s *v1alpha1.ExchangeHubStatus) error {
		if s.Rollover.Reissued == nil || *s.Rollover.Reissued < 1 {
			return fmt.Errorf("the rollover is %+v, want somebody who was moved", s.Rollover)
		}
		return phaseIs(s, v1alpha1.RolloverReissuing)
	})

	r.editHub(t, func(s *v1alpha1.ExchangeHubSpec) { s.IssuerRef.Name = authority })
	r.isBack(t)
	after := r.issued(t, r.old, authority)
	if after["a"] == before["a"] {
		t.Errorf("a has the certificate %s of before, and was never moved", after["a"])
	}
	if after["c"] != before["c"] {
		t.Errorf("c had the certificate %s and has %s, although its window was closed", before["c"], after["c"])
	}
	if most := largest(); most != 1 {
		t.Errorf("up to %d Connectors had their turn at once, want 1", most)
	}
}

// Who changes their mind when all were moved puts the old anchor, which is held, back into the list, and all are moved back.
func TestRollingBackWhileRetiring(t *testing.T) {
	r := newRolling(t)
	before := r.issued(t, r.old, authority)
	largest := r.batches(t)
	r.moves(t)
	r.hubSays(t, func(s *v1alpha1.ExchangeHubStatus) error {
		return errors.Join(anchorIs(s, r.new, v1alpha1.TrustAnchorTrusted, 3), phaseIs(s, v1alpha1.RolloverComplete))
	})
	r.editHub(t, func(s *v1alpha1.ExchangeHubSpec) { s.TrustAnchors = s.TrustAnchors[1:] })
	r.hubSays(t, func(s *v1alpha1.ExchangeHubStatus) error {
		return errors.Join(anchorIs(s, r.old, v1alpha1.TrustAnchorHeld, 3), phaseIs(s, v1alpha1.RolloverRetiring))
	})

	r.editHub(t, func(s *v1alpha1.ExchangeHubSpec) {
		s.TrustAnchors = []v1alpha1.TrustAnchor{{Name: "old", PEM: shared.anchor}, {Name: "new", PEM: r.newPEM}}
		s.IssuerRef.Name = authority
	})
	r.isBack(t)
	after := r.issued(t, r.old, authority)
	for name, serial := range before {
		if after[name] == serial {
			t.Errorf("%s has the certificate %s of before, and was never moved", name, serial)
		}
	}
	if most := largest(); most != 1 {
		t.Errorf("up to %d Connectors had their turn at once, want 1", most)
	}
}
