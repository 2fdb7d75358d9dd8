package rollout

import (
	"context"
	"maps"

	"k8s.io/apimachinery/pkg/api/equality"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/predicate"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/report"
)

// ofAgency notes which Agency it is, and asks for every plan: any of them can have it in a cohort. There are a handful of plans.
func (r *Reconciler) ofAgency(ctx context.Context, agency client.Object) []ctrl.Request {
	r.books.note(agency.GetName())
	return r.requests(ctx, func(*v1alpha1.RolloutPlan) bool { return true })
}

func (r *Reconciler) ofHub(ctx context.Context, hub client.Object) []ctrl.Request {
	return r.requests(ctx, func(p *v1alpha1.RolloutPlan) bool { return p.Spec.HubRef.Name == hub.GetName() })
}

func (r *Reconciler) requests(ctx context.Context, concerned func(*v1alpha1.RolloutPlan) bool) []ctrl.Request {
	var plans v1alpha1.RolloutPlanList
	if err := r.Client.List(ctx, &plans, client.UnsafeDisableDeepCopy); err != nil {
		log.FromContext(ctx).Error(err, "listing RolloutPlans")
		return nil
	}
	var requests []ctrl.Request
	for i := range plans.Items {
		if concerned(&plans.Items[i]) {
			requests = append(requests, ctrl.Request{NamespacedName: client.ObjectKeyFromObject(&plans.Items[i])})
		}
	}
	return requests
}

// agencyCountsDifferently lets pass what can move an Agency to another cohort or to another state.
func agencyCountsDifferently() predicate.Predicate {
	return predicate.Funcs{UpdateFunc: func(e event.UpdateEvent) bool {
		before, ok := e.ObjectOld.(*v1alpha1.Agency)
		after, ok2 := e.ObjectNew.(*v1alpha1.Agency)
		return !ok || !ok2 || before.Generation != after.Generation || !maps.Equal(before.Labels, after.Labels) ||
			!equality.Semantic.DeepEqual(before.Status.Milestones, after.Status.Milestones)
	}}
}

// specOrRequestChanged lets pass what changes the counts, and what became of a report that somebody asked for.
func specOrRequestChanged() predicate.Predicate {
	return predicate.Funcs{UpdateFunc: func(e event.UpdateEvent) bool {
		before, ok := e.ObjectOld.(*v1alpha1.RolloutPlan)
		after, ok2 := e.ObjectNew.(*v1alpha1.RolloutPlan)
		return !ok || !ok2 || before.Generation != after.Generation ||
			!equality.Semantic.DeepEqual(report.Requested(before, true), report.Requested(after, true))
	}}
}

func comesOrGoes() predicate.Predicate {
	return predicate.Funcs{UpdateFunc: func(event.UpdateEvent) bool { return false }}
}
