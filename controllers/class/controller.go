package class

import (
	"context"
	"fmt"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/client-go/tools/events"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/predicate"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/apply"
	"lienthong.gov.vn/connector-operator/controllers/coalesce"
	"lienthong.gov.vn/connector-operator/controllers/staging/shelf"
	"lienthong.gov.vn/connector-operator/controllers/tally"
	"lienthong.gov.vn/connector-operator/controllers/turns"
)

const (
	// reconcileTimeout bounds one pass, so that a cache that cannot catch up holds no worker for ever.
	reconcileTimeout = time.Minute
	// afterConflict is how long after a write that came too late the class is read again.
	afterConflict = 300 * time.Millisecond
)

// Reconciler reconciles ConnectorClasses.
type Reconciler struct {
	Client client.Client
	// Live reads from the API server; it is asked only when a ControllerRevision is in the way that the cache does not hold.
	Live     client.Reader
	Clock    clock.PassiveClock
	Recorder events.EventRecorder
	// OperatorNamespace is where revisions are stored.
	OperatorNamespace string
}

// ControllerRevisions are written in the operator's own namespace only, so their permissions are a Role: config/rbac/revisions_role.yaml.

// +kubebuilder:rbac:groups=lienthong.gov.vn,resources=connectorclasses;connectors,verbs=get;list;watch
// +kubebuilder:rbac:groups=lienthong.gov.vn,resources=connectorclasses/status,verbs=patch
// +kubebuilder:rbac:groups=events.k8s.io,resources=events,verbs=create;patch

// SetupWithManager registers the controller.
func (r *Reconciler) SetupWithManager(mgr ctrl.Manager) error {
	matters := predicate.Or[client.Object](turns.Matters(turns.Class()), tally.Changed(classOf))
	err := ctrl.NewControllerManagedBy(mgr).
		Named("connectorclass").
		For(&v1alpha1.ConnectorClass{}, builder.WithPredicates(predicate.GenerationChangedPredicate{})).
		Watches(&appsv1.ControllerRevision{}, handler.EnqueueRequestsFromMapFunc(r.shelf().Owners), shelf.Matters()).
		Watches(&v1alpha1.Connector{}, coalesce.Paced(r.pace, ofConnector), builder.WithPredicates(matters)).
		WithOptions(controller.Options{ReconciliationTimeout: reconcileTimeout}).
		Complete(r)
	if err != nil {
		return fmt.Errorf("setting up the controller of ConnectorClasses: %w", err)
	}
	return nil
}

// Reconcile stores the newest revision of one class, decides whose turn it is to take it up, and writes the status.
func (r *Reconciler) Reconcile(ctx context.Context, req ctrl.Request) (ctrl.Result, error) {
	s, err := r.read(ctx, req.Name)
	if apierrors.IsNotFound(err) {
		return ctrl.Result{}, r.shelf().Sweep(ctx, nil)
	}
	if err != nil {
		return ctrl.Result{}, fmt.Errorf("reading what ConnectorClass %s depends on: %w", req.Name, err)
	}
	if s.class.DeletionTimestamp != nil {
		return ctrl.Result{}, nil
	}
	if err := r.store(ctx, s); err != nil {
		return ctrl.Result{}, fmt.Errorf("reconciling ConnectorClass %s: %w", req.Name, err)
	}
	s.decision = turns.Decide(s.fleet())
	s.class.Status = judge(s)
	switch err := apply.StatusLocked(ctx, r.Client, s.before, s.class); {
	case apierrors.IsConflict(err):
		// Somebody wrote in the same moment: the turns that were to be given out rest on a status, or a spec, that is not the latest.
		log.FromContext(ctx).V(1).Info("Somebody else wrote in the same moment.", "error", err.Error())
		return ctrl.Result{RequeueAfter: afterConflict}, nil
	case err != nil:
		return ctrl.Result{}, err
	}
	if kind, reason := turns.Event(s.before.Status.Rollout, s.class.Status.Rollout); reason != "" {
		r.Recorder.Eventf(s.class, nil, kind, reason, "RollOut", "%s", s.decision.Condition.Message)
	}
	if err := r.shelf().Sweep(ctx, turns.Needed(s.before.Status.Rollout, &s.decision.Status)); err != nil {
		return ctrl.Result{}, fmt.Errorf("reconciling ConnectorClass %s: %w", req.Name, err)
	}
	return ctrl.Result{RequeueAfter: s.decision.Next}, nil
}

// pace is how long news of the Connectors of a class is gathered.
func (r *Reconciler) pace(ctx context.Context, request ctrl.Request) time.Duration {
	var class v1alpha1.ConnectorClass
	if err := r.Client.Get(ctx, request.NamespacedName, &class); err != nil {
		return turns.Pace(nil)
	}
	return turns.Pace(class.Status.Rollout)
}

func ofConnector(_ context.Context, obj client.Object) []ctrl.Request {
	connector, ok := obj.(*v1alpha1.Connector)
	if !ok {
		return nil
	}
	return []ctrl.Request{{NamespacedName: client.ObjectKey{Name: connector.Spec.ClassName}}}
}

func classOf(c *v1alpha1.Connector) string {
	return c.Spec.ClassName
}
