package connector

import (
	"context"
	"fmt"
	"slices"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	"k8s.io/apimachinery/pkg/types"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/controller/priorityqueue"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
	"sigs.k8s.io/controller-runtime/pkg/source"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/entitlement"
	"lienthong.gov.vn/connector-operator/controllers/index"
)

// reconcileTimeout bounds one pass, so that a cache that cannot catch up holds no worker for ever.
const reconcileTimeout = time.Minute

// SetupWithManager registers the controller. answers carries the Connectors about whose pods the Observer learned something.
func (r *Reconciler) SetupWithManager(mgr ctrl.Manager, answers <-chan event.TypedGenericEvent[types.NamespacedName]) error {
	asks, tells := r.Delivery.Kinds()
	var none crowd // of what has nothing to do with the replacement of leaves
	b := ctrl.NewControllerManagedBy(mgr).
		Named("connector").
		For(&v1alpha1.Connector{}, builder.WithPredicates(predicate.Or[client.Object](predicate.GenerationChangedPredicate{}, renewRequested()))).
		WithOptions(controller.Options{MaxConcurrentReconciles: r.Concurrency, ReconciliationTimeout: reconcileTimeout}).
		Watches(&v1alpha1.Agency{}, r.fleet(r.ofAgency), judgedAnew()).
		Watches(&v1alpha1.ExchangeHub{}, r.ofHub()).
		Watches(&v1alpha1.ConnectorClass{}, r.ofClass()).
		Watches(&v1alpha1.SecurityProfile{}, r.ofProfile()).
		Watches(&v1alpha1.Connector{}, r.ofSibling()).
		Watches(&v1alpha1.ComplianceEvidence{}, recorded{r}).
		Watches(&v1alpha1.DutyWaiver{}, recorded{r}).
		Watches(&corev1.ConfigMap{}, r.fleet(r.ofAnchor)).
		Watches(&corev1.Pod{}, told{&none, anything}).
		Watches(tells, told{&r.replaced, r.Delivery.News}).
		Watches(asks, drift{r.Children, &r.replaced, r.Delivery.News}).
		WatchesRawSource(source.TypedChannel(answers, wakeUp(&r.replaced)))
	for _, child := range []client.Object{
		&corev1.ServiceAccount{}, &corev1.ConfigMap{}, &networkingv1.NetworkPolicy{},
		&policyv1.PodDisruptionBudget{}, &corev1.Service{}, &appsv1.Deployment{},
	} {
		b = b.Watches(child, drift{r.Children, &none, anything})
	}
	if err := b.Complete(r); err != nil {
		return fmt.Errorf("setting up the controller of Connectors: %w", err)
	}
	return nil
}

// renewRequested lets pass a change of the annotation by which a person asks for a renewal.
func renewRequested() predicate.Predicate {
	request := func(object client.Object) string { return object.GetAnnotations()[v1alpha1.AnnotationRenewRequestedAt] }
	return predicate.Funcs{UpdateFunc: func(e event.UpdateEvent) bool { return request(e.ObjectOld) != request(e.ObjectNew) }}
}

// judgedAnew lets pass what changes an Agency, or whether it is accepted.
func judgedAnew() builder.WatchesOption {
	refused := func(object client.Object) bool {
		agency, ok := object.(*v1alpha1.Agency)
		return ok && entitlement.NotAccepted(agency.Status.Conditions, agency.Generation) != nil
	}
	verdict := predicate.Funcs{UpdateFunc: func(e event.UpdateEvent) bool { return refused(e.ObjectOld) != refused(e.ObjectNew) }}
	return builder.WithPredicates(predicate.Or[client.Object](predicate.GenerationChangedPredicate{}, verdict))
}

// wakeUp waits a moment for the answers of the other pods, which are asked at the same time, and longer where many take up another leaf.
func wakeUp(c *crowd) handler.TypedEventHandler[types.NamespacedName, reconcile.Request] {
	return handler.TypedFuncs[types.NamespacedName, reconcile.Request]{
		GenericFunc: func(_ context.Context, e event.TypedGenericEvent[types.NamespacedName], q queue) {
			addKey(q, e.Object, priorityqueue.AddOpts{After: settling + c.answered(e.Object)})
		},
	}
}

// ofAgency finds the Connectors of an Agency and of all that belong to it: whoever owns an agency may approve for it.
func (r *Reconciler) ofAgency(ctx context.Context, agency client.Object) []reconcile.Request {
	var requests []reconcile.Request
	family := []string{agency.GetName()}
	// The family grows while it is gone through; parents that go round in a circle are met once.
	for i := 0; i < len(family); i++ {
		requests = append(requests, r.connectors(ctx, index.ConnectorByAgency, family[i])...)
		var children v1alpha1.AgencyList
		err := r.Client.List(ctx, &children, client.MatchingFields{index.AgencyByParent: family[i]}, client.UnsafeDisableDeepCopy)
		if err != nil {
			ctrl.LoggerFrom(ctx).Error(err, "The Agencies that belong to another one could not be listed.", "agency", family[i])
			return requests
		}
		for j := range children.Items {
			if name := children.Items[j].Name; !slices.Contains(family, name) {
				family = append(family, name)
			}
		}
	}
	return requests
}

// ofAnchor finds the Connectors whose hub takes trust anchors from a ConfigMap.
func (r *Reconciler) ofAnchor(ctx context.Context, configMap client.Object) []reconcile.Request {
	if configMap.GetNamespace() != r.OperatorNamespace {
		return nil
	}
	var hubs v1alpha1.ExchangeHubList
	if err := r.Client.List(ctx, &hubs); err != nil {
		ctrl.LoggerFrom(ctx).Error(err, "The hubs that use a ConfigMap could not be listed.", "configMap", configMap.GetName())
		return nil
	}
	var requests []reconcile.Request
	for i := range hubs.Items {
		if hubs.Items[i].TakesAnchorsFrom(configMap.GetName()) {
			requests = append(requests, r.connectors(ctx, index.ConnectorByHub, hubs.Items[i].Name)...)
		}
	}
	return requests
}

func (r *Reconciler) connectors(ctx context.Context, field, value string) []reconcile.Request {
	var list v1alpha1.ConnectorList
	if err := r.Client.List(ctx, &list, client.MatchingFields{field: value}); err != nil {
		ctrl.LoggerFrom(ctx).Error(err, "The Connectors that a change concerns could not be listed.", "field", field, "value", value)
		return nil
	}
	requests := make([]reconcile.Request, 0, len(list.Items))
	for i := range list.Items {
		requests = append(requests, reconcile.Request{NamespacedName: client.ObjectKeyFromObject(&list.Items[i])})
	}
	return requests
}
