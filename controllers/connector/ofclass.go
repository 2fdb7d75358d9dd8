package connector

import (
	"context"

	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/priorityqueue"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/entitlement"
	"lienthong.gov.vn/connector-operator/controllers/index"
	"lienthong.gov.vn/connector-operator/controllers/staging"
)

// ofClass wakes the Connectors that a change of a class concerns: all of the class if its spec changed, or whether it is accepted, and those
// whose turn begins or ends if it is a step of its roll-out. Anything else in its status tells of the Connectors themselves.
func (r *Reconciler) ofClass() handler.EventHandler {
	all := r.fleet(func(ctx context.Context, class client.Object) []reconcile.Request {
		return r.connectors(ctx, index.ConnectorByClass, class.GetName())
	})
	refused := func(class *v1alpha1.ConnectorClass) bool {
		return entitlement.NotAccepted(class.Status.Conditions, class.Generation) != nil
	}
	return handler.Funcs{
		CreateFunc: all.Create, DeleteFunc: all.Delete,
		UpdateFunc: func(ctx context.Context, e event.UpdateEvent, q queue) {
			old, okOld := e.ObjectOld.(*v1alpha1.ConnectorClass)
			now, okNow := e.ObjectNew.(*v1alpha1.ConnectorClass)
			if !okOld || !okNow {
				return
			}
			if old.Generation != now.Generation || refused(old) != refused(now) {
				all.Update(ctx, e, q)
				return
			}
			for _, key := range changed(staging.ClassTurns(old), staging.ClassTurns(now)) {
				addKey(q, key, priorityqueue.AddOpts{})
			}
		},
	}
}
