package connector

import (
	"context"
	"slices"

	"k8s.io/apimachinery/pkg/types"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/priorityqueue"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/staging"
)

// ofProfile wakes the Connectors that a change of a profile concerns: all that are judged by it if its spec changed, and those whose turn
// begins or ends if it is a step of its roll-out. Anything else in its status tells of the Connectors themselves.
func (r *Reconciler) ofProfile() handler.EventHandler {
	all := r.fleet(r.judgedBy)
	return handler.Funcs{
		CreateFunc: all.Create, DeleteFunc: all.Delete,
		UpdateFunc: func(ctx context.Context, e event.UpdateEvent, q queue) {
			old, okOld := e.ObjectOld.(*v1alpha1.SecurityProfile)
			now, okNow := e.ObjectNew.(*v1alpha1.SecurityProfile)
			if !okOld || !okNow {
				return
			}
			if old.Generation != now.Generation {
				all.Update(ctx, e, q)
				return
			}
			for _, key := range changed(staging.Turns(old), staging.Turns(now)) {
				addKey(q, key, priorityqueue.AddOpts{})
			}
		},
	}
}

// judgedBy finds the Connectors that a profile rules, or that declare its level or have records of its approval under whatever regime. One
// that is found twice is looked at once.
func (r *Reconciler) judgedBy(ctx context.Context, object client.Object) []reconcile.Request {
	profile, ok := object.(*v1alpha1.SecurityProfile)
	if !ok {
		return nil
	}
	var list v1alpha1.ConnectorList
	if err := r.Client.List(ctx, &list, client.UnsafeDisableDeepCopy); err != nil {
		ctrl.LoggerFrom(ctx).Error(err, "The Connectors that a SecurityProfile concerns could not be listed.", "securityProfile", profile.Name)
		return nil
	}
	requests := r.approvedAt(ctx, profile.Spec.Level)
	for i := range list.Items {
		c, level := &list.Items[i], profile.Spec.Level
		if c.Spec.SecurityLevel == level || c.Status.SecurityLevel == level || c.Status.Profile == profile.Name {
			requests = append(requests, reconcile.Request{NamespacedName: client.ObjectKeyFromObject(c)})
		}
	}
	return requests
}

// changed are the keys that only one of two lists has.
func changed(before, after []types.NamespacedName) []types.NamespacedName {
	var result []types.NamespacedName
	for _, key := range after {
		if !slices.Contains(before, key) {
			result = append(result, key)
		}
	}
	for _, key := range before {
		if !slices.Contains(after, key) {
			result = append(result, key)
		}
	}
	return result
}
