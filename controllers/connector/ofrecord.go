package connector

import (
	"context"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/priorityqueue"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

// recorded handles news of what people record: ComplianceEvidence and DutyWaivers. They are never edited, so their creation and their
// deletion are the news; several are often made at once. What was approved for one Connector is a floor for the Agency's others.
type recorded struct{ *Reconciler }

var _ handler.EventHandler = recorded{}

// Create passes the news on. At a restart every Connector is looked at anyway.
func (r recorded) Create(ctx context.Context, e event.CreateEvent, q queue) {
	if !e.IsInInitialList {
		r.add(ctx, q, e.Object)
	}
}

// Update does nothing.
func (recorded) Update(context.Context, event.UpdateEvent, queue) {}

// Delete passes the news on.
func (r recorded) Delete(ctx context.Context, e event.DeleteEvent, q queue) { r.add(ctx, q, e.Object) }

// Generic does nothing.
func (recorded) Generic(context.Context, event.GenericEvent, queue) {}

func (r recorded) add(ctx context.Context, q queue, object client.Object) {
	var of v1alpha1.ConnectorReference
	switch o := object.(type) {
	case *v1alpha1.ComplianceEvidence:
		of = o.Spec.ConnectorRef
		if isOfLevel(o) {
			for _, neighbour := range r.inNamespaces(ctx, o.Namespace) {
				addKey(q, neighbour.NamespacedName, priorityqueue.AddOpts{After: settling})
			}
		}
	case *v1alpha1.DutyWaiver:
		of = o.Spec.ConnectorRef
	}
	if of.Name != "" {
		addKey(q, types.NamespacedName{Namespace: object.GetNamespace(), Name: of.Name}, priorityqueue.AddOpts{After: settling})
	}
}
