package connector

import (
	"context"
	"errors"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/client-go/tools/events"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/apply"
	"lienthong.gov.vn/connector-operator/controllers/observe"
)

// Reconciler reconciles Connectors.
type Reconciler struct {
	Client   client.Client
	Children *apply.Children
	Observer *observe.Observer
	Clock    clock.PassiveClock
	Recorder events.EventRecorder
	// OperatorNamespace is where the operator runs and where trust anchors lie.
	OperatorNamespace string
	// Concurrency is how many Connectors are reconciled at once.
	Concurrency int
}

// +kubebuilder:rbac:groups=lienthong.gov.vn,resources=connectors,verbs=get;list;watch
// +kubebuilder:rbac:groups=lienthong.gov.vn,resources=connectors/status,verbs=patch
// +kubebuilder:rbac:groups=lienthong.gov.vn,resources=connectors/finalizers,verbs=update
// +kubebuilder:rbac:groups=lienthong.gov.vn,resources=agencies;exchangehubs;connectorclasses;securityprofiles,verbs=get;list;watch
// +kubebuilder:rbac:groups="",resources=serviceaccounts;configmaps;services,verbs=get;list;watch;create;update
// +kubebuilder:rbac:groups=apps,resources=deployments,verbs=get;list;watch;create;update
// +kubebuilder:rbac:groups=networking.k8s.io,resources=networkpolicies,verbs=get;list;watch;create;update
// +kubebuilder:rbac:groups=policy,resources=poddisruptionbudgets,verbs=get;list;watch;create;update
// +kubebuilder:rbac:groups=cert-manager.io,resources=certificates,verbs=get;list;watch;create;update
// +kubebuilder:rbac:groups=cert-manager.io,resources=certificaterequests,verbs=get;list;watch
// +kubebuilder:rbac:groups="",resources=pods,verbs=get;list;watch
// +kubebuilder:rbac:groups=events.k8s.io,resources=events,verbs=create;patch

// Reconcile brings one Connector to what its spec says, and its status to what was seen.
func (r *Reconciler) Reconcile(ctx context.Context, req ctrl.Request) (ctrl.Result, error) {
	s, err := r.read(ctx, req.NamespacedName)
	if apierrors.IsNotFound(err) {
		r.Observer.Forget(req.NamespacedName)
		return ctrl.Result{}, nil
	}
	if err != nil {
		return ctrl.Result{}, err
	}
	if s.connector.DeletionTimestamp != nil {
		r.Observer.Forget(req.NamespacedName)
		return ctrl.Result{}, nil
	}

	s.refusal = decide(s)
	errs := []error{r.act(ctx, s), r.look(ctx, s)}
	if err := errors.Join(errs...); err != nil && !s.observed {
		return ctrl.Result{}, err
	}
	now := r.Clock.Now()
	status := observedStatus(s, now)
	if hold, again := s.holdsBack(status, now); hold {
		if err := errors.Join(errs...); err != nil {
			return r.again(ctx, fmt.Errorf("reconciling Connector %s: %w", req, err))
		}
		return later(sooner(again, nextLook(s, now))), nil
	}

	s.connector.Status = status
	errs = append(errs, apply.Status(ctx, r.Client, s.before, s.connector))
	r.announce(s)
	if err := errors.Join(errs...); err != nil {
		return r.again(ctx, fmt.Errorf("reconciling Connector %s: %w", req, err))
	}
	return later(nextLook(s, r.Clock.Now())), nil
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
	return untilExpiry(s.connector.Status.Certificate, now)
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
