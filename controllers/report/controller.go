package report

import (
	"context"
	"fmt"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/client-go/tools/events"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/handler"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/apply"
)

const (
	// patience is how long a report that is due waits until all agencies are judged.
	patience = 5 * time.Minute
	// lookAgain is how soon it is looked again whether they are, and what another writer has written.
	lookAgain = time.Second
	// longest is how long a pass waits for what comes by time alone at most, so that a clock that was put right is not waited out.
	longest = 24 * time.Hour
	// reconcileTimeout bounds one pass, so that a cache that cannot catch up holds no worker for ever.
	reconcileTimeout = 5 * time.Minute
)

// Reconciler keeps the chain of reports of each RolloutPlan.
type Reconciler struct {
	Client client.Client
	// Live reads from the API server.
	Live     client.Reader
	Clock    clock.PassiveClock
	Recorder events.EventRecorder
	Limits   Limits

	waits waits
}

// +kubebuilder:rbac:groups=lienthong.gov.vn,resources=rolloutplans;agencies,verbs=get;list;watch
// +kubebuilder:rbac:groups=lienthong.gov.vn,resources=readinessreports,verbs=get;list;watch;create
// +kubebuilder:rbac:groups=lienthong.gov.vn,resources=rolloutplans/status,verbs=patch
// +kubebuilder:rbac:groups=events.k8s.io,resources=events,verbs=create;patch

// SetupWithManager registers the controller.
func (r *Reconciler) SetupWithManager(mgr ctrl.Manager) error {
	err := ctrl.NewControllerManagedBy(mgr).
		Named("readinessreport").
		For(&v1alpha1.RolloutPlan{}, builder.WithPredicates(planMatters())).
		Watches(&v1alpha1.ReadinessReport{}, handler.EnqueueRequestsFromMapFunc(ofReport)).
		WithOptions(controller.Options{MaxConcurrentReconciles: 1, ReconciliationTimeout: reconcileTimeout}).
		Complete(r)
	if err != nil {
		return fmt.Errorf("setting up the controller of ReadinessReports: %w", err)
	}
	return nil
}

// Reconcile tells in the plan's status how far its chain has come, and writes at most one report.
func (r *Reconciler) Reconcile(ctx context.Context, req ctrl.Request) (ctrl.Result, error) {
	s, err := r.read(ctx, req.Name)
	if apierrors.IsNotFound(err) {
		r.waits.end(req.Name)
		return ctrl.Result{}, nil
	}
	if err != nil {
		return ctrl.Result{}, fmt.Errorf("reading what the reports of RolloutPlan %s depend on: %w", req.Name, err)
	}
	before := s.plan.DeepCopy()
	s.plan.Status.Reports = s.history.status(s.plan)
	if err := apply.Status(ctx, r.Client, before, s.plan); err != nil {
		return ctrl.Result{}, err
	}
	if !s.accepted() {
		return ctrl.Result{}, nil
	}
	first, wake := firstDue(s.plan, s.zone, &s.history, s.now)
	if first == nil {
		r.waits.end(req.Name)
		return ctrl.Result{RequeueAfter: until(wake, s.now)}, nil
	}
	return r.report(ctx, s, first)
}

// report writes what is due as soon as the agencies are judged for it.
func (r *Reconciler) report(ctx context.Context, s *scope, first *due) (ctrl.Result, error) {
	if behind, err := r.cacheBehind(ctx, s); behind || err != nil {
		return ctrl.Result{RequeueAfter: lookAgain}, err
	}
	if err := r.readAgencies(ctx, s); err != nil {
		return ctrl.Result{}, err
	}
	taken := take(s.plan, s.ready, s.agencies, s.zone, s.now)
	if !taken.settled && r.waits.since(s.plan.Name, first.at, s.now) < patience {
		return ctrl.Result{RequeueAfter: lookAgain}, nil
	}
	links, err := compose(s.base(first, taken.content), s.history.head, r.Limits)
	if err != nil {
		return ctrl.Result{}, err
	}
	written, err := r.write(ctx, s.plan, links)
	if err != nil {
		return ctrl.Result{}, err
	}
	if written {
		r.waits.end(s.plan.Name)
		r.announce(s, links)
	}
	return ctrl.Result{RequeueAfter: lookAgain}, nil
}

// until is how long to wait for an instant; 0, which means for ever, if it is zero.
func until(wake, now time.Time) time.Duration {
	if wake.IsZero() {
		return 0
	}
	return min(wake.Sub(now), longest)
}
