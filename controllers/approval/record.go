package approval

import (
	"context"
	"fmt"

	cmapi "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
	cmmeta "github.com/cert-manager/cert-manager/pkg/apis/meta/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/apply"
)

// approvedReason is by what the operator's decisions are known.
const approvedReason = v1alpha1.GroupName

// Reasons of Events.
const (
	reasonDenied          = "CertificateRequestDenied"
	reasonWithheld        = "CertificateRequestWithheld"
	reasonApprovedByOther = "ApprovedByOther"
)

func (r *Reconciler) approve(ctx context.Context, s *scope) error {
	r.told.Delete(client.ObjectKeyFromObject(s.request))
	return r.write(ctx, s.request, cmapi.CertificateRequestConditionApproved,
		fmt.Sprintf("This is what the operator asks for as the identity of Connector %s.", s.connector.Name))
}

// deny writes the reason on the request, where cert-manager takes it up into the Certificate, and tells of it.
func (r *Reconciler) deny(ctx context.Context, s *scope, o *objection) error {
	if err := r.write(ctx, s.request, cmapi.CertificateRequestConditionDenied, o.message); err != nil {
		return err
	}
	r.told.Delete(client.ObjectKeyFromObject(s.request))
	r.counters.denied.WithLabelValues(o.reason).Inc()
	r.warn(s, reasonDenied, "Deny", fmt.Sprintf("CertificateRequest %s was denied: %s", s.request.Name, o.message))
	return nil
}

// withhold tells, once, that a request differs from what the operator asks for and is kept back until its Certificate is put right.
func (r *Reconciler) withhold(s *scope, o *objection) {
	if _, before := r.told.LoadOrStore(client.ObjectKeyFromObject(s.request), nil); before {
		return
	}
	r.warn(s, reasonWithheld, "Withhold", fmt.Sprintf("CertificateRequest %s is not approved: %s", s.request.Name, o.message))
}

// alarm tells, once, that somebody else approved what the operator would have denied.
func (r *Reconciler) alarm(ctx context.Context, s *scope, o *objection) {
	if _, before := r.told.LoadOrStore(client.ObjectKeyFromObject(s.request), nil); before {
		return
	}
	ctrl.LoggerFrom(ctx).Info("Somebody else approved a CertificateRequest for a hub's issuer that would have been denied.",
		"approver", s.otherApprover, "issuer", nameOf(s.request.Spec.IssuerRef), "reason", o.reason, "problem", o.message)
	r.counters.overruled.WithLabelValues(o.reason).Inc()
	r.warn(s, reasonApprovedByOther, "Approve", fmt.Sprintf(
		"CertificateRequest %s for %s was approved by %s, and would have been denied: %s Keep other approvers off this issuer.",
		s.request.Name, nameOf(s.request.Spec.IssuerRef), s.otherApprover, o.message))
}

// warn writes an Event on the request and, if it claims to be a Connector's, on that.
func (r *Reconciler) warn(s *scope, reason, action, message string) {
	var connector runtime.Object
	if s.connector != nil {
		connector = s.connector
		r.Recorder.Eventf(s.connector, s.request, corev1.EventTypeWarning, reason, action, "%s", message)
	}
	r.Recorder.Eventf(s.request, connector, corev1.EventTypeWarning, reason, action, "%s", message)
}

// write adds the decision. Others write this status too, so the write fails if anybody has since the request was read.
func (r *Reconciler) write(ctx context.Context, before *cmapi.CertificateRequest, kind cmapi.CertificateRequestConditionType, message string) error {
	request := before.DeepCopy()
	request.Status.Conditions = append(request.Status.Conditions, cmapi.CertificateRequestCondition{
		Type: kind, Status: cmmeta.ConditionTrue, Reason: approvedReason, Message: message,
		LastTransitionTime: new(metav1.NewTime(r.Clock.Now())),
	})
	patch := client.MergeFromWithOptions(before, client.MergeFromWithOptimisticLock{})
	if err := r.Client.Status().Patch(ctx, request, patch, client.FieldOwner(apply.FieldManager)); err != nil {
		return fmt.Errorf("writing the condition %s: %w", kind, err)
	}
	return nil
}
