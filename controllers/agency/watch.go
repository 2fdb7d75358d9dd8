package agency

import (
	"cmp"
	"context"
	"slices"

	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/predicate"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/conditions"
	"lienthong.gov.vn/connector-operator/controllers/index"
	"lienthong.gov.vn/connector-operator/controllers/milestone"
)

func request(name string) ctrl.Request {
	return ctrl.Request{NamespacedName: client.ObjectKey{Name: name}}
}

func ofConnector(_ context.Context, obj client.Object) []ctrl.Request {
	connector, ok := obj.(*v1alpha1.Connector)
	if !ok {
		return nil
	}
	return []ctrl.Request{request(connector.Spec.AgencyRef.Name)}
}

// ofRecord asks for the Agency of a record's Connector. Where the Connector is gone, its own end is told of.
func (r *Reconciler) ofRecord(ctx context.Context, obj client.Object) []ctrl.Request {
	record, ok := obj.(*v1alpha1.ComplianceEvidence)
	if !ok {
		return nil
	}
	connector := &v1alpha1.Connector{}
	key := client.ObjectKey{Namespace: record.Namespace, Name: record.Spec.ConnectorRef.Name}
	if err := r.Client.Get(ctx, key, connector); err != nil {
		if client.IgnoreNotFound(err) != nil {
			log.FromContext(ctx).Error(err, "reading the Connector of a record", "record", client.ObjectKeyFromObject(record))
		}
		return nil
	}
	return ofConnector(ctx, connector)
}

// ofMet asks for the Agency of a MilestoneRecord, and for those that it was merged into, which take the record over.
func (r *Reconciler) ofMet(ctx context.Context, obj client.Object) []ctrl.Request {
	record, ok := obj.(*v1alpha1.MilestoneRecord)
	if !ok {
		return nil
	}
	requests := []ctrl.Request{request(record.Spec.Agency)}
	agency := &v1alpha1.Agency{}
	if err := r.Client.Get(ctx, client.ObjectKey{Name: record.Spec.Agency}, agency, shared()); err != nil {
		if client.IgnoreNotFound(err) != nil {
			log.FromContext(ctx).Error(err, "reading the Agency of a MilestoneRecord", "record", record.Name)
		}
		return requests
	}
	return append(requests, r.heirs(ctx, agency)...)
}

// heirs asks for the Agencies that an Agency was merged into.
func (r *Reconciler) heirs(ctx context.Context, agency *v1alpha1.Agency) []ctrl.Request {
	names, err := r.successors(ctx, agency)
	if err != nil {
		log.FromContext(ctx).Error(err, "reading the successors of an Agency", "agency", agency.Name)
	}
	var requests []ctrl.Request
	for _, name := range names {
		requests = append(requests, request(name))
	}
	return requests
}

// relatives asks for the Agencies whose acceptance, cohort or records can hang on this one: those with the same codes, those that belong to it
// or were merged into it, those that it was merged into, and, because they may form a circle with it, those that it belongs to.
func (r *Reconciler) relatives(ctx context.Context, obj client.Object) []ctrl.Request {
	agency, ok := obj.(*v1alpha1.Agency)
	if !ok {
		return nil
	}
	var requests []ctrl.Request
	for field, value := range map[string]string{
		index.AgencyByCode:       agency.Spec.Code,
		index.AgencyByLegacyCode: agency.Spec.LegacyCode,
		index.AgencyByParent:     agency.Name,
		index.AgencyBySuccessor:  agency.Name,
	} {
		if value != "" {
			requests = append(requests, r.requests(ctx, client.MatchingFields{field: value})...)
		}
	}
	lineage, _, err := r.lineage(ctx, agency)
	if err != nil {
		log.FromContext(ctx).Error(err, "reading the parents of an Agency", "agency", agency.Name)
	}
	for _, name := range lineage {
		requests = append(requests, request(name))
	}
	return append(requests, r.heirs(ctx, agency)...)
}

// all asks for every Agency: any of them can be in a cohort of the plan.
func (r *Reconciler) all(ctx context.Context, _ client.Object) []ctrl.Request {
	return r.requests(ctx)
}

func (r *Reconciler) requests(ctx context.Context, opts ...client.ListOption) []ctrl.Request {
	var list v1alpha1.AgencyList
	if err := r.Client.List(ctx, &list, append(opts, client.UnsafeDisableDeepCopy)...); err != nil {
		log.FromContext(ctx).Error(err, "listing Agencies")
		return nil
	}
	requests := make([]ctrl.Request, 0, len(list.Items))
	for i := range list.Items {
		requests = append(requests, request(list.Items[i].Name))
	}
	return requests
}

// connectorChanged lets pass what a milestone or the Agency's readiness can hang on. Messages and times are no such thing.
func connectorChanged() predicate.Predicate {
	return predicate.Funcs{UpdateFunc: func(e event.UpdateEvent) bool {
		before, ok := e.ObjectOld.(*v1alpha1.Connector)
		after, ok2 := e.ObjectNew.(*v1alpha1.Connector)
		return !ok || !ok2 || before.Generation != after.Generation ||
			!slices.EqualFunc(before.Status.Conditions, after.Status.Conditions, conditions.SameOutcome) ||
			before.Status.ObservedGeneration != after.Status.ObservedGeneration ||
			!milestone.SameCompliance(before.Status.Compliance, after.Status.Compliance)
	}}
}

// recordCounts lets pass that a record begins to count, or no longer does.
func recordCounts() predicate.Predicate {
	counts := func(obj client.Object) bool {
		record, ok := obj.(*v1alpha1.ComplianceEvidence)
		return ok && milestone.Counts(record)
	}
	return predicate.Funcs{
		CreateFunc: func(e event.CreateEvent) bool { return counts(e.Object) },
		UpdateFunc: func(e event.UpdateEvent) bool { return counts(e.ObjectOld) != counts(e.ObjectNew) },
		DeleteFunc: func(e event.DeleteEvent) bool { return counts(e.Object) },
	}
}

// planJudged lets pass that a plan is accepted, as it is now, and that it is gone. Its counts are no matter of the Agencies,
// which they are counted from.
func planJudged() predicate.Predicate {
	return predicate.Funcs{
		CreateFunc: func(e event.CreateEvent) bool { return acceptedGeneration(e.Object) != 0 },
		UpdateFunc: func(e event.UpdateEvent) bool {
			after := acceptedGeneration(e.ObjectNew)
			return after != 0 && after != acceptedGeneration(e.ObjectOld)
		},
	}
}

// acceptedGeneration is the generation of a plan if it is accepted at that one, and 0 otherwise.
func acceptedGeneration(obj client.Object) int64 {
	if plan, ok := obj.(*v1alpha1.RolloutPlan); ok && planAccepted(plan) {
		return plan.Generation
	}
	return 0
}

func planAccepted(plan *v1alpha1.RolloutPlan) bool {
	return conditions.IsTrue(plan.Status.Conditions, v1alpha1.ConditionAccepted, plan.Generation)
}

func byNamespaceAndName(a, b v1alpha1.Connector) int {
	return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name))
}

func byName(a, b v1alpha1.RolloutPlan) int {
	return cmp.Compare(a.Name, b.Name)
}
