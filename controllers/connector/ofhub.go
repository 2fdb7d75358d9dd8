package connector

import (
	"context"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/priorityqueue"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/index"
)

// ofHub wakes the Connectors that a change of a hub concerns: all of them if its spec changed, or what is trusted or revoked; those
// whose turn begins or ends if it is a step of a rollover. Anything else in a hub's status tells of the Connectors themselves.
func (r *Reconciler) ofHub() handler.EventHandler {
	all := r.fleet(func(ctx context.Context, hub client.Object) []reconcile.Request {
		return r.connectors(ctx, index.ConnectorByHub, hub.GetName())
	})
	return handler.Funcs{
		CreateFunc: all.Create, DeleteFunc: all.Delete,
		UpdateFunc: func(ctx context.Context, e event.UpdateEvent, q queue) {
			before, after := e.ObjectOld, e.ObjectNew
			old, okOld := before.(*v1alpha1.ExchangeHub)
			now, okNow := after.(*v1alpha1.ExchangeHub)
			if !okOld || !okNow {
				return
			}
			if old.Generation != now.Generation || handsOut(old) != handsOut(now) {
				all.Update(ctx, e, q)
				return
			}
			for _, key := range changed(turns(old), turns(now)) {
				addKey(q, key, priorityqueue.AddOpts{})
			}
		},
	}
}

// handsOut names what every gateway of the hub is given.
func handsOut(hub *v1alpha1.ExchangeHub) [2]string {
	return [2]string{hub.Status.TrustDigest, hub.Status.RevocationDigest}
}

// turns are those that count: a status of an earlier spec gives none.
func turns(hub *v1alpha1.ExchangeHub) []types.NamespacedName {
	if hub.Status.Rollover == nil || hub.Status.ObservedGeneration != hub.Generation {
		return nil
	}
	var keys []types.NamespacedName
	for _, t := range hub.Status.Rollover.Batch {
		keys = append(keys, types.NamespacedName{Namespace: t.Namespace, Name: t.Name})
	}
	return keys
}
