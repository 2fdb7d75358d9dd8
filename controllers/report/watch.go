package report

import (
	"context"
	"maps"

	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/types"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/predicate"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/conditions"
)

// ofReport asks for the plan of a report.
func ofReport(_ context.Context, report client.Object) []ctrl.Request {
	r, ok := report.(*v1alpha1.ReadinessReport)
	if !ok {
		return nil
	}
	return []ctrl.Request{{NamespacedName: types.NamespacedName{Name: r.Spec.Plan.Name}}}
}

// planMatters lets pass what can make a report due: another spec, a request, that the plan can be honoured, and what was recorded of the chain.
func planMatters() predicate.Predicate {
	return predicate.Funcs{UpdateFunc: func(e event.UpdateEvent) bool {
		before, ok := e.ObjectOld.(*v1alpha1.RolloutPlan)
		after, ok2 := e.ObjectNew.(*v1alpha1.RolloutPlan)
		return !ok || !ok2 || before.Generation != after.Generation || !maps.Equal(before.Annotations, after.Annotations) ||
			acceptedAt(before) != acceptedAt(after) || !equality.Semantic.DeepEqual(before.Status.Reports, after.Status.Reports)
	}}
}

// acceptedAt tells whether the plan can be honoured, as its status says of its spec.
func acceptedAt(plan *v1alpha1.RolloutPlan) bool {
	return conditions.IsTrue(plan.Status.Conditions, v1alpha1.ConditionAccepted, plan.Generation)
}

// WithoutContent drops the content of a report, which may be large and is not needed once it is written. The manager's cache uses it.
func WithoutContent(object any) (any, error) {
	if r, ok := object.(*v1alpha1.ReadinessReport); ok {
		r.ManagedFields = nil
		r.Spec.Content = v1alpha1.ReportContent{}
	}
	return object, nil
}
