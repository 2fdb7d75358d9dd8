package hub

import (
	"context"
	"fmt"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/coalesce"
	"lienthong.gov.vn/connector-operator/controllers/index"
	"lienthong.gov.vn/connector-operator/controllers/tally"
)

// News of Connectors is gathered before the hub is looked at again: for a moment while a rollover is under way, in which every pass may
// give out turns, and for longer while Connectors are only to be counted.
const (
	gathering = 2 * time.Second
	underWay  = 300 * time.Millisecond
)

// SetupWithManager registers the controller.
func (r *Reconciler) SetupWithManager(mgr ctrl.Manager) error {
	generation := builder.WithPredicates(predicate.GenerationChangedPredicate{})
	err := ctrl.NewControllerManagedBy(mgr).
		Named("hub").
		For(&v1alpha1.ExchangeHub{}, generation).
		WithOptions(controller.Options{ReconciliationTimeout: reconcileTimeout}).
		Watches(&v1alpha1.Agency{}, handler.EnqueueRequestsFromMapFunc(r.ofAgency), generation).
		Watches(&corev1.ConfigMap{}, handler.EnqueueRequestsFromMapFunc(r.ofConfigMap)).
		Watches(&v1alpha1.Connector{}, coalesce.Paced(r.pace, ofConnector), builder.WithPredicates(matters())).
		Complete(r)
	if err != nil {
		return fmt.Errorf("setting up the controller of ExchangeHubs: %w", err)
	}
	return nil
}

// pace is how long news of the Connectors of a hub is gathered.
func (r *Reconciler) pace(ctx context.Context, request reconcile.Request) time.Duration {
	var hub v1alpha1.ExchangeHub
	if err := r.Client.Get(ctx, request.NamespacedName, &hub); err != nil {
		return gathering
	}
	if told := hub.Status.Rollover; told == nil || told.Phase == v1alpha1.RolloverComplete {
		return gathering
	}
	return underWay
}

// matters lets pass the events of Connectors that can change the status of their hub.
func matters() predicate.Predicate {
	changed := predicate.Funcs{UpdateFunc: func(e event.UpdateEvent) bool {
		before, _ := e.ObjectOld.(*v1alpha1.Connector)
		after, _ := e.ObjectNew.(*v1alpha1.Connector)
		return before == nil || after == nil || !unchanged(before, after)
	}}
	return predicate.Or[client.Object](changed, tally.Changed(func(c *v1alpha1.Connector) string { return c.Spec.HubRef.Name }))
}

// ofAgency finds the hubs that an Agency owns or that revoke it, and those that Connectors of the Agency link to.
func (r *Reconciler) ofAgency(ctx context.Context, agency client.Object) []reconcile.Request {
	requests := r.hubs(ctx, func(h *v1alpha1.ExchangeHub) bool {
		return h.Spec.OwnerAgencyRef.Name == agency.GetName() || revokes(h, agency.GetName())
	})
	var list v1alpha1.ConnectorList
	if err := r.Client.List(ctx, &list, client.MatchingFields{index.ConnectorByAgency: agency.GetName()}); err != nil {
		ctrl.LoggerFrom(ctx).Error(err, "The Connectors of an Agency could not be listed.", "agency", agency.GetName())
	}
	// The queue keeps one of those that ask for the same hub.
	for i := range list.Items {
		requests = append(requests, ofConnector(ctx, &list.Items[i])...)
	}
	return requests
}

func revokes(hub *v1alpha1.ExchangeHub, agency string) bool {
	return slices.ContainsFunc(hub.Spec.Revocations, func(r v1alpha1.Revocation) bool { return r.AgencyRef != nil && r.AgencyRef.Name == agency })
}

// ofConfigMap finds the hubs that take anchors from a ConfigMap, or that it was published for.
func (r *Reconciler) ofConfigMap(ctx context.Context, configMap client.Object) []reconcile.Request {
	requests := ofPublication(configMap)
	if configMap.GetNamespace() == r.OperatorNamespace {
		requests = append(requests, r.hubs(ctx, func(h *v1alpha1.ExchangeHub) bool { return h.TakesAnchorsFrom(configMap.GetName()) })...)
	}
	return requests
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
