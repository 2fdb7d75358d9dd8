package connector

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/apply"
	"lienthong.gov.vn/connector-operator/controllers/desired"
	"lienthong.gov.vn/connector-operator/controllers/observe"
	"lienthong.gov.vn/connector-operator/gateway/config"
)

// act applies every child. A refused Connector provisions nothing, and what already runs is left as it is; a paused one is
// not written to. One child that cannot be written does not hold up the others.
func (r *Reconciler) act(ctx context.Context, s *scope) error {
	if s.refusal != nil {
		return nil
	}
	var children []client.Object
	if children, s.refusal = build(s.inputs(r.OperatorNamespace)); s.refusal != nil {
		return nil
	}
	for _, child := range children {
		if configMap, ok := child.(*corev1.ConfigMap); ok {
			s.configDigest = config.Digest([]byte(configMap.Data[desired.ConfigKey]))
		}
		if !s.paused() {
			s.note(r.applyChild(ctx, s, child))
		}
	}
	return s.unapplied
}

// applyChild applies one child. No pods are made while anything that they need, or that isolates them, is not in place; the
// Deployment comes last for that reason.
func (r *Reconciler) applyChild(ctx context.Context, s *scope, child client.Object) error {
	if _, ok := child.(*appsv1.Deployment); ok && !s.applied() {
		return nil
	}
	_, err := r.Children.Apply(ctx, s.connector, child, s.wasBlocked())
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
		return nil, &refusal{reason: reasonInvalidConfiguration, message: "The gateway could not work with this: " + strings.ReplaceAll(err.Error(), "\n", "; ") + "."}
	}
	return children, nil
}

// look reads what there is now: the children that tell how far things are, the pods, and what each pod said.
func (r *Reconciler) look(ctx context.Context, s *scope) error {
	if err := errors.Join(r.readCertificate(ctx, s), r.readDeployment(ctx, s)); err != nil {
		return err
	}
	if err := errors.Join(r.readConfig(ctx, s), r.readPods(ctx, s)); err != nil {
		return err
	}
	s.observed = true
	return nil
}

// readConfig learns what the pods should report of their configuration where nothing was built in this pass: what runs under a
// refused Connector was right when it was written, and is measured by that.
func (r *Reconciler) readConfig(ctx context.Context, s *scope) error {
	if s.configDigest != "" && !s.paused() {
		return nil
	}
	configMap, err := child(ctx, r.Client, s.connector, &corev1.ConfigMap{})
	if err != nil || configMap == nil {
		return err
	}
	s.configDigest = config.Digest([]byte(configMap.Data[desired.ConfigKey]))
	return nil
}

func (r *Reconciler) readDeployment(ctx context.Context, s *scope) (err error) {
	s.deployment, err = child(ctx, r.Client, s.connector, &appsv1.Deployment{})
	return err
}

func (r *Reconciler) readPods(ctx context.Context, s *scope) error {
	key := client.ObjectKeyFromObject(s.connector)
	var list corev1.PodList
	err := r.Client.List(ctx, &list, client.InNamespace(key.Namespace), client.MatchingLabels(desired.Selector(key.Name)))
	if err != nil {
		return fmt.Errorf("listing the gateway pods of Connector %s: %w", key, err)
	}
	var targets []observe.Target
	for i := range list.Items {
		if t, ok := r.target(s, &list.Items[i]); ok {
			targets = append(targets, t)
		}
	}
	answers := r.Observer.Watch(key, targets, s.underWay(targets))
	for i := range list.Items {
		p := &list.Items[i]
		if leaves(p) {
			continue
		}
		s.pods = append(s.pods, podOf(p, targets, answers))
	}
	// What this pass changed, or learned of the certificate, the pods have yet to follow, though the last status knows nothing of it.
	if s.lagging() {
		r.Observer.Watch(key, targets, true)
	}
	return nil
}

// leaves tells whether a pod is on its way out, or has failed and stays behind only as a record: an evicted pod is replaced,
// and its replacement counts.
func leaves(p *corev1.Pod) bool {
	return p.DeletionTimestamp != nil || p.Status.Phase == corev1.PodFailed || p.Status.Phase == corev1.PodSucceeded
}

func podOf(p *corev1.Pod, targets []observe.Target, answers map[types.UID]observe.Observation) pod {
	result := pod{name: p.Name, asked: true}
	result.ready, result.readySince = readiness(p)
	for _, t := range targets {
		if t.Pod != p.UID {
			continue
		}
		answer, known := answers[p.UID]
		result.asked = known
		if known {
			result.answer = &answer
		}
	}
	return result
}

// target tells how to ask a pod. Only a pod that is ready and has an address can be asked, and only while it is known whom to
// expect there.
func (r *Reconciler) target(s *scope, p *corev1.Pod) (observe.Target, bool) {
	if ready, _ := readiness(p); !ready || p.Status.PodIP == "" || s.agency == nil || s.hub == nil || s.class == nil || s.bundle == nil {
		return observe.Target{}, false
	}
	return observe.Target{
		Pod: p.UID, Namespace: p.Namespace, Name: p.Name,
		Address:  net.JoinHostPort(p.Status.PodIP, strconv.Itoa(int(s.class.Spec.Ports.Status))),
		Hub:      s.hub.Name,
		SPIFFEID: desired.SPIFFEID(s.hub, s.agency, s.connector),
		Anchors:  s.bundle.Parsed,
	}, true
}

// underWay tells from the last status whether some pod has yet to follow, so that the pods are asked more often.
func (s *scope) underWay(targets []observe.Target) bool {
	pods := s.connector.Status.ObservedPods
	return pods == nil || pods.Current == nil || int(*pods.Current) < len(targets)
}

// lagging tells whether some pod that has answered does not serve what the operator last handed out.
func (s *scope) lagging() bool {
	count := s.countPods()
	return count != nil && int(*count.Current) < len(s.reports())
}

// child reads a child from the cache; nil if it is not there, or is not ours.
func child[T client.Object](ctx context.Context, reader client.Reader, owner client.Object, into T) (T, error) {
	var none T
	key := types.NamespacedName{Namespace: owner.GetNamespace(), Name: desired.GatewayName(owner.GetName())}
	if err := reader.Get(ctx, key, into); err != nil {
		if client.IgnoreNotFound(err) == nil {
			return none, nil
		}
		return none, fmt.Errorf("reading %T %s: %w", into, key, err)
	}
	if !apply.Ours(owner, into) {
		return none, nil
	}
	return into, nil
}
