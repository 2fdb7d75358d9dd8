package notice

import (
	"context"
	"fmt"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/client-go/util/workqueue"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/source"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

const (
	// gathering is how long deliveries of one queue are gathered before they are written.
	gathering = 500 * time.Millisecond
	// concurrency is how many subjects are looked at together; each costs at most one write.
	concurrency = 4
)

type request = v1alpha1.NoticeSubject

// SetupWithManager registers the controller. told carries the queues about which the courier has something to write.
func (r *Reconciler) SetupWithManager(mgr ctrl.Manager, told <-chan event.TypedGenericEvent[request]) error {
	mapped := handler.TypedEnqueueRequestsFromMapFunc[client.Object, request]
	err := builder.TypedControllerManagedBy[request](mgr).
		Named("notice").
		Watches(&v1alpha1.Agency{}, mapped(ofAgency), builder.WithPredicates(agencyChanged())).
		Watches(&v1alpha1.Connector{}, mapped(ofConnector), builder.WithPredicates(connectorChanged())).
		Watches(&v1alpha1.ExchangeHub{}, mapped(r.ofHub), builder.WithPredicates(hubChanged())).
		Watches(&v1alpha1.NoticeQueue{}, mapped(ofQueue), builder.WithPredicates(gone())).
		WatchesRawSource(source.TypedChannel(told, gathered())).
		WithOptions(controller.TypedOptions[request]{MaxConcurrentReconciles: concurrency, ReconciliationTimeout: reconcileTimeout}).
		Complete(r)
	if err != nil {
		return fmt.Errorf("setting up the controller of NoticeQueues: %w", err)
	}
	return nil
}

func gathered() handler.TypedEventHandler[request, request] {
	return handler.TypedFuncs[request, request]{
		GenericFunc: func(_ context.Context, e event.TypedGenericEvent[request], q workqueue.TypedRateLimitingInterface[request]) {
			q.AddAfter(e.Object, gathering)
		},
	}
}

func ofAgency(_ context.Context, obj client.Object) []request {
	return []request{{Kind: v1alpha1.NoticeSubjectAgency, Name: obj.GetName()}}
}

func ofConnector(_ context.Context, obj client.Object) []request {
	connector, ok := obj.(*v1alpha1.Connector)
	if !ok {
		return nil
	}
	return []request{{Kind: v1alpha1.NoticeSubjectAgency, Name: connector.Spec.AgencyRef.Name}}
}

func ofQueue(_ context.Context, obj client.Object) []request {
	queue, ok := obj.(*v1alpha1.NoticeQueue)
	if !ok {
		return nil
	}
	return []request{queue.Spec.Subject}
}

// ofHub asks for the hub and for every Agency: any of them can have a Connector to the hub, or be in one of its plans. What matters of a hub
// changes seldom.
func (r *Reconciler) ofHub(ctx context.Context, obj client.Object) []request {
	requests := []request{{Kind: v1alpha1.NoticeSubjectHub, Name: obj.GetName()}}
	var agencies v1alpha1.AgencyList
	if err := r.Client.List(ctx, &agencies, client.UnsafeDisableDeepCopy); err != nil {
		ctrl.LoggerFrom(ctx).Error(err, "The Agencies to be told of a hub could not be listed.", "hub", obj.GetName())
		return requests
	}
	for i := range agencies.Items {
		requests = append(requests, ofAgency(ctx, &agencies.Items[i])...)
	}
	return requests
}

// agencyChanged lets pass the spec, and the states of milestones.
func agencyChanged() predicate.Predicate {
	return changed(func(before, after *v1alpha1.Agency) bool {
		return slices.EqualFunc(before.Status.Milestones, after.Status.Milestones, func(a, b v1alpha1.AgencyMilestone) bool {
			return a.Plan == b.Plan && a.Milestone == b.Milestone && a.State == b.State
		})
	})
}

// connectorChanged lets pass what is told of certificates and levels.
func connectorChanged() predicate.Predicate {
	return changed(func(before, after *v1alpha1.Connector) bool {
		return before.Status.SecurityLevel == after.Status.SecurityLevel &&
			equality.Semantic.DeepEqual(before.Status.Rotation, after.Status.Rotation) &&
			equality.Semantic.DeepEqual(before.Status.Certificate, after.Status.Certificate)
	})
}

func hubChanged() predicate.Predicate {
	return changed(func(before, after *v1alpha1.ExchangeHub) bool {
		return before.Status.TrustDigest == after.Status.TrustDigest
	})
}

// changed lets pass changes of the spec, and of the status those that are not the same.
func changed[T client.Object](same func(before, after T) bool) predicate.Predicate {
	return predicate.Funcs{UpdateFunc: func(e event.UpdateEvent) bool {
		before, ok := e.ObjectOld.(T)
		after, ok2 := e.ObjectNew.(T)
		return !ok || !ok2 || before.GetGeneration() != after.GetGeneration() || !same(before, after)
	}}
}

// gone lets pass the end of a queue only: nobody but the operator writes it.
func gone() predicate.Predicate {
	return predicate.Funcs{
		CreateFunc: func(event.CreateEvent) bool { return false },
		UpdateFunc: func(event.UpdateEvent) bool { return false },
	}
}
