//go:build e2e

package e2e

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers"
	"lienthong.gov.vn/connector-operator/controllers/desired"
	"lienthong.gov.vn/connector-operator/gateway/trust"
	"lienthong.gov.vn/connector-operator/hack/stage"
)

const (
	batchSize = 6
	// quietPeriod is short, so that the test need not wait for an hour.
	quietPeriod = 20 * time.Second
	// midway is how many connectors have moved when the hub's own identity does.
	midway = agencyCount / 2
)

// rollover is a change of the certification authority under way.
type rollover struct {
	*watchedRollover
	// old and next are the authorities' certificates in PEM form.
	old, next string
}

// authorityRollsOver changes the certification authority of everybody, as an engineer does it, under traffic over all agencies. The operator
// is killed as soon as each phase is seen.
func authorityRollsOver(t *testing.T) {
	const period = "rollover"
	pods := must(takeSnapshot(t.Context(), corev1.SchemeGroupVersion.WithKind("Pod")))(t)
	r := &rollover{old: string(secret(t, "cert-manager", authority).Data[corev1.TLSCertKey]), next: newAuthority(t)}
	oldCA := pairOf(secret(t, "cert-manager", authority))
	editHub(t, func(s *v1alpha1.ExchangeHubSpec) {
		s.Rollover.BatchSize, s.Rollover.QuietPeriod = batchSize, metav1.Duration{Duration: quietPeriod}
	})
	everythingIsReady(t)
	traffic := startCountry(t)
	traffic.begins(t, period)
	r.watchedRollover = watchRollover(t)
	begin := time.Now()
	r.distribute(t)
	r.turnBack(t)
	r.reissue(t)
	r.retire(t)
	measuredf(t, "the whole rollover of %d Connectors in batches of %d, with a quiet period of %s, took %s", agencyCount, batchSize, quietPeriod, round(time.Since(begin)))
	r.onlyTheNextIsLeft(t)
	traffic.begins(t, "afterwards")
	strangers := guests{identity: must(must(sign(oldCA, leaf{}))(t).TLS())(t)}
	for _, pod := range allPods(t) {
		if conn, err := strangers.knock(t.Context(), &pod); err == nil {
			t.Errorf("pod %s/%s lets in who is signed by the old authority", pod.Namespace, pod.Name)
			_ = conn.Close()
		}
	}
	r.end(t)
	traffic.nothingFailed(t, period)
	for _, difference := range pods.differences(must(takeSnapshot(t.Context(), corev1.SchemeGroupVersion.WithKind("Pod")))(t), true) {
		t.Error(difference)
	}
}

// distribute adds the next anchor, and waits until every gateway and both hubs have loaded it.
func (r *rollover) distribute(t *testing.T) {
	t.Helper()
	begin := time.Now()
	r.promise(editHub(t, func(s *v1alpha1.ExchangeHubSpec) {
		s.TrustAnchors = append(s.TrustAnchors, v1alpha1.TrustAnchor{Name: "root-2027", PEM: r.next})
	}))
	r.complete(t)
	measuredf(t, "the next anchor was added: every gateway trusted it after %s", round(time.Since(begin)))
	poke(t, stage.HubNamespace, client.MatchingLabels{desired.LabelName: primaryHub})
	poke(t, stage.HubNamespace, client.MatchingLabels{desired.LabelName: fallbackHub})
	guest := must(sign(pairOf(secret(t, "cert-manager", nextAuthority)), leaf{ids: []string{"spiffe://lienthong.gov.vn/visitor"}}))(t)
	for _, hub := range []string{primaryHub, fallbackHub} {
		eventually(t, func() error { return hubAdmits(t, hub, guest) })
	}
	measuredf(t, "both hubs trusted it too after %s", round(time.Since(begin)))
}

// turnBack begins to move the Connectors, and changes its mind when the first have moved: those are moved back, and the others stay as they were.
func (r *rollover) turnBack(t *testing.T) {
	t.Helper()
	begin, before := time.Now(), serials(t)
	var wanted v1alpha1.IssuerReference
	r.promise(editHub(t, func(s *v1alpha1.ExchangeHubSpec) {
		wanted = s.IssuerRef
		s.IssuerRef = v1alpha1.IssuerReference{Name: nextAuthority, Kind: "ClusterIssuer", Group: certManagerGroup}
	}))
	r.reissued(t, 1)
	r.promise(editHub(t, func(s *v1alpha1.ExchangeHubSpec) { s.IssuerRef = wanted }))
	r.complete(t)
	moved := 0
	for _, c := range must(shared.stage.Connectors(t.Context()))(t) {
		if c.Status.Certificate.Authority != fingerprint(r.old) {
			t.Errorf("the certificate of Connector %s ends in the anchor %s, want the old one", c.Name, c.Status.Certificate.Authority)
		}
		if c.Status.Certificate.SerialNumber != before[c.Name] {
			moved++
		}
	}
	if moved == 0 || moved == agencyCount {
		t.Errorf("%d of %d Connectors have another certificate than before, want some and not all", moved, agencyCount)
	}
	measuredf(t, "the move to the next authority was taken back midway: %d Connectors had moved and were back after %s", moved, round(time.Since(begin)))
}

// reissued waits until so many Connectors have moved to the next authority.
func (r *rollover) reissued(t *testing.T, least int32) {
	t.Helper()
	eventually(t, func() error {
		hub, err := exchangeHub(t.Context())
		if err != nil {
			return err
		}
		if s := hub.Status.Rollover; s == nil || hub.Status.ObservedGeneration < r.generation() || s.Reissued == nil || *s.Reissued < least {
			return fmt.Errorf("fewer than %d Connectors have moved: %s", least, told(hub))
		}
		return nil
	})
}

// reissue has everybody's certificate signed by the next authority; the hub's own is moved midway.
func (r *rollover) reissue(t *testing.T) {
	t.Helper()
	begin := time.Now()
	r.promise(editHub(t, func(s *v1alpha1.ExchangeHubSpec) {
		s.IssuerRef = v1alpha1.IssuerReference{Name: nextAuthority, Kind: "ClusterIssuer", Group: certManagerGroup}
	}))
	r.reissued(t, midway)
	moveIdentity(t, stage.HubNamespace, "hub-identity")
	r.complete(t)
	measuredf(t, "all Connectors were moved to the next authority after %s, at most %d at once", round(time.Since(begin)), r.largestBatch())
	for _, hub := range []string{primaryHub, fallbackHub} {
		poke(t, stage.HubNamespace, client.MatchingLabels{desired.LabelName: hub})
	}
}

// retire takes the old anchor off the list. It is held while the operator itself still relies on it, and goes when nobody does.
func (r *rollover) retire(t *testing.T) {
	t.Helper()
	begin := time.Now()
	r.promise(editHub(t, func(s *v1alpha1.ExchangeHubSpec) {
		s.TrustAnchors = slices.DeleteFunc(s.TrustAnchors, func(a v1alpha1.TrustAnchor) bool { return a.Name != "root-2027" })
	}))
	var said string
	eventually(t, func() error {
		hub, err := exchangeHub(t.Context())
		if err != nil {
			return err
		}
		if phase := hub.Status.Rollover.Phase; hub.Status.ObservedGeneration < r.generation() || phase != v1alpha1.RolloverRetiring {
			return fmt.Errorf("the rollover is not retiring the old anchor: %s", told(hub))
		}
		held := slices.IndexFunc(hub.Status.TrustAnchors, func(a v1alpha1.ObservedTrustAnchor) bool { return a.SHA256 == fingerprint(r.old) })
		if held < 0 || hub.Status.TrustAnchors[held].State != v1alpha1.TrustAnchorHeld {
			return fmt.Errorf("the old anchor is not held: %+v", hub.Status.TrustAnchors)
		}
		condition := meta.FindStatusCondition(hub.Status.Conditions, v1alpha1.ConditionRolloverComplete)
		if condition == nil || condition.Status != metav1.ConditionFalse || !strings.Contains(condition.Message, "root-2026") {
			return fmt.Errorf("it is not said that root-2026 is held: %+v", condition)
		}
		said = condition.Message
		return nil
	})
	measuredf(t, "the old anchor was taken off the list and is held: %s", said)
	moveIdentity(t, controllers.DefaultNamespace, "connector-operator-identity")
	poke(t, controllers.DefaultNamespace, client.MatchingLabels{desired.LabelName: desired.OperatorName})
	r.complete(t)
	measuredf(t, "the old anchor was out of use and out of force after %s", round(time.Since(begin)))
}

// complete waits until the status of the newest spec says that the rollover is complete and that all gateways trust the anchors in force.
func (r *rollover) complete(t *testing.T) {
	t.Helper()
	eventually(t, func() error {
		hub, err := exchangeHub(t.Context())
		if err != nil {
			return err
		}
		s := hub.Status.Rollover
		if s == nil || hub.Status.ObservedGeneration < r.generation() || s.Phase != v1alpha1.RolloverComplete {
			return fmt.Errorf("the rollover is not complete: %s", told(hub))
		}
		if s.Trusting == nil || *s.Trusting != agencyCount {
			return fmt.Errorf("not all gateways trust the anchors in force: %s", told(hub))
		}
		return everyConnector(t.Context(), func(c *v1alpha1.Connector) error {
			if c.Status.TrustDigest != hub.Status.TrustDigest {
				return fmt.Errorf("Connector %s is given another trust bundle than the hub's", c.Name)
			}
			return errors.Join(isReady(c), allCurrent(c))
		})
	})
}

func told(hub *v1alpha1.ExchangeHub) string {
	condition := meta.FindStatusCondition(hub.Status.Conditions, v1alpha1.ConditionRolloverComplete)
	if condition == nil || hub.Status.Rollover == nil {
		return "nothing is said of it"
	}
	return fmt.Sprintf("%s (%s), %d in the batch, failed %v", hub.Status.Rollover.Phase, condition.Message, len(hub.Status.Rollover.Batch), hub.Status.Rollover.Failed)
}

// onlyTheNextIsLeft asks everybody who the old authority was known to.
func (r *rollover) onlyTheNextIsLeft(t *testing.T) {
	t.Helper()
	hub := must(exchangeHub(t.Context()))(t)
	if len(hub.Status.TrustAnchors) != 1 || hub.Status.TrustAnchors[0].SHA256 != fingerprint(r.next) {
		t.Errorf("in force are %+v, want the next anchor alone", hub.Status.TrustAnchors)
	}
	bundle := must(trust.Parse([]byte(r.next)))(t)
	ask := newAskerThatTrusts(t, bundle)
	eventually(t, func() error {
		return everyConnector(t.Context(), func(c *v1alpha1.Connector) error {
			reports, err := ask.all(t.Context(), c.Name)
			if err != nil {
				return err
			}
			for pod, report := range reports {
				if report.TrustDigest != bundle.Digest {
					return fmt.Errorf("pod %s/%s trusts %s, and the next anchor alone is %s", c.Name, pod, report.TrustDigest, bundle.Digest)
				}
				for _, reliance := range report.Reliances {
					if !slices.Equal(reliance.Anchors, []string{fingerprint(r.next)}) {
						return fmt.Errorf("pod %s/%s relies for %s on %v", c.Name, pod, reliance.Peer, reliance.Anchors)
					}
				}
			}
			return nil
		})
	})
	for _, phase := range []v1alpha1.RolloverPhase{v1alpha1.RolloverDistributing, v1alpha1.RolloverReissuing, v1alpha1.RolloverRetiring} {
		if !slices.Contains(r.seen(), phase) {
			t.Errorf("the phase %s was never seen, and so the operator was not killed in it; seen were %v", phase, r.seen())
		}
	}
}
