package hub

import (
	"context"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/apply"
	"lienthong.gov.vn/connector-operator/controllers/coalesce"
	"lienthong.gov.vn/connector-operator/controllers/tally"
)

// gathering is how long news of Connectors is gathered before the hub is counted again.
const gathering = 2 * time.Second

// reconcileTimeout bounds one pass, so that a cache that cannot catch up holds no worker for ever.
const reconcileTimeout = time.Minute

// Reconciler reconciles ExchangeHubs.
type Reconciler struct {
	Client client.Client
	Clock  clock.PassiveClock
	// OperatorNamespace is where ConfigMaps with trust anchors lie.
	OperatorNamespace string
}

// +kubebuilder:rbac:groups=lienthong.gov.vn,resources=exchangehubs;agencies;connectors,verbs=get;list;watch
// +kubebuilder:rbac:groups=lienthong.gov.vn,resources=exchangehubs/status,verbs=patch
// +kubebuilder:rbac:groups="",resources=configmaps,verbs=get;list;watch

// SetupWithManager registers the controller.
func (r *Reconciler) SetupWithManager(mgr ctrl.Manager) error {
	generation := builder.WithPredicates(predicate.GenerationChangedPredicate{})
	err := ctrl.NewControllerManagedBy(mgr).
		Named("hub").
		For(&v1alpha1.ExchangeHub{}, generation).
		WithOptions(controller.Options{ReconciliationTimeout: reconcileTimeout}).
		Watches(&v1alpha1.Agency{}, handler.EnqueueRequestsFromMapFunc(r.ofOwner), generation).
		Watches(&corev1.ConfigMap{}, handler.EnqueueRequestsFromMapFunc(r.ofAnchor)).
		Watches(&v1alpha1.Connector{}, coalesce.Handler(gathering, ofConnector),
			builder.WithPredicates(tally.Changed(func(c *v1alpha1.Connector) string { return c.Spec.HubRef.Name }))).
		Complete(r)
	if err != nil {
		return fmt.Errorf("setting up the controller of ExchangeHubs: %w", err)
	}
	return nil
}

// Reconcile brings the status of one hub to what was read.
func (r *Reconciler) Reconcile(ctx context.Context, req ctrl.Request) (ctrl.Result, error) {
	s, err := r.read(ctx, req.Name)
	if apierrors.IsNotFound(err) {
		return ctrl.Result{}, nil
	}
	if err != nil {
		return ctrl.Result{}, err
	}
	now := r.Clock.Now()
	s.hub.Status = observedStatus(s, now)
	return ctrl.Result{RequeueAfter: untilExpiry(s.hub.Status.TrustAnchors, now)}, apply.Status(ctx, r.Client, s.before, s.hub)
}

func (r *Reconciler) ofOwner(ctx context.Context, agency client.Object) []reconcile.Request {
	return r.hubs(ctx, func(h *v1alpha1.ExchangeHub) bool { return h.Spec.OwnerAgencyRef.Name == agency.GetName() })
}

func (r *Reconciler) ofAnchor(ctx context.Context, configMap client.Object) []reconcile.Request {
	if configMap.GetNamespace() != r.OperatorNamespace {
		return nil
	}
	return r.hubs(ctx, func(h *v1alpha1.ExchangeHub) bool { return h.TakesAnchorsFrom(configMap.GetName()) })
}

func ofConnector(_ context.Context, object client.Object) []reconcile.Request {
	connector, ok := object.(*v1alpha1.Connector)
	if !ok {
		return nil
	}
	return []reconcile.Request{{NamespacedName: client.ObjectKey{Name: connector.Spec.HubRef.Name}}}
}

func (r *Reconciler) hubs(ctx context.Context, concerned func(*v1alpha1.ExchangeHub) bool) []reconcile.Request {
	var list v1alpha1.ExchangeHubList
	if err := r.Client.List(ctx, &list); err != nil {
		ctrl.LoggerFrom(ctx).Error(err, "The hubs that a change concerns could not be listed.")
		return nil
	}
	var requests []reconcile.Request
	for i := range list.Items {
		if concerned(&list.Items[i]) {
			requests = append(requests, reconcile.Request{NamespacedName: client.ObjectKeyFromObject(&list.Items[i])})
		}
	}
	return requests
}
