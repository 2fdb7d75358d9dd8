// Package coalesce turns many events into few reconciles. The first event for an object starts a short wait; those that
// follow within it ask for the same reconcile, and the queue keeps one. So a thousand Connectors that become ready together
// cost the plan that counts them a handful of passes, and the last event is always followed by one.
//
// Nothing is lost when the operator restarts: every object is reconciled once at the start.
package coalesce

import (
	"context"
	"time"

	"k8s.io/client-go/util/workqueue"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
)

type queue = workqueue.TypedRateLimitingInterface[reconcile.Request]

// Handler asks, after the wait, for the reconciles that requests names for the object of an event; of an update, for both
// the object as it was and as it is.
func Handler(wait time.Duration, requests handler.MapFunc) handler.EventHandler {
	return Paced(func(context.Context, reconcile.Request) time.Duration { return wait }, requests)
}

// Paced is a Handler of which the wait depends on what is asked for.
func Paced(wait func(context.Context, reconcile.Request) time.Duration, requests handler.MapFunc) handler.EventHandler {
	add := func(ctx context.Context, q queue, objects ...client.Object) {
		for _, obj := range objects {
			for _, request := range requests(ctx, obj) {
				q.AddAfter(request, wait(ctx, request))
			}
		}
	}
	return handler.Funcs{
		CreateFunc:  func(ctx context.Context, e event.CreateEvent, q queue) { add(ctx, q, e.Object) },
		UpdateFunc:  func(ctx context.Context, e event.UpdateEvent, q queue) { add(ctx, q, e.ObjectOld, e.ObjectNew) },
		DeleteFunc:  func(ctx context.Context, e event.DeleteEvent, q queue) { add(ctx, q, e.Object) },
		GenericFunc: func(ctx context.Context, e event.GenericEvent, q queue) { add(ctx, q, e.Object) },
	}
}
