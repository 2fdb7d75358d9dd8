package integration

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/apply"
	"lienthong.gov.vn/connector-operator/controllers/desired"
)

// rolling is a world of three simulated Connectors whose hub trusts the shared authority under the name old, and shows a certificate
// of it. The other authority is there, and the hub does not know it yet.
type rolling struct {
	*world
	fleet    *simulatedFleet
	old, new string
	newPEM   string
}

func newRolling(t *testing.T) *rolling {
	t.Helper()
	w := newWorld(t)
	next, err := w.Authority(t.Context(), w.namespace)
	if err != nil {
		t.Fatal(err)
	}
	r := &rolling{world: w, old: fingerprint(t, shared.anchor), new: fingerprint(t, next), newPEM: next}
	r.fleet = w.takeOver(t, r.old)
	w.hub.Spec.TrustAnchors = []v1alpha1.TrustAnchor{{Name: "old", PEM: shared.anchor}}
	w.hub.Spec.Rollover.BatchSize = 1
	w.fleet(t, "a", "b", "c")
	return r
}

// trusts waits until the gateways of a Connector are given exactly these anchors.
func (r *rolling) trusts(t *testing.T, connector string, want ...string) {
	t.Helper()
	slices.Sort(want)
	r.until(t, func() error {
		var volume corev1.ConfigMap
		if err := r.Client.Get(t.Context(), types.NamespacedName{Namespace: r.namespace, Name: desired.GatewayName(connector)}, &volume); err != nil {
			return err
		}
		var got []string
		for _, block := range strings.SplitAfter(volume.Data[desired.TrustKey], "-----END CERTIFICATE-----\n") {
			if block != "" {
				got = append(got, fingerprint(t, block))
			}
		}
		if !slices.Equal(got, want) {
			return fmt.Errorf("the gateways of %s are given the anchors %v, want %v", connector, got, want)
		}
		return nil
	})
}

// anchorIs tells what is wrong if an anchor is not in that state, with so many users; an empty state is for one that is gone.
func anchorIs(s *v1alpha1.ExchangeHubStatus, fingerprint string, state v1alpha1.TrustAnchorState, users int32) error {
	i := slices.IndexFunc(s.TrustAnchors, func(a v1alpha1.ObservedTrustAnchor) bool { return a.SHA256 == fingerprint })
	switch {
	case i < 0 && state == "":
		return nil
	case i < 0 || s.TrustAnchors[i].State != state || *s.TrustAnchors[i].UsedBy != users:
		return fmt.Errorf("the anchors are %+v, want %s %s and used by %d", s.TrustAnchors, fingerprint, state, users)
	}
	return nil
}

func phaseIs(s *v1alpha1.ExchangeHubStatus, phase v1alpha1.RolloverPhase) error {
	if s.Rollover.Phase != phase {
		return fmt.Errorf("the rollover is %+v, want the phase %s", s.Rollover, phase)
	}
	return nil
}

func trustSays(s *v1alpha1.ExchangeHubStatus, sentence string) error {
	c := meta.FindStatusCondition(s.Conditions, v1alpha1.ConditionTrustResolved)
	if c.Status != metav1.ConditionTrue || !strings.Contains(c.Message, sentence) {
		return fmt.Errorf("TrustResolved is %s and says %q, want True and %q", c.Status, c.Message, sentence)
	}
	return nil
}

// batches follows the hub from now on; the function that it gives ends that and tells the largest batch that ever stood in the status.
func (r *rolling) batches(t *testing.T) (largest func() int) {
	t.Helper()
	c, err := client.NewWithWatch(r.Admin, client.Options{Scheme: r.Scheme})
	if err != nil {
		t.Fatal(err)
	}
	events, err := c.Watch(t.Context(), &v1alpha1.ExchangeHubList{},
		&client.ListOptions{FieldSelector: fields.OneTermEqualSelector("metadata.name", r.hub.Name)})
	if err != nil {
		t.Fatal(err)
	}
	result := make(chan int, 1)
	go func() {
		most := 0
		for e := range events.ResultChan() {
			if hub, ok := e.Object.(*v1alpha1.ExchangeHub); ok && e.Type != watch.Deleted && hub.Status.Rollover != nil {
				most = max(most, len(hub.Status.Rollover.Batch))
			}
		}
		result <- most
	}()
	return func() int {
		events.Stop()
		return <-result
	}
}

// TestAuthorityIsReplaced goes the whole way from one certification authority to another.
func TestAuthorityIsReplaced(t *testing.T) {
	r := newRolling(t)
	largest := r.batches(t)

	// One Connector does not take up the new anchor: it is in force everywhere at once, and nobody is moved.
	r.fleet.hold("b", shared.anchor)
	r.moves(t)
	for _, name := range []string{"a", "b", "c"} {
		r.trusts(t, name, r.old, r.new)
	}
	r.isDistributedTo(t, 2)
	message := r.expect(t, r.hub, v1alpha1.ConditionRolloverComplete, metav1.ConditionFalse, string(v1alpha1.RolloverDistributing))
	if !strings.Contains(message, r.namespace+"/b") {
		t.Errorf("the condition says %q, and not for whom is waited", message)
	}
	if n := len(r.hub.Status.Rollover.Batch); n != 0 {
		t.Errorf("%d Connectors have their turn before everybody trusts the new anchor", n)
	}

	// It does: everybody is moved, one after the other.
	r.fleet.hold("b", "")
	r.hubSays(t, func(s *v1alpha1.ExchangeHubStatus) error {
		if err := anchorIs(s, r.new, v1alpha1.TrustAnchorTrusted, 3); err != nil {
			return err
		}
		return phaseIs(s, v1alpha1.RolloverComplete)
	})
	r.issued(t, r.new, r.namespace)
	if most := largest(); most != 1 {
		t.Errorf("up to %d Connectors had their turn at once, want 1", most)
	}

	// The hub itself still shows a certificate of the old one: removed from the list, its anchor stays.
	r.editHub(t, func(s *v1alpha1.ExchangeHubSpec) { s.TrustAnchors = s.TrustAnchors[1:] })
	r.hubSays(t, func(s *v1alpha1.ExchangeHubStatus) error {
		if err := anchorIs(s, r.old, v1alpha1.TrustAnchorHeld, 3); err != nil {
			return err
		}
		return phaseIs(s, v1alpha1.RolloverRetiring)
	})
	if err := trustSays(&r.hub.Status, "Anchor old was removed from the list and stays in force, because 3 Connectors rely on it."); err != nil {
		t.Error(err)
	}
	r.trusts(t, "a", r.old, r.new)

	// Nobody relies on it any more: it goes.
	r.fleet.show(r.new)
	r.settles(t, func(s *v1alpha1.ExchangeHubStatus) error {
		if err := anchorIs(s, r.old, "", 0); err != nil {
			return err
		}
		return phaseIs(s, v1alpha1.RolloverComplete)
	})
	for _, name := range []string{"a", "b", "c"} {
		r.trusts(t, name, r.new)
	}
}

// moves names the next authority beside the old one, and has the Connectors move to it.
func (r *rolling) moves(t *testing.T) {
	t.Helper()
	r.editHub(t, func(s *v1alpha1.ExchangeHubSpec) {
		s.TrustAnchors = append(s.TrustAnchors, v1alpha1.TrustAnchor{Name: "new", PEM: r.newPEM})
		s.IssuerRef.Name = r.namespace
	})
}

// settles waits like hubSays, for what has to be so for half a minute before anything follows: no anchor leaves and no turn that was taken
// back ends before.
func (r *rolling) settles(t *testing.T, check func(*v1alpha1.ExchangeHubStatus) error) {
	t.Helper()
	const settling = 30 * time.Second
	began := time.Now()
	r.hubSays(t, func(s *v1alpha1.ExchangeHubStatus) error {
		if time.Since(began) > settling {
			return nil
		}
		return check(s)
	})
	r.hubSays(t, check)
}

// issued has the serial number of each Connector's newest certificate, all of which must end in that anchor.
func (r *rolling) issued(t *testing.T, anchor, issuer string) map[string]string {
	t.Helper()
	serials := map[string]string{}
	for _, name := range []string{"a", "b", "c"} {
		var c v1alpha1.Connector
		if err := r.Client.Get(t.Context(), types.NamespacedName{Namespace: r.namespace, Name: name}, &c); err != nil {
			t.Fatal(err)
		}
		got := c.Status.Certificate
		if got.Authority != anchor || got.IssuerRef.Name != issuer {
			t.Errorf("the certificate of %s is %+v, want one of %s that ends in %s", name, got, issuer, anchor)
		}
		serials[name] = got.SerialNumber
	}
	return serials
}

func (r *rolling) isDistributedTo(t *testing.T, trusting int32) {
	t.Helper()
	r.hubSays(t, func(s *v1alpha1.ExchangeHubStatus) error {
		if s.Rollover.Trusting == nil || *s.Rollover.Trusting != trusting {
			return fmt.Errorf("the rollover is %+v, want %d who trust", s.Rollover, trusting)
		}
		return phaseIs(s, v1alpha1.RolloverDistributing)
	})
}

func TestDistrustedAnchorGoesAtOnce(t *testing.T) {
	r := newRolling(t)
	r.editHub(t, func(s *v1alpha1.ExchangeHubSpec) {
		s.TrustAnchors[0].Distrusted = new(true)
		s.TrustAnchors = append(s.TrustAnchors, v1alpha1.TrustAnchor{Name: "new", PEM: r.newPEM})
	})
	for _, name := range []string{"a", "b", "c"} {
		r.trusts(t, name, r.new)
	}
	r.hubSays(t, func(s *v1alpha1.ExchangeHubStatus) error {
		if err := anchorIs(s, r.old, v1alpha1.TrustAnchorDistrusted, 3); err != nil {
			return err
		}
		return trustSays(s, "Anchor old is distrusted and out of force, although 3 Connectors rely on it.")
	})
	// Removed from the list after that, it does not come back.
	r.editHub(t, func(s *v1alpha1.ExchangeHubSpec) { s.TrustAnchors = s.TrustAnchors[1:] })
	r.hubSays(t, func(s *v1alpha1.ExchangeHubStatus) error { return anchorIs(s, r.old, "", 0) })
	r.trusts(t, "a", r.new)
}

// TestStatusIsWrittenOnlyOverTheLatest shows on a real API server what the budget of a rollover rests on.
func TestStatusIsWrittenOnlyOverTheLatest(t *testing.T) {
	w := newWorld(t)
	w.platform(t)
	w.expect(t, w.hub, v1alpha1.ConditionTrustResolved, metav1.ConditionTrue, v1alpha1.ReasonTrustResolved)
	read := w.hub.DeepCopy()
	patch := client.RawPatch(types.MergePatchType, []byte(`{"metadata":{"labels":{"edited":"meanwhile"}}}`))
	if err := w.Client.Patch(t.Context(), w.hub, patch); err != nil {
		t.Fatal(err)
	}
	stale := read.DeepCopy()
	stale.Status.Rollover = &v1alpha1.RolloverStatus{Phase: v1alpha1.RolloverReissuing}
	if err := apply.StatusLocked(t.Context(), w.Client, read, stale); !apierrors.IsConflict(err) {
		t.Errorf("a status that rests on an older object ends with %v, want a conflict", err)
	}
	unchanged := read.DeepCopy()
	if err := apply.StatusLocked(t.Context(), w.Client, read, unchanged); err != nil {
		t.Errorf("a status that has not changed ends with %v, want nothing written", err)
	}
}
