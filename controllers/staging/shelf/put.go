package shelf

import (
	"context"
	"fmt"

	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/controllers/apply"
	"lienthong.gov.vn/connector-operator/controllers/staging"
)

// Shelf keeps the revisions of one kind.
type Shelf struct {
	Client client.Client
	// Live reads from the API server; it is asked only when a ControllerRevision is in the way that the cache does not hold.
	Live client.Reader
	Kind staging.Kind
	// Namespace is that of the operator.
	Namespace string
}

// Put stores a revision of the object of this name. If something else is in its place, obstacle is a whole sentence that says so.
func (s *Shelf) Put(ctx context.Context, name string, want *appsv1.ControllerRevision) (obstacle string, err error) {
	live, err := s.stored(ctx, want)
	if err != nil || live == nil {
		return "", err
	}
	switch {
	case !s.Kind.Ours(live):
		return inTheWay(live, "belongs to "+ownerOf(live)), nil
	case live.DeletionTimestamp != nil:
		// It comes back when it is gone: its deletion is an event of its own.
		return "", nil
	case !s.Kind.Holds(live, name):
		return inTheWay(live, "does not hold the revision that it is named after"), nil
	}
	return "", s.disown(ctx, live, want)
}

// stored gives what has the name of the newest revision; nil if nothing had, and the revision was created.
func (s *Shelf) stored(ctx context.Context, want *appsv1.ControllerRevision) (*appsv1.ControllerRevision, error) {
	key, live := client.ObjectKeyFromObject(want), &appsv1.ControllerRevision{}
	err := s.Client.Get(ctx, key, live)
	if err == nil {
		return live, nil
	}
	if !apierrors.IsNotFound(err) {
		return nil, fmt.Errorf("reading ControllerRevision %s: %w", key, err)
	}
	err = s.Client.Create(ctx, want.DeepCopy(), client.FieldOwner(apply.FieldManager))
	if err == nil {
		return nil, nil //nolint:nilnil // nothing was there, and that is an answer
	}
	if !apierrors.IsAlreadyExists(err) {
		return nil, fmt.Errorf("storing the newest revision as ControllerRevision %s: %w", key, err)
	}
	// The cache holds only objects that bear the operator's label, and may be a moment late.
	if err := s.Live.Get(ctx, key, live); err != nil {
		return nil, fmt.Errorf("reading ControllerRevision %s, which is in the way: %w", key, err)
	}
	return live, nil
}

// disown mends the labels, and takes off the owner of a revision that was stored when its profile owned it.
func (s *Shelf) disown(ctx context.Context, live, want *appsv1.ControllerRevision) error {
	mended := live.DeepCopy()
	mended.OwnerReferences = nil
	for key, value := range want.Labels {
		metav1.SetMetaDataLabel(&mended.ObjectMeta, key, value)
	}
	if equality.Semantic.DeepEqual(mended.ObjectMeta, live.ObjectMeta) {
		return nil
	}
	if err := s.Client.Update(ctx, mended, client.FieldOwner(apply.FieldManager)); err != nil {
		return fmt.Errorf("mending ControllerRevision %s: %w", client.ObjectKeyFromObject(live), err)
	}
	return nil
}

func inTheWay(object *appsv1.ControllerRevision, problem string) string {
	return fmt.Sprintf("ControllerRevision %s/%s already exists and %s. It is left as it is, and no Connector takes up the change before "+
		"the newest revision is stored there; delete it.", object.Namespace, object.Name, problem)
}

func ownerOf(object *appsv1.ControllerRevision) string {
	if controller := metav1.GetControllerOf(object); controller != nil {
		return controller.Kind + " " + controller.Name
	}
	return "somebody else"
}
