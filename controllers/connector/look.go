package connector

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/controllers/apply"
	"lienthong.gov.vn/connector-operator/controllers/desired"
	"lienthong.gov.vn/connector-operator/controllers/observe"
	"lienthong.gov.vn/connector-operator/gateway/config"
	"lienthong.gov.vn/connector-operator/gateway/revocation"
)

// look reads what there is now: the leaf, what runs, and what each pod said.
func (r *Reconciler) look(ctx context.Context, s *scope) error {
	if err := errors.Join(r.readLeaf(ctx, s), r.readDeployment(ctx, s)); err != nil {
		return err
	}
	if err := r.readPods(ctx, s); err != nil {
		return err
	}
	s.seen = true
	return nil
}

// lookAgain reads what this pass may have changed. What it changed the pods have yet to follow, though the last status knows
// nothing of it.
func (r *Reconciler) lookAgain(ctx context.Context, s *scope) error {
	if err := errors.Join(r.readLeaf(ctx, s), r.readDeployment(ctx, s)); err != nil {
		s.seen = false
		return err
	}
	if s.expected != nil {
		s.expected.leaf = s.leaf.Issued
		s.expected.since = r.sightings.since(client.ObjectKeyFromObject(s.connector), s.expected.mark(), r.Clock.Now())
	}
	if s.lagging() {
		r.Observer.Watch(client.ObjectKeyFromObject(s.connector), s.targets, true)
	}
	return nil
}

func (r *Reconciler) readLeaf(ctx context.Context, s *scope) (err error) {
	s.leaf, err = r.Delivery.Look(ctx, s.connector)
	return err
}

func (r *Reconciler) readDeployment(ctx context.Context, s *scope) (err error) {
	s.deployment, err = child(ctx, r.Client, s.connector, &appsv1.Deployment{})
	return err
}

// expect tells what the pods should have in use. What runs under a paused Connector, or one that is refused and left alone, was right when it was written, and
// is measured by that.
func (r *Reconciler) expect(ctx context.Context, s *scope) error {
	configMap, err := r.configMap(ctx, s)
	if err != nil || configMap == nil || s.bundle == nil || s.revocations == nil {
		return err
	}
	s.expected = &expected{
		leaf: s.leaf.Issued, trust: s.bundle.Parsed.Digest, config: config.Digest([]byte(configMap.Data[desired.ConfigKey])),
		revocations: s.revocations.Digest,
	}
	if s.paused() {
		s.expected.revocations = revocationsOf(configMap)
	}
	return nil
}

func (r *Reconciler) configMap(ctx context.Context, s *scope) (*corev1.ConfigMap, error) {
	if s.stopped() || s.paused() || s.awaitsTurn() {
		return child(ctx, r.Client, s.connector, &corev1.ConfigMap{})
	}
	built, err := desired.ConfigMap(r.inputs(s))
	if err != nil {
		return nil, nil //nolint:nilerr,nilnil // what cannot be built refuses the Connector when its children are built
	}
	return built, nil
}

func revocationsOf(configMap *corev1.ConfigMap) string {
	list, ok := configMap.Data[desired.RevocationsKey]
	if !ok {
		return ""
	}
	return revocation.Digest([]byte(list))
}

func (r *Reconciler) readPods(ctx context.Context, s *scope) error {
	key := client.ObjectKeyFromObject(s.connector)
	var list corev1.PodList
	err := r.Client.List(ctx, &list, client.InNamespace(key.Namespace), client.MatchingLabels(desired.Selector(key.Name)))
	if err != nil {
		return fmt.Errorf("listing the gateway pods of Connector %s: %w", key, err)
	}
	for i := range list.Items {
		if t, ok := r.target(s, &list.Items[i]); ok {
			s.targets = append(s.targets, t)
		}
	}
	answers := r.Observer.Watch(key, s.targets, s.underWay(s.targets))
	for i := range list.Items {
		p := &list.Items[i]
		if leaves(p) {
			continue
		}
		s.pods = append(s.pods, podOf(p, s.targets, answers))
	}
	return nil
}

// leaves tells whether a pod is on its way out, or has failed and stays behind only as a record: an evicted pod is replaced,
// and its replacement counts.
func leaves(p *corev1.Pod) bool {
	return p.DeletionTimestamp != nil || p.Status.Phase == corev1.PodFailed || p.Status.Phase == corev1.PodSucceeded
}

func podOf(p *corev1.Pod, targets []observe.Target, answers map[types.UID]observe.Observation) pod {
	result := pod{
		name: p.Name, uid: p.UID, created: p.CreationTimestamp.Time, asked: true, sync: p.Annotations[desired.AnnotationSync],
		host: p.Spec.NodeName, zone: zoneOf(p),
	}
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
		SPIFFEID: s.spiffeID(),
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
