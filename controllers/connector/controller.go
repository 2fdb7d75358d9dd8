package connector

import (
	"context"
	"errors"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/events"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/apply"
	"lienthong.gov.vn/connector-operator/controllers/delivery"
	"lienthong.gov.vn/connector-operator/controllers/desired"
	"lienthong.gov.vn/connector-operator/controllers/expiry"
	"lienthong.gov.vn/connector-operator/controllers/observe"
)

// Reconciler reconciles Connectors.
type Reconciler struct {
	Client   client.Client
	Children *apply.Children
	Delivery delivery.Delivery
	Observer *observe.Observer
	Clock    clock.PassiveClock
	Recorder events.EventRecorder
	// OperatorNamespace is where the operator runs and where trust anchors lie.
	OperatorNamespace string
	// Concurrency is how many Connectors are reconciled at once.
	Concurrency int

	sightings  sightings
	renderings renderings
	replaced   crowd
}

// +kubebuilder:rbac:groups=lienthong.gov.vn,resources=connectors,verbs=get;list;watch
// +kubebuilder:rbac:groups=lienthong.gov.vn,resources=connectors/status,verbs=patch
// +kubebuilder:rbac:groups=lienthong.gov.vn,resources=connectors/finalizers,verbs=update
// +kubebuilder:rbac:groups=lienthong.gov.vn,resources=agencies;exchangehubs;connectorclasses;securityprofiles,verbs=get;list;watch
// +kubebuilder:rbac:groups=lienthong.gov.vn,resources=complianceevidences;dutywaivers,verbs=get;list;watch
// +kubebuilder:rbac:groups="",resources=serviceaccounts;configmaps;services,verbs=get;list;watch;create;update
// +kubebuilder:rbac:groups=apps,resources=deployments,verbs=get;list;watch;create;update
// +kubebuilder:rbac:groups=networking.k8s.io,resources=networkpolicies,verbs=get;list;watch;create;update
// +kubebuilder:rbac:groups=policy,resources=poddisruptionbudgets,verbs=get;list;watch;create;update
// +kubebuilder:rbac:groups=cert-manager.io,resources=certificates,verbs=get;list;watch;create;update
// +kubebuilder:rbac:groups=cert-manager.io,resources=certificates/status,verbs=patch
// +kubebuilder:rbac:groups=cert-manager.io,resources=certificaterequests,verbs=get;list;watch;delete
// +kubebuilder:rbac:groups="",resources=pods,verbs=get;list;watch;patch
// +kubebuilder:rbac:groups="",resources=pods/eviction,verbs=create
// +kubebuilder:rbac:groups=events.k8s.io,resources=events,verbs=create;patch

// Reconcile brings one Connector to what its spec says, and its status to what was seen.
func (r *Reconciler) Reconcile(ctx context.Context, req ctrl.Request) (ctrl.Result, error) {
	s, err := r.read(ctx, req.NamespacedName)
	if apierrors.IsNotFound(err) {
		r.forget(req.NamespacedName)
		return ctrl.Result{}, nil
	}
	if err != nil {
		return ctrl.Result{}, err
	}
	if s.connector.DeletionTimestamp != nil {
		r.forget(req.NamespacedName)
		return ctrl.Result{}, nil
	}

	s.refusal, s.patience = decide(s), r.replaced.patienceFor(req.NamespacedName)
	now := r.Clock.Now()
	errs := []error{r.work(ctx, s, now)}
	if err := errors.Join(errs...); err != nil && !s.seen {
		return ctrl.Result{}, err
	}
	r.announceUrgency(s, now)
	status := observedStatus(s, now)
	s.replacedAtOnce = r.replaced.with(req.NamespacedName, s.replacing(status, now))
	if hold, again := s.holdsBack(status, now); hold {
		if err := errors.Join(errs...); err != nil {
			return r.again(ctx, fmt.Errorf("reconciling Connector %s: %w", req, err))
		}
		return later(sooner(again, nextLook(s, now))), nil
	}

	s.connector.Status = status
	writing := apply.Status(ctx, r.Client, s.before, s.connector)
	if writing == nil {
		r.announce(s)
	}
	errs = append(errs, writing)
	if err := errors.Join(errs...); err != nil {
		return r.again(ctx, fmt.Errorf("reconciling Connector %s: %w", req, err))
	}
	// Counted from the moment of the decision: what fell due since then was not decided yet, and nothing else would tell of it.
	return later(nextLook(s, now)), nil
}

func (r *Reconciler) forget(key types.NamespacedName) {
	r.Observer.Forget(key)
	r.sightings.forget(key)
	r.renderings.forget(key)
	r.replaced.forget(key)
	r.Children.Leave(types.NamespacedName{Namespace: key.Namespace, Name: desired.GatewayName(key.Name)})
}

// work looks, plans and acts. What it learned is in the scope.
func (r *Reconciler) work(ctx context.Context, s *scope, now time.Time) error {
	if err := r.look(ctx, s); err != nil {
		return err
	}
	if err := r.expect(ctx, s); err != nil {
		return err
	}
	s.plan = decideWhatToDo(s, now)
	s.askedBefore, s.issuerBefore = s.leaf.Replacement, s.leaf.Issuer
	if s.deployment != nil {
		s.restartedBefore = desired.RestartedFor(s.deployment.Spec.Template)
	}
	if !s.stopped() && !s.awaitsTurn() {
		children, unbuildable := build(r.inputs(s))
		if s.children = children; unbuildable != nil {
			s.refusal = unbuildable
		}
	}
	return errors.Join(r.act(ctx, s), r.lookAgain(ctx, s), r.follow(ctx, s, now))
}

// later asks for a look after a while; 0 for never. The queue would keep the priority of this pass for it, and hand it on to whatever
// asks for the same Connector earlier: after one repair, each change of the whole fleet would count as one.
func later(wait time.Duration) ctrl.Result {
	return ctrl.Result{RequeueAfter: wait, Priority: new(priorityFleet)}
}

// again decides what a failed pass means. A conflict says that somebody wrote in the same moment, so the pass is repeated when the
// cache has seen it; in a namespace that is being removed there is nothing left to do.
func (r *Reconciler) again(ctx context.Context, err error) (ctrl.Result, error) {
	switch {
	case apierrors.IsConflict(err):
		ctrl.LoggerFrom(ctx).V(1).Info("Somebody else wrote in the same moment.", "error", err.Error())
		return ctrl.Result{RequeueAfter: settling}, nil
	case apierrors.HasStatusCause(err, corev1.NamespaceTerminatingCause):
		return ctrl.Result{}, nil
	}
	return ctrl.Result{}, err
}

// foreignRetry is how often an object in the way is looked at again: it is not in the cache, so nothing tells when it goes.
const foreignRetry = 15 * time.Second

// nextLook is when time alone, or something that the cache does not hold, may have changed the status; 0 for never.
func nextLook(s *scope, now time.Time) time.Duration {
	if len(s.foreign) > 0 {
		return foreignRetry
	}
	wait := sooner(s.retryAt, untilExpiry(s.connector.Status.Certificate, now))
	if at := nextJudgement(s); !at.IsZero() {
		// The day may have begun since it was judged.
		wait = sooner(wait, max(at.Sub(now), settling))
	}
	if s.plan.untold {
		wait = sooner(wait, settling)
	}
	if s.awaitsLeaf() {
		// Not every step on the way is news; should the end of it be missed, it is found.
		wait = sooner(wait, replacementPause(s.replacedAtOnce))
	}
	for _, at := range append(append(urgings(s, now), s.plan.retryAt), windowsAndWarnings(s, now)...) {
		if left := at.Sub(now); left > 0 {
			wait = sooner(wait, left)
		}
	}
	return wait
}

// urgings is when pods that lag are urged again, or have had their time.
func urgings(s *scope, now time.Time) []time.Time {
	var times []time.Time
	for _, p := range s.pods {
		if _, at, lags := nextUrging(s, p, now); lags {
			times = append(times, at)
		}
		if urged, ok := parseSync(p.sync); ok && s.expected != nil && urged.digest == s.expected.mark() && s.class != nil {
			times = append(times, urged.first.Add(s.class.Spec.Rotation.FollowWithin.Duration))
		}
	}
	return times
}

// windowsAndWarnings is when a window opens for what waits for it, when a renewal is due that may come too late for every window, and
// when the next warning of the end of the certificate is to be given.
func windowsAndWarnings(s *scope, now time.Time) []time.Time {
	var times []time.Time
	if len(s.plan.held) > 0 {
		times = append(times, s.windows.Next(now))
	}
	if !s.stopped() && s.plan.demand == nil && s.isRevokedForNow(now) {
		times = append(times, now.Add(time.Second))
	}
	if s.leaf.Issued != nil && s.profile != nil {
		times = append(times, expiry.Next(s.ladder(), s.end(), now))
		due, late := s.renewalTimes()
		if s.leaf.Failures > 0 {
			times = append(times, latest(due, s.leaf.RetryAt))
		}
		if !s.windows.Unrestricted() {
			times = append(times, due, late)
		}
	}
	return times
}

// sooner is the shorter of two waits, of which 0 is for ever.
func sooner(a, b time.Duration) time.Duration {
	if a == 0 || b == 0 {
		return a + b
	}
	return min(a, b)
}

// untilExpiry is how long a certificate that is valid now stays so.
func untilExpiry(certificate *v1alpha1.CertificateStatus, now time.Time) time.Duration {
	if certificate == nil || certificate.NotAfter == nil || !certificate.NotAfter.After(now) {
		return 0
	}
	return certificate.NotAfter.Sub(now)
}
