package fleet

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	cmapi "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/rest"
	toolscache "k8s.io/client-go/tools/cache"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/desired"
	"lienthong.gov.vn/connector-operator/test/harness"
)

// ChildKinds gives an object of each kind that a Connector consists of.
func ChildKinds() []client.Object {
	return []client.Object{
		&corev1.ServiceAccount{}, &cmapi.Certificate{}, &corev1.ConfigMap{}, &networkingv1.NetworkPolicy{},
		&policyv1.PodDisruptionBudget{}, &corev1.Service{}, &appsv1.Deployment{},
	}
}

// Birth tells of an object that exists: which it is, and when the Lookout first saw it.
type Birth struct {
	UID types.UID
	At  time.Time
}

// Ref is a child: its kind as a Go type, and the Connector that it belongs to.
type Ref struct {
	Kind      string
	Connector types.NamespacedName
}

// RefOf gives the Ref of a child of that kind.
func RefOf(kind client.Object, connector types.NamespacedName) Ref {
	return Ref{Kind: fmt.Sprintf("%T", kind), Connector: connector}
}

// Lookout watches all Connectors and what they consist of, with a connection of its own. What it is asked it answers from
// memory, so that looking costs the API server nothing.
type Lookout struct {
	cache.Cache

	mu       sync.Mutex
	children map[Ref]Birth
	requests map[types.NamespacedName]map[types.UID]bool
}

// Watch starts a Lookout that lasts as long as the context.
func Watch(ctx context.Context, env *harness.Env) (*Lookout, error) {
	own := cache.ByObject{Label: labels.SelectorFromSet(labels.Set{desired.LabelManagedBy: desired.ManagedBy})}
	options := cache.Options{
		Scheme: env.Scheme, DefaultTransform: cache.TransformStripManagedFields(),
		ByObject: map[client.Object]cache.ByObject{&corev1.Pod{}: own, &corev1.Secret{}: own, &cmapi.CertificateRequest{}: own},
	}
	for _, kind := range ChildKinds() {
		options.ByObject[kind] = own
	}
	c, err := cache.New(rest.CopyConfig(env.Admin), options)
	if err != nil {
		return nil, fmt.Errorf("making the lookout's cache: %w", err)
	}
	l := &Lookout{Cache: c, children: map[Ref]Birth{}, requests: map[types.NamespacedName]map[types.UID]bool{}}
	for _, kind := range ChildKinds() {
		informer, err := c.GetInformer(ctx, kind, cache.BlockUntilSynced(false))
		if err != nil {
			return nil, fmt.Errorf("watching %T: %w", kind, err)
		}
		if _, err := informer.AddEventHandler(toolscache.ResourceEventHandlerFuncs{AddFunc: l.born, DeleteFunc: l.gone}); err != nil {
			return nil, fmt.Errorf("watching %T: %w", kind, err)
		}
	}
	for _, kind := range []client.Object{&corev1.Pod{}, &corev1.Secret{}, &cmapi.CertificateRequest{}, &v1alpha1.Connector{}} {
		informer, err := c.GetInformer(ctx, kind, cache.BlockUntilSynced(false))
		if err != nil {
			return nil, fmt.Errorf("watching %T: %w", kind, err)
		}
		if _, ok := kind.(*cmapi.CertificateRequest); !ok {
			continue
		}
		seen := toolscache.ResourceEventHandlerFuncs{AddFunc: l.requested, UpdateFunc: func(_, now any) { l.requested(now) }}
		if _, err := informer.AddEventHandler(seen); err != nil {
			return nil, fmt.Errorf("watching %T: %w", kind, err)
		}
	}
	go func() { _ = c.Start(ctx) }() // Start ends with the context, and gives no error then.
	if !c.WaitForCacheSync(ctx) {
		return nil, errors.New("the lookout's cache could not be filled")
	}
	return l, nil
}

func (l *Lookout) born(event any) {
	now := time.Now()
	if object, ok := event.(client.Object); ok {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.children[childRef(object)] = Birth{object.GetUID(), now}
	}
}

func (l *Lookout) requested(event any) {
	object, ok := event.(client.Object)
	if !ok {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	key := client.ObjectKeyFromObject(object)
	if l.requests[key] == nil {
		l.requests[key] = map[types.UID]bool{}
	}
	l.requests[key][object.GetUID()] = true
}

// Requests counts the CertificateRequests of that name that there ever were, one after the other.
func (l *Lookout) Requests(key types.NamespacedName) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.requests[key])
}

func (l *Lookout) gone(event any) {
	if unknown, ok := event.(toolscache.DeletedFinalStateUnknown); ok {
		event = unknown.Obj
	}
	if object, ok := event.(client.Object); ok {
		l.mu.Lock()
		defer l.mu.Unlock()
		delete(l.children, childRef(object))
	}
}

func childRef(child client.Object) Ref {
	return RefOf(child, types.NamespacedName{Namespace: child.GetNamespace(), Name: child.GetLabels()[desired.LabelConnector]})
}

// Child gives the birth of a child, if it exists.
func (l *Lookout) Child(ref Ref) (Birth, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	birth, ok := l.children[ref]
	return birth, ok
}

// Children counts the children of all Connectors, and tells when the last of them appeared.
func (l *Lookout) Children() (count int, last time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, birth := range l.children {
		if birth.At.After(last) {
			last = birth.At
		}
	}
	return len(l.children), last
}

// Complete tells whether a Connector has all its children, and when the last of them appeared.
func (l *Lookout) Complete(connector types.NamespacedName) (complete bool, last time.Time) {
	for _, kind := range ChildKinds() {
		birth, ok := l.Child(RefOf(kind, connector))
		if !ok {
			return false, last
		}
		if birth.At.After(last) {
			last = birth.At
		}
	}
	return true, last
}

const (
	// pace is how often a Lookout's memory is looked at; that costs no call.
	pace = 10 * time.Millisecond
	// share bounds what looking takes of a processor, because it would be taken from what is looked at.
	share = 50
)

// Await waits until the check succeeds, and gives its last error if it does not in time.
func Await(ctx context.Context, patience time.Duration, check func() error) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		begun := time.Now()
		last := check()
		if last == nil {
			return nil
		}
		select {
		case <-time.After(max(pace, share*time.Since(begun))):
		case <-ctx.Done():
			return errors.Join(fmt.Errorf("waiting %s: %w", patience, ctx.Err()), last)
		}
	}
}
