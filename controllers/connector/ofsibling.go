package connector

import (
	"context"
	"slices"

	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/priorityqueue"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/index"
)

// ofSibling wakes the other Connectors of an Agency when another level is approved for one of them, which is a floor for those without
// an approved level of their own.
func (r *Reconciler) ofSibling() handler.EventHandler {
	return handler.Funcs{UpdateFunc: func(ctx context.Context, e event.UpdateEvent, q queue) {
		before, okBefore := e.ObjectOld.(*v1alpha1.Connector)
		after, okAfter := e.ObjectNew.(*v1alpha1.Connector)
		if !okBefore || !okAfter || sameLevel(before.Status.ApprovedLevel, after.Status.ApprovedLevel) {
			return
		}
		self := client.ObjectKeyFromObject(after)
		for _, sibling := range r.connectors(ctx, index.ConnectorByAgency, after.Spec.AgencyRef.Name) {
			if sibling.NamespacedName != self {
				addKey(q, sibling.NamespacedName, priorityqueue.AddOpts{After: settling})
			}
		}
	}}
}

func sameLevel(a, b *v1alpha1.SecurityLevel) bool {
	if a == nil || b == nil {
		return a == b
	}
	return *a == *b
}

// isOfLevel tells whether a record may change which level is approved.
func isOfLevel(record *v1alpha1.ComplianceEvidence) bool {
	return record.Spec.Kind == v1alpha1.EvidenceLevelApproval || record.Spec.Kind == v1alpha1.EvidenceLevelAppraisal
}

// inNamespaces finds all Connectors of namespaces.
func (r *Reconciler) inNamespaces(ctx context.Context, namespaces ...string) []reconcile.Request {
	var requests []reconcile.Request
	for _, namespace := range namespaces {
		var list v1alpha1.ConnectorList
		if err := r.Client.List(ctx, &list, client.InNamespace(namespace), client.UnsafeDisableDeepCopy); err != nil {
			ctrl.LoggerFrom(ctx).Error(err, "The Connectors of a namespace could not be listed.", "namespace", namespace)
			continue
		}
		for i := range list.Items {
			requests = append(requests, reconcile.Request{NamespacedName: client.ObjectKeyFromObject(&list.Items[i])})
		}
	}
	return requests
}

// approvedAt are the Connectors whose approved level may hang on what a profile of a level asks for: those with a record of such an
// approval, or of an appraisal before it, and those for which it would be a floor.
func (r *Reconciler) approvedAt(ctx context.Context, level v1alpha1.SecurityLevel) []reconcile.Request {
	var records v1alpha1.ComplianceEvidenceList
	err := r.Client.List(ctx, &records, client.MatchingFields{index.EvidenceByLevel: index.Level(level)}, client.UnsafeDisableDeepCopy)
	if err != nil {
		ctrl.LoggerFrom(ctx).Error(err, "The records of a level could not be listed.", "level", level)
		return nil
	}
	var namespaces []string
	for i := range records.Items {
		if isOfLevel(&records.Items[i]) {
			namespaces = append(namespaces, records.Items[i].Namespace)
		}
	}
	slices.Sort(namespaces)
	return r.inNamespaces(ctx, slices.Compact(namespaces)...)
}
