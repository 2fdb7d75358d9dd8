package evidence

import (
	"context"

	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/types"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/predicate"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/compliance/dossier"
	"lienthong.gov.vn/connector-operator/controllers/conditions"
	"lienthong.gov.vn/connector-operator/controllers/index"
)

// related asks for the record that one supersedes, and for those that supersede it.
func (r *Reconciler) related(ctx context.Context, obj client.Object) []ctrl.Request {
	record, ok := obj.(*v1alpha1.ComplianceEvidence)
	if !ok {
		return nil
	}
	var requests []ctrl.Request
	if record.Spec.Supersedes != nil {
		requests = append(requests, request(record.Namespace, record.Spec.Supersedes.Name))
	}
	return append(requests, r.correcting(ctx, record.Namespace, record.Name)...)
}

// correcting asks for the records that supersede one.
func (r *Reconciler) correcting(ctx context.Context, namespace, name string) []ctrl.Request {
	return r.records(ctx, client.InNamespace(namespace), client.MatchingFields{index.EvidenceBySupersedes: name})
}

func (r *Reconciler) ofConnector(ctx context.Context, obj client.Object) []ctrl.Request {
	return r.records(ctx, client.InNamespace(obj.GetNamespace()), client.MatchingFields{index.EvidenceByConnector: obj.GetName()})
}

// ofAgency asks for the records of every Connector that the Agency, or one that belongs to it, is responsible for, and for those of what it
// performed: it operates a system by one of its names.
func (r *Reconciler) ofAgency(ctx context.Context, obj client.Object) []ctrl.Request {
	connectors, err := dossier.ConnectorsOf(ctx, r.Client, obj.GetName())
	return append(r.ofConnectors(ctx, connectors, err), r.records(ctx, client.MatchingFields{index.EvidenceByAgency: obj.GetName()})...)
}

func (r *Reconciler) ofHub(ctx context.Context, obj client.Object) []ctrl.Request {
	var list v1alpha1.ConnectorList
	err := r.Client.List(ctx, &list, client.MatchingFields{index.ConnectorByHub: obj.GetName()}, client.UnsafeDisableDeepCopy)
	var connectors []types.NamespacedName
	for i := range list.Items {
		connectors = append(connectors, client.ObjectKeyFromObject(&list.Items[i]))
	}
	return r.ofConnectors(ctx, connectors, err)
}

func (r *Reconciler) ofConnectors(ctx context.Context, connectors []types.NamespacedName, err error) []ctrl.Request {
	if err != nil {
		log.FromContext(ctx).Error(err, "listing Connectors")
	}
	var requests []ctrl.Request
	for _, key := range connectors {
		requests = append(requests, r.records(ctx, client.InNamespace(key.Namespace), client.MatchingFields{index.EvidenceByConnector: key.Name})...)
	}
	return requests
}

// ofProfile asks for the records of the profile's level, for which it may name other parties now, for those that correct one of them, and
// for all that name its regime, which may not have been there before.
func (r *Reconciler) ofProfile(ctx context.Context, obj client.Object) []ctrl.Request {
	profile, ok := obj.(*v1alpha1.SecurityProfile)
	if !ok {
		return nil
	}
	requests := r.records(ctx, client.MatchingFields{index.EvidenceByLevel: index.Level(profile.Spec.Level)})
	for _, corrected := range requests {
		requests = append(requests, r.correcting(ctx, corrected.Namespace, corrected.Name)...)
	}
	return append(requests, r.records(ctx, client.MatchingFields{index.EvidenceByRegime: profile.Spec.Regime})...)
}

func (r *Reconciler) records(ctx context.Context, opts ...client.ListOption) []ctrl.Request {
	var list v1alpha1.ComplianceEvidenceList
	if err := r.Client.List(ctx, &list, append(opts, client.UnsafeDisableDeepCopy)...); err != nil {
		log.FromContext(ctx).Error(err, "listing ComplianceEvidence")
		return nil
	}
	requests := make([]ctrl.Request, 0, len(list.Items))
	for i := range list.Items {
		requests = append(requests, request(list.Items[i].Namespace, list.Items[i].Name))
	}
	return requests
}

func request(namespace, name string) ctrl.Request {
	return ctrl.Request{NamespacedName: client.ObjectKey{Namespace: namespace, Name: name}}
}

// acceptanceChanged lets pass that a record is there, that it is gone, and that it is accepted or no longer so: only then it
// corrects another.
func acceptanceChanged() predicate.Predicate {
	return dossier.Changed(func(before, after *v1alpha1.ComplianceEvidence) bool { return accepted(before) != accepted(after) })
}

func accepted(record *v1alpha1.ComplianceEvidence) bool {
	return conditions.IsTrue(record.Status.Conditions, v1alpha1.ConditionAccepted, record.Generation)
}

// existenceChanged lets pass that a Connector is there or gone: neither its agency nor its hub can be changed.
func existenceChanged() predicate.Predicate {
	return dossier.Changed(func(before, after *v1alpha1.Connector) bool { return before.UID != after.UID })
}

// agencyChanged lets pass what says whose word counts, and which day it is. An agency's code never changes.
func agencyChanged() predicate.Predicate {
	return dossier.Changed(func(before, after *v1alpha1.Agency) bool {
		return before.Spec.TimeZone != after.Spec.TimeZone || before.Spec.OperatedBy != after.Spec.OperatedBy ||
			before.Spec.Names != after.Spec.Names ||
			!equality.Semantic.DeepEqual(before.Spec.ParentRef, after.Spec.ParentRef)
	})
}

func hubChanged() predicate.Predicate {
	return dossier.Changed(func(before, after *v1alpha1.ExchangeHub) bool { return before.Spec.Regime != after.Spec.Regime })
}

func profileChanged() predicate.Predicate {
	return dossier.Changed(func(before, after *v1alpha1.SecurityProfile) bool {
		return !equality.Semantic.DeepEqual(before.Spec.Approval, after.Spec.Approval)
	})
}
