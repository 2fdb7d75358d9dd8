package agency

import (
	"context"

	"k8s.io/apimachinery/pkg/api/equality"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/predicate"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

// ofProfile asks for the Agencies of the Connectors that declare the profile's level, or were judged by the profile: their paths reckon with it.
func (r *Reconciler) ofProfile(ctx context.Context, obj client.Object) []ctrl.Request {
	profile, ok := obj.(*v1alpha1.SecurityProfile)
	if !ok {
		return nil
	}
	var connectors v1alpha1.ConnectorList
	if err := r.Client.List(ctx, &connectors, client.UnsafeDisableDeepCopy); err != nil {
		log.FromContext(ctx).Error(err, "listing the Connectors under a SecurityProfile", "profile", profile.Name)
		return nil
	}
	var requests []ctrl.Request
	asked := map[string]bool{}
	for i := range connectors.Items {
		c := &connectors.Items[i]
		if agency := c.Spec.AgencyRef.Name; !asked[agency] && reckonsWith(c, profile) {
			asked[agency] = true
			requests = append(requests, request(agency))
		}
	}
	return requests
}

func reckonsWith(c *v1alpha1.Connector, profile *v1alpha1.SecurityProfile) bool {
	for i := range c.Status.Compliance {
		judged := &c.Status.Compliance[i]
		if judged.Profile == profile.Name || judged.Regime == profile.Spec.Regime && c.Spec.SecurityLevel == profile.Spec.Level {
			return true
		}
	}
	return false
}

// approvalChanged lets pass what a path can hang on: who appraises and approves a level, and in how many working days.
func approvalChanged() predicate.Predicate {
	approval := func(obj client.Object) *v1alpha1.ApprovalRequirements {
		if profile, ok := obj.(*v1alpha1.SecurityProfile); ok {
			return profile.Spec.Approval
		}
		return nil
	}
	return predicate.Funcs{
		CreateFunc: func(e event.CreateEvent) bool { return !e.IsInInitialList },
		UpdateFunc: func(e event.UpdateEvent) bool {
			return !equality.Semantic.DeepEqual(approval(e.ObjectOld), approval(e.ObjectNew))
		},
	}
}
