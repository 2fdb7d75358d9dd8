package hub

import (
	"context"
	"crypto/x509"
	"slices"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/client-go/tools/events"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/apply"
)

// kind of the objects that the controller reconciles.
const kind = "ExchangeHub"

// reconcileTimeout bounds one pass, so that a cache that cannot catch up holds no worker for ever.
const reconcileTimeout = time.Minute

const (
	// settling is how long after a write that came too late the hub is read again.
	settling = 300 * time.Millisecond
	// foreignRetry is how often an object in the way is looked at again: it is not in the cache, so nothing tells when it goes.
	foreignRetry = 15 * time.Second
	// identityRecheck is how often the operator's own certificate is read again while an anchor is held for its sake, and identityLook
	// while there is more than one anchor to rely on: nothing tells when the kubelet replaces it.
	identityRecheck = 10 * time.Second
	identityLook    = time.Minute
)

// Reconciler reconciles ExchangeHubs.
type Reconciler struct {
	Client client.Client
	// Children writes the ConfigMap that publishTo names.
	Children *apply.Children
	Clock    clock.PassiveClock
	Recorder events.EventRecorder
	// OperatorNamespace is where ConfigMaps with trust anchors lie.
	OperatorNamespace string
	// OwnIdentity reads the operator's own certificate on a hub and its intermediates, leaf first; it gives nil if there is none.
	// Unset, the operator has none anywhere.
	OwnIdentity func(hub string) ([]*x509.Certificate, error)
}

// +kubebuilder:rbac:groups=lienthong.gov.vn,resources=exchangehubs;agencies;connectors,verbs=get;list;watch
// +kubebuilder:rbac:groups=lienthong.gov.vn,resources=exchangehubs/status,verbs=patch
// +kubebuilder:rbac:groups=lienthong.gov.vn,resources=exchangehubs/finalizers,verbs=update
// +kubebuilder:rbac:groups="",resources=configmaps,verbs=get;list;watch;create;update
// +kubebuilder:rbac:groups=events.k8s.io,resources=events,verbs=create;patch

// Reconcile brings one hub's rollover, and what it publishes, to what was read, and its status to that.
func (r *Reconciler) Reconcile(ctx context.Context, req ctrl.Request) (ctrl.Result, error) {
	s, err := r.read(ctx, req.Name)
	if apierrors.IsNotFound(err) {
		return ctrl.Result{}, nil
	}
	if err != nil {
		return ctrl.Result{}, err
	}
	if s.hub.DeletionTimestamp != nil {
		return ctrl.Result{}, nil
	}
	now := r.Clock.Now()
	if err := r.decide(ctx, s, now); err != nil {
		return ctrl.Result{}, err
	}
	r.publish(ctx, s)
	s.hub.Status = observedStatus(s, now)
	if err := apply.StatusLocked(ctx, r.Client, s.before, s.hub); err != nil {
		return r.again(ctx, err)
	}
	r.announce(s)
	if s.unpublished != nil && !isForeign(s.unpublished) {
		return r.again(ctx, s.unpublished)
	}
	return ctrl.Result{RequeueAfter: nextLook(s, now)}, nil
}

// again decides what a failed pass means. A conflict says that somebody wrote in the same moment: the turns that were to be given out
// rest on a status that is not the latest, so the pass is repeated when the cache has seen it.
func (r *Reconciler) again(ctx context.Context, err error) (ctrl.Result, error) {
	if apierrors.IsConflict(err) {
		ctrl.LoggerFrom(ctx).V(1).Info("Somebody else wrote in the same moment.", "error", err.Error())
		return ctrl.Result{RequeueAfter: settling}, nil
	}
	return ctrl.Result{}, err
}

// nextLook is when time alone, or something that the cache does not hold, may have changed what was decided; 0 for never.
func nextLook(s *scope, now time.Time) time.Duration {
	next := sooner(untilExpiry(s.hub.Status.TrustAnchors, now), untilForgotten(s.hub.Status.RevokedIdentities, now))
	if isForeign(s.unpublished) {
		next = sooner(next, foreignRetry)
	}
	if s.bundle == nil {
		return next
	}
	next = sooner(next, s.decision.Next)
	if waiting := s.decision.Status.Waiting; waiting != nil && *waiting > 0 {
		next = sooner(next, nextOpening(s.connectors, now))
	}
	next = sooner(next, untilIdentityIsRead(s))
	if s.hub.Spec.PublishTo != nil && s.kept.Parsed.Digest != s.bundle.Parsed.Digest {
		// What is published still has the anchors that have just gone.
		next = sooner(next, settling)
	}
	return next
}

// untilIdentityIsRead is when the operator's own certificate is read again; 0 for never. While there is one anchor only, it makes no
// difference which one it ends in.
func untilIdentityIsRead(s *scope) time.Duration {
	held := func(a v1alpha1.ObservedTrustAnchor) bool {
		return a.State == v1alpha1.TrustAnchorHeld && s.operatorRelies(a.SHA256)
	}
	switch {
	case s.identityProblem != nil || slices.ContainsFunc(s.kept.Anchors, held):
		return identityRecheck
	case s.identity != nil && len(s.kept.Parsed.Anchors) > 1:
		return identityLook
	}
	return 0
}

// sooner is the shorter of two waits, of which 0 and less is for ever.
func sooner(a, b time.Duration) time.Duration {
	switch {
	case a <= 0:
		return max(b, 0)
	case b <= 0:
		return a
	}
	return min(a, b)
}
