package connector

import (
	"context"
	"errors"
	"strings"

	cmapi "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/apply"
	"lienthong.gov.vn/connector-operator/controllers/desired"
)

// act applies every child. A refused Connector provisions nothing, and what already runs is left as it is but for what it is to
// trust, as under one that waits for its turn, unless it asks for less than rules it: what runs is then made by what rules it. A paused one
// is not written to, unless it has lost the right to its identity. One child that cannot be written does not hold up the others.
func (r *Reconciler) act(ctx context.Context, s *scope) error {
	switch {
	case s.refusal != nil && s.refusal.lost:
		return r.withdraw(ctx, s)
	case s.paused():
		return nil
	case s.awaitsTurn() && !s.stopped():
		return errors.Join(r.keepTrust(ctx, s), r.replaceAsItIs(ctx, s))
	case s.stopped():
		return r.keepTrust(ctx, s)
	}
	for _, child := range s.children {
		s.note(r.applyChild(ctx, s, child))
	}
	if s.unapplied == nil && s.replacement() != nil && s.plan.retryAt.IsZero() {
		_, err := r.Delivery.Replace(ctx, s.connector)
		return err
	}
	return s.unapplied
}

// applyChild applies one child. No pods are made while anything that they need, or that isolates them, is not in place; the
// Deployment comes last for that reason.
func (r *Reconciler) applyChild(ctx context.Context, s *scope, child client.Object) error {
	if _, ok := child.(*appsv1.Deployment); ok && !s.applied() {
		return nil
	}
	held := false
	if s.plan.closed && !s.urgent(child) {
		var err error
		if child, held, err = r.holdBack(ctx, s, child); err != nil {
			return err
		}
	}
	s.heldBack = s.heldBack || held
	if _, err := r.Children.Apply(ctx, s.connector, child, s.wasBlocked()); err != nil || held {
		return err
	}
	return s.written.note(child)
}

// urgent tells whether a change of the child does not wait for a maintenance window: the leaf is replaced because it has to be, or the hub
// gave it its turn knowing the windows; and pods are restarted that cannot wait.
func (s *scope) urgent(child client.Object) bool {
	switch child.(type) {
	case *appsv1.Deployment:
		return s.plan.restartUrgent
	default:
		return s.plan.demand != nil && s.plan.demand.urgent || s.hasTurn()
	}
}

// holdBack leaves as it is what a change of the child would disturb, until a maintenance window opens.
func (r *Reconciler) holdBack(ctx context.Context, s *scope, child client.Object) (result client.Object, held bool, err error) {
	live, err := r.Children.Cached(ctx, child)
	if err != nil || live == nil || !apply.Ours(s.connector, live) {
		return child, false, err
	}
	if result, held = desired.HoldBack(child, live, s.written.of(child)); !held {
		return child, false, nil
	}
	switch {
	case isDeployment(child) && s.plan.restartFor != desired.RestartedFor(s.deployment.Spec.Template):
		s.plan.hold("the pods are to be restarted, because they do not take up what is new while they run")
	case isDeployment(child):
		s.plan.hold(otherPods)
	default:
		s.plan.hold("the certificate is to be replaced, because its issuer, names, life or key are to be others")
	}
	return result, true, nil
}

// written is what the operator last wrote of the parts whose change disturbs. It is told in the status, where tenants cannot write: what
// stands in the children themselves they could have written.
type written v1alpha1.WrittenDigests

func (w *written) of(child client.Object) string {
	if isDeployment(child) {
		return w.Workload
	}
	return w.Certificate
}

func (w *written) note(child client.Object) error {
	digest, err := desired.Disturbance(child)
	switch {
	case err != nil || digest == "":
	case isDeployment(child):
		w.Workload = digest
	default:
		w.Certificate = digest
	}
	return err
}

func isDeployment(object client.Object) bool {
	_, ok := object.(*appsv1.Deployment)
	return ok
}

// withdraw takes what it had from a Connector that has lost the right to its identity: no pod runs under it any more. The hub's
// controller revokes the identity.
func (r *Reconciler) withdraw(ctx context.Context, s *scope) error {
	if s.replicas() == 0 {
		return nil
	}
	deployment := s.deployment.DeepCopy()
	deployment.SetGroupVersionKind(appsv1.SchemeGroupVersion.WithKind("Deployment"))
	deployment.Spec.Replicas = new(int32)
	_, err := r.Children.Apply(ctx, s.connector, deployment, false)
	return err
}

// replaceAsItIs has the leaf of a Connector that waits for its turn replaced, if it has to be, by another one of the same Certificate.
func (r *Reconciler) replaceAsItIs(ctx context.Context, s *scope) error {
	replacement := s.replacement()
	if replacement == nil {
		return nil
	}
	live, err := child(ctx, r.Client, s.connector, &cmapi.Certificate{})
	if err != nil || live == nil {
		return err
	}
	certificate := live.DeepCopy()
	certificate.SetGroupVersionKind(cmapi.SchemeGroupVersion.WithKind(cmapi.CertificateKind))
	desired.AskFor(certificate, replacement)
	if _, err := r.Children.Apply(ctx, s.connector, certificate, false); err != nil || !s.plan.retryAt.IsZero() {
		return err
	}
	_, err = r.Delivery.Replace(ctx, s.connector)
	return err
}

// keepTrust brings to a Connector that is refused, or waits for its turn, and runs what it may trust and what is revoked, and nothing
// else: a mistake in one Connector must not keep somebody in whom the hub has shut out.
func (r *Reconciler) keepTrust(ctx context.Context, s *scope) error {
	if s.revocations == nil {
		return nil
	}
	live, err := child(ctx, r.Client, s.connector, &corev1.ConfigMap{})
	if err != nil || live == nil {
		return err
	}
	configMap := live.DeepCopy()
	configMap.SetGroupVersionKind(corev1.SchemeGroupVersion.WithKind("ConfigMap"))
	configMap.Data[desired.RevocationsKey] = string(s.revocations.Rendered)
	if s.bundle != nil {
		// Anchors that cannot be read leave those in force that the gateway has; what is revoked reaches it all the same.
		configMap.Data[desired.TrustKey] = s.bundle.PEM
	}
	_, err = r.Children.Apply(ctx, s.connector, configMap, false)
	return err
}

// note sorts what came of applying one child.
func (s *scope) note(err error) {
	var foreign *apply.ForeignObjectError
	switch {
	case err == nil:
	case errors.As(err, &foreign):
		s.foreign = append(s.foreign, foreign)
	default:
		s.unapplied = errors.Join(s.unapplied, err)
		if apierrors.IsInvalid(err) || apierrors.IsBadRequest(err) ||
			apierrors.IsForbidden(err) && !apierrors.HasStatusCause(err, corev1.NamespaceTerminatingCause) {
			s.rejected = append(s.rejected, err.Error())
		}
	}
}

func (s *scope) applied() bool { return s.unapplied == nil && len(s.foreign) == 0 }

// wasBlocked tells whether an object was in the way when the status was last written.
func (s *scope) wasBlocked() bool {
	c := meta.FindStatusCondition(s.before.Status.Conditions, v1alpha1.ConditionAccepted)
	return c != nil && c.Reason == v1alpha1.ReasonForeignObject
}

// build builds the children, or refuses the Connector for what the schema could not judge.
func build(in desired.Inputs) ([]client.Object, *refusal) {
	children, err := desired.All(in)
	if err != nil {
		problem := strings.ReplaceAll(err.Error(), "\n", "; ")
		return nil, &refusal{reason: reasonInvalidConfiguration, message: "The gateway could not work with this: " + problem + "."}
	}
	return children, nil
}
