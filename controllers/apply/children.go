package apply

import (
	"context"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/apiutil"

	"lienthong.gov.vn/connector-operator/controllers/desired"
)

// FieldManager is the name under which the operator writes.
const FieldManager = "lienthong-connector-operator"

// ForeignObjectError tells that an object has the name of a child but belongs to somebody else. It is left alone.
type ForeignObjectError struct {
	Kind, Namespace, Name, Owner string
}

// Error says what is in the way and what to do about it.
func (e *ForeignObjectError) Error() string {
	return fmt.Sprintf("%s %s/%s already exists and belongs to %s. It is left as it is; "+
		"rename or delete it, or choose another name for the Connector.", e.Kind, e.Namespace, e.Name, e.Owner)
}

// Children writes the children of Connectors.
type Children struct {
	// Client reads from the cache and writes to the API server.
	Client client.Client
	// Live reads from the API server; it is asked only when an object is in the way that the cache does not hold.
	Live client.Reader
	// Reverted is told of each child that somebody else had changed and that was put back; nil if nobody wants to know.
	Reverted func(owner metav1.Object, r Reversion)
	// Recreated is told of each child that was there, is gone, and was made again; nil if nobody wants to know. The operator itself deletes none.
	Recreated func(owner metav1.Object, kind string, child types.NamespacedName)

	echoes echoes
	homes  homes
}

// Apply makes the child exist as wanted, and tells whether it had to write. The error is a *ForeignObjectError if the name
// is taken by an object that is not owner's. With blocked, an object was in the way before, so the API server is asked whether it still
// is before anything is written.
func (c *Children) Apply(ctx context.Context, owner metav1.Object, want client.Object, blocked bool) (wrote bool, err error) {
	live, err := c.emptyLike(want)
	if err != nil {
		return false, err
	}
	key := client.ObjectKeyFromObject(want)
	// Most children are as they should be: what is only compared is not copied.
	switch err := c.Client.Get(ctx, key, live, client.UnsafeDisableDeepCopy); {
	case apierrors.IsNotFound(err) && blocked:
		return c.createUnlessTaken(ctx, owner, want, live)
	case apierrors.IsNotFound(err):
		return c.create(ctx, owner, want, live)
	case err != nil:
		return false, fmt.Errorf("reading %s %s: %w", kindOf(want), key, err)
	}
	return c.replace(ctx, owner, want, live)
}

// Cached gives the child as the cache knows it; nil if it does not.
func (c *Children) Cached(ctx context.Context, want client.Object) (client.Object, error) {
	live, err := c.emptyLike(want)
	if err != nil {
		return nil, err
	}
	key := client.ObjectKeyFromObject(want)
	switch err := c.Client.Get(ctx, key, live); {
	case apierrors.IsNotFound(err):
		return nil, nil //nolint:nilnil // there is none, and that is an answer
	case err != nil:
		return nil, fmt.Errorf("reading %s %s: %w", kindOf(want), key, err)
	}
	return live, nil
}

func (c *Children) createUnlessTaken(ctx context.Context, owner metav1.Object, want, live client.Object) (bool, error) {
	key := client.ObjectKeyFromObject(want)
	switch err := c.Live.Get(ctx, key, live); {
	case apierrors.IsNotFound(err):
		return c.create(ctx, owner, want, live)
	case err != nil:
		return false, fmt.Errorf("reading %s %s, which was in the way: %w", kindOf(want), key, err)
	}
	return c.replace(ctx, owner, want, live)
}

func (c *Children) create(ctx context.Context, owner metav1.Object, want, live client.Object) (bool, error) {
	key := client.ObjectKeyFromObject(want)
	w, err := wishOf(want)
	if err != nil {
		return false, err
	}
	made, ok := want.DeepCopyObject().(client.Object) // because the answer is written into it
	if !ok {
		return false, fmt.Errorf("a %s is no object of the API but a %T", kindOf(want), want)
	}
	err = c.Client.Create(ctx, made, client.FieldOwner(FieldManager))
	if err == nil {
		c.echoes.wishes.Store(made.GetUID(), w)
		if c.homes.seen(owner, want) && c.Recreated != nil {
			c.Recreated(owner, kindOf(want), key)
		}
		return true, nil
	}
	if !apierrors.IsAlreadyExists(err) {
		return false, fmt.Errorf("creating %s %s: %w", kindOf(want), key, err)
	}
	// The cache holds only objects that bear our labels: this one is somebody else's, or ours with its labels taken off.
	if err := c.Live.Get(ctx, key, live); err != nil {
		return false, fmt.Errorf("reading %s %s, which is in the way: %w", kindOf(want), key, err)
	}
	c.echoes.wishes.Store(live.GetUID(), w)
	return c.replace(ctx, owner, want, live)
}

func (c *Children) replace(ctx context.Context, owner metav1.Object, want, live client.Object) (bool, error) {
	if !Ours(owner, live) {
		return false, &ForeignObjectError{
			Kind: kindOf(want), Namespace: live.GetNamespace(), Name: live.GetName(), Owner: ownerOf(live),
		}
	}
	if live.GetDeletionTimestamp() != nil {
		// It comes back when it is gone: its deletion is an event of its own.
		return false, nil
	}
	c.homes.seen(owner, want)
	merged, changed := merge(want, live)
	if !changed {
		return false, c.echoes.wished(live.GetUID(), want)
	}
	reversion, err := c.reversion(want, live, merged)
	if err != nil {
		return false, err
	}
	if err := c.Client.Update(ctx, merged, client.FieldOwner(FieldManager)); err != nil {
		return false, fmt.Errorf("replacing %s %s: %w", kindOf(want), client.ObjectKeyFromObject(want), err)
	}
	c.echoes.wrote(merged)
	if reversion != nil && c.Reverted != nil {
		c.Reverted(owner, *reversion)
	}
	return true, nil
}

func (c *Children) emptyLike(want client.Object) (client.Object, error) {
	gvk, err := apiutil.GVKForObject(want, c.Client.Scheme())
	if err != nil {
		return nil, fmt.Errorf("finding the kind of %T: %w", want, err)
	}
	object, err := c.Client.Scheme().New(gvk)
	if err != nil {
		return nil, fmt.Errorf("making an empty %s: %w", gvk.Kind, err)
	}
	live, ok := object.(client.Object)
	if !ok {
		return nil, fmt.Errorf("a %s is no object of the API but a %T", gvk.Kind, object)
	}
	return live, nil
}

// Ours tells whether live belongs to owner. An object whose owner reference was taken off is still ours if it bears the
// Connector's UID; one that another controller owns is not, whatever it bears.
func Ours(owner, live metav1.Object) bool {
	if controller := metav1.GetControllerOf(live); controller != nil {
		return controller.UID == owner.GetUID()
	}
	return live.GetAnnotations()[desired.AnnotationConnectorUID] == string(owner.GetUID())
}

func ownerOf(live client.Object) string {
	if controller := metav1.GetControllerOf(live); controller != nil {
		return controller.Kind + " " + controller.Name
	}
	if manager := live.GetLabels()[desired.LabelManagedBy]; manager != "" && manager != desired.ManagedBy {
		return manager
	}
	return "somebody else"
}

func kindOf(object runtime.Object) string { return object.GetObjectKind().GroupVersionKind().Kind }
