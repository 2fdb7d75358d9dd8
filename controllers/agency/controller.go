package agency

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
	"sigs.k8s.io/controller-runtime/pkg/predicate"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/apply"
	"lienthong.gov.vn/connector-operator/controllers/coalesce"
	"lienthong.gov.vn/connector-operator/controllers/milestone"
)

const (
	// coalesceWait is how long the changes of one Agency's Connectors, and of their records, are gathered.
	coalesceWait = time.Second
	// concurrency is how many Agencies are judged at once; each costs at most one write.
	concurrency = 4
	// reconcileTimeout bounds one pass, so that a cache that cannot catch up holds no worker for ever.
	reconcileTimeout = time.Minute
)

// Reconciler reconciles Agencies.
type Reconciler struct {
	Client client.Client
	Clock  clock.PassiveClock

	compiled milestone.Compiled
}

// +kubebuilder:rbac:groups=lienthong.gov.vn,resources=agencies;connectors;complianceevidences;rolloutplans;securityprofiles,verbs=get;list;watch
// +kubebuilder:rbac:groups=lienthong.gov.vn,resources=agencies/status,verbs=patch

// SetupWithManager registers the controller.
func (r *Reconciler) SetupWithManager(mgr ctrl.Manager) error {
	described := predicate.Or[client.Object](predicate.GenerationChangedPredicate{}, predicate.LabelChangedPredicate{})
	err := ctrl.NewControllerManagedBy(mgr).
		Named("agency").
		For(&v1alpha1.Agency{}, builder.WithPredicates(described)).
		Watches(&v1alpha1.Agency{}, handler.EnqueueRequestsFromMapFunc(r.relatives), builder.WithPredicates(described)).
		Watches(&v1alpha1.Connector{}, coalesce.Handler(coalesceWait, ofConnector), builder.WithPredicates(connectorChanged())).
		Watches(&v1alpha1.ComplianceEvidence{}, coalesce.Handler(coalesceWait, r.ofRecord), builder.WithPredicates(recordCounts())).
		Watches(&v1alpha1.SecurityProfile{}, coalesce.Handler(coalesceWait, r.ofProfile), builder.WithPredicates(approvalChanged())).
		Watches(&v1alpha1.MilestoneRecord{}, coalesce.Handler(coalesceWait, r.ofMet)).
		Watches(&v1alpha1.RolloutPlan{}, handler.EnqueueRequestsFromMapFunc(r.all), builder.WithPredicates(planJudged())).
		WithOptions(controller.Options{MaxConcurrentReconciles: concurrency, ReconciliationTimeout: reconcileTimeout}).
		Complete(r)
	if err != nil {
		return fmt.Errorf("setting up the controller of Agencies: %w", err)
	}
	return nil
}

// Reconcile judges one Agency, records what it met, and writes its status.
func (r *Reconciler) Reconcile(ctx context.Context, req ctrl.Request) (ctrl.Result, error) {
	s, err := r.read(ctx, req.Name)
	if apierrors.IsNotFound(err) {
		return ctrl.Result{}, nil
	}
	if err != nil {
		return ctrl.Result{}, fmt.Errorf("reading what Agency %s depends on: %w", req.Name, err)
	}
	before := s.agency.DeepCopy()
	status, next := judge(s)
	recorded, err := r.record(ctx, s, status)
	if err != nil {
		return ctrl.Result{}, err
	}
	if recorded {
		status, next = judge(s)
	}
	s.agency.Status = status
	if err := apply.Status(ctx, r.Client, before, s.agency); err != nil {
		return ctrl.Result{}, err
	}
	if next.IsZero() {
		return ctrl.Result{}, nil
	}
	return ctrl.Result{RequeueAfter: next.Sub(s.now)}, nil
}
