package rollout

import (
	"context"
	"fmt"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/handler"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/apply"
	"lienthong.gov.vn/connector-operator/controllers/coalesce"
)

const (
	// coalesceWait is how long the changes of Agencies are gathered before a plan is counted again.
	coalesceWait = time.Second
	// reconcileTimeout bounds one pass, so that a cache that cannot catch up holds no worker for ever.
	reconcileTimeout = time.Minute
)

// Reconciler reconciles RolloutPlans.
type Reconciler struct {
	Client client.Client
	Clock  clock.PassiveClock

	books books
}

// +kubebuilder:rbac:groups=lienthong.gov.vn,resources=rolloutplans;agencies;exchangehubs,verbs=get;list;watch
// +kubebuilder:rbac:groups=lienthong.gov.vn,resources=rolloutplans/status,verbs=patch

// SetupWithManager registers the controller.
func (r *Reconciler) SetupWithManager(mgr ctrl.Manager) error {
	err := ctrl.NewControllerManagedBy(mgr).
		Named("rolloutplan").
		For(&v1alpha1.RolloutPlan{}, builder.WithPredicates(specOrRequestChanged())).
		Watches(&v1alpha1.Agency{}, coalesce.Handler(coalesceWait, r.ofAgency), builder.WithPredicates(agencyCountsDifferently())).
		Watches(&v1alpha1.ExchangeHub{}, handler.EnqueueRequestsFromMapFunc(r.ofHub), builder.WithPredicates(comesOrGoes())).
		WithOptions(controller.Options{MaxConcurrentReconciles: 1, ReconciliationTimeout: reconcileTimeout}).
		Complete(r)
	if err != nil {
		return fmt.Errorf("setting up the controller of RolloutPlans: %w", err)
	}
	return nil
}

// Reconcile counts one plan and writes its status.
func (r *Reconciler) Reconcile(ctx context.Context, req ctrl.Request) (ctrl.Result, error) {
	s, err := r.read(ctx, req.Name)
	if err != nil {
		r.books.drop(req.Name)
	}
	if apierrors.IsNotFound(err) {
		return ctrl.Result{}, nil
	}
	if err != nil {
		return ctrl.Result{}, fmt.Errorf("reading what RolloutPlan %s depends on: %w", req.Name, err)
	}
	before := s.plan.DeepCopy()
	status, next := judge(s)
	s.plan.Status = status
	if err := apply.Status(ctx, r.Client, before, s.plan); err != nil {
		return ctrl.Result{}, err
	}
	if next.IsZero() {
		return ctrl.Result{}, nil
	}
	return ctrl.Result{RequeueAfter: next.Sub(s.now)}, nil
}
