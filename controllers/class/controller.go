package class

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
	"sigs.k8s.io/controller-runtime/pkg/predicate"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/apply"
	"lienthong.gov.vn/connector-operator/controllers/coalesce"
	"lienthong.gov.vn/connector-operator/controllers/tally"
)

const (
	// coalesceWait is how long the changes of Connectors are gathered before a class is counted again.
	coalesceWait = 2 * time.Second
	// reconcileTimeout bounds one pass, so that a cache that cannot catch up holds no worker for ever.
	reconcileTimeout = time.Minute
)

// Reconciler reconciles ConnectorClasses.
type Reconciler struct {
	Client client.Client
	Clock  clock.PassiveClock
}

// +kubebuilder:rbac:groups=lienthong.gov.vn,resources=connectorclasses;connectors,verbs=get;list;watch
// +kubebuilder:rbac:groups=lienthong.gov.vn,resources=connectorclasses/status,verbs=patch

// SetupWithManager registers the controller.
func (r *Reconciler) SetupWithManager(mgr ctrl.Manager) error {
	err := ctrl.NewControllerManagedBy(mgr).
		Named("connectorclass").
		For(&v1alpha1.ConnectorClass{}, builder.WithPredicates(predicate.GenerationChangedPredicate{})).
		Watches(&v1alpha1.Connector{}, coalesce.Handler(coalesceWait, ofConnector), builder.WithPredicates(tally.Changed(classOf))).
		WithOptions(controller.Options{ReconciliationTimeout: reconcileTimeout}).
		Complete(r)
	if err != nil {
		return fmt.Errorf("setting up the controller of ConnectorClasses: %w", err)
	}
	return nil
}

// Reconcile judges one class and writes its status.
func (r *Reconciler) Reconcile(ctx context.Context, req ctrl.Request) (ctrl.Result, error) {
	s, err := r.read(ctx, req.Name)
	if apierrors.IsNotFound(err) {
		return ctrl.Result{}, nil
	}
	if err != nil {
		return ctrl.Result{}, fmt.Errorf("reading what ConnectorClass %s depends on: %w", req.Name, err)
	}
	before := s.class.DeepCopy()
	s.class.Status = judge(s)
	return ctrl.Result{}, apply.Status(ctx, r.Client, before, s.class)
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
