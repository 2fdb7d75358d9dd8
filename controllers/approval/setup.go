package approval

import (
	"context"
	"fmt"
	"time"

	cmapi "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
	cmmeta "github.com/cert-manager/cert-manager/pkg/apis/meta/v1"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/metrics"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

const (
	// concurrency is how many requests are decided at once. Each takes one short write, and cert-manager waits for it.
	concurrency = 16
	// reconcileTimeout bounds one pass, so that a cache that cannot catch up holds no worker for ever.
	reconcileTimeout = time.Minute
)

// SetupWithManager registers the controller.
func (r *Reconciler) SetupWithManager(mgr ctrl.Manager) error {
	var err error
	if r.counters, err = newCounters(metrics.Registry); err != nil {
		return err
	}
	err = ctrl.NewControllerManagedBy(mgr).
		Named("approval").
		For(&cmapi.CertificateRequest{}, builder.WithPredicates(predicate.NewPredicateFuncs(undecided))).
		WithOptions(controller.Options{MaxConcurrentReconciles: concurrency, ReconciliationTimeout: reconcileTimeout}).
		// An issuer is guarded from the moment that a hub names it, also against requests that are there already.
		Watches(&v1alpha1.ExchangeHub{}, handler.EnqueueRequestsFromMapFunc(r.ofHub), builder.WithPredicates(predicate.GenerationChangedPredicate{})).
		Complete(r)
	if err != nil {
		return fmt.Errorf("setting up the controller of CertificateRequests: %w", err)
	}
	return nil
}

// Concerns tells whether a request is, or may become, one to judge: it is neither decided by the operator nor denied by anybody,
// and not for an issuer of the kind Issuer, which serves one namespace and is never a hub's. The cache keeps what is to be signed
// only of these.
func Concerns(request *cmapi.CertificateRequest) bool {
	if ofNamespace(request.Spec.IssuerRef) || condition(request, cmapi.CertificateRequestConditionDenied) != nil {
		return false
	}
	approver := approvedBy(request)
	return approver != approvedReason && (approver != "" || !finished(request))
}

func undecided(object client.Object) bool {
	request, ok := object.(*cmapi.CertificateRequest)
	return ok && Concerns(request)
}

// finished tells that the issuer has given its answer.
func finished(request *cmapi.CertificateRequest) bool {
	for _, c := range request.Status.Conditions {
		if c.Type == cmapi.CertificateRequestConditionReady &&
			(c.Reason == cmapi.CertificateRequestReasonIssued || c.Reason == cmapi.CertificateRequestReasonFailed) {
			return true
		}
	}
	return false
}

// condition finds a condition that is True.
func condition(request *cmapi.CertificateRequest, kind cmapi.CertificateRequestConditionType) *cmapi.CertificateRequestCondition {
	for i := range request.Status.Conditions {
		if c := &request.Status.Conditions[i]; c.Type == kind && c.Status == cmmeta.ConditionTrue {
			return c
		}
	}
	return nil
}

// ofHub finds the requests for a hub's issuer that nobody has decided.
func (r *Reconciler) ofHub(ctx context.Context, object client.Object) []reconcile.Request {
	hub, ok := object.(*v1alpha1.ExchangeHub)
	if !ok {
		return nil
	}
	var list cmapi.CertificateRequestList
	if err := r.Client.List(ctx, &list); err != nil {
		ctrl.LoggerFrom(ctx).Error(err, "The CertificateRequests for a hub's issuer could not be listed.", "exchangeHub", hub.Name)
		return nil
	}
	var requests []reconcile.Request
	for i := range list.Items {
		if request := &list.Items[i]; Concerns(request) && issuerOf(request.Spec.IssuerRef) == defaulted(hub.Spec.IssuerRef) {
			requests = append(requests, reconcile.Request{NamespacedName: client.ObjectKeyFromObject(request)})
		}
	}
	return requests
}
