package waiver

import (
	"context"

	"k8s.io/apimachinery/pkg/api/equality"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/predicate"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/compliance/dossier"
	"lienthong.gov.vn/connector-operator/controllers/index"
)

func (r *Reconciler) ofConnector(ctx context.Context, obj client.Object) []ctrl.Request {
	return r.waivers(ctx, client.InNamespace(obj.GetNamespace()), client.MatchingFields{index.WaiverByConnector: obj.GetName()})
}

func (r *Reconciler) ofAgency(ctx context.Context, obj client.Object) []ctrl.Request {
	var connectors v1alpha1.ConnectorList
	if err := r.Client.List(ctx, &connectors, client.MatchingFields{index.ConnectorByAgency: obj.GetName()}, client.UnsafeDisableDeepCopy); err != nil {
		log.FromContext(ctx).Error(err, "listing Connectors", "agency", obj.GetName())
		return nil
	}
	var requests []ctrl.Request
	for i := range connectors.Items {
		requests = append(requests, r.ofConnector(ctx, &connectors.Items[i])...)
	}
	return requests
}

// all asks for every waiver: duties change rarely, and a level is judged by the profiles of several regimes.
func (r *Reconciler) all(ctx context.Context, _ client.Object) []ctrl.Request {
	return r.waivers(ctx)
}

func (r *Reconciler) waivers(ctx context.Context, opts ...client.ListOption) []ctrl.Request {
	var list v1alpha1.DutyWaiverList
	if err := r.Client.List(ctx, &list, append(opts, client.UnsafeDisableDeepCopy)...); err != nil {
		log.FromContext(ctx).Error(err, "listing DutyWaivers")
		return nil
	}
	requests := make([]ctrl.Request, 0, len(list.Items))
	for i := range list.Items {
		requests = append(requests, ctrl.Request{NamespacedName: client.ObjectKeyFromObject(&list.Items[i])})
	}
	return requests
}

// levelChanged lets pass that a Connector is there or gone, and that another level is declared or approved. Records of the level reach the
// waivers through the latter.
func levelChanged() predicate.Predicate {
	return dossier.Changed(func(before, after *v1alpha1.Connector) bool {
		return before.UID != after.UID || before.Spec.SecurityLevel != after.Spec.SecurityLevel ||
			!equality.Semantic.DeepEqual(before.Status.ApprovedLevel, after.Status.ApprovedLevel)
	})
}

func zoneChanged() predicate.Predicate {
	return dossier.Changed(func(before, after *v1alpha1.Agency) bool { return before.Spec.TimeZone != after.Spec.TimeZone })
}

func dutiesChanged() predicate.Predicate {
	return dossier.Changed(func(before, after *v1alpha1.SecurityProfile) bool {
		return !equality.Semantic.DeepEqual(before.Spec.Duties, after.Spec.Duties)
	})
}
