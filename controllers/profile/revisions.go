package profile

import (
	"context"
	"errors"
	"fmt"

	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/sets"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/apply"
	"lienthong.gov.vn/connector-operator/controllers/desired"
	"lienthong.gov.vn/connector-operator/controllers/index"
	"lienthong.gov.vn/connector-operator/controllers/staging"
)

// store keeps the newest revision, before anybody gets a turn: once the profile is changed again, it could not be known any more.
func (r *Reconciler) store(ctx context.Context, s *scope) error {
	want, err := staging.Object(s.profile, r.OperatorNamespace)
	if err != nil {
		return err
	}
	live, err := r.stored(ctx, want)
	if err != nil || live == nil {
		return err
	}
	switch {
	case !staging.Ours(live):
		s.obstacle = inTheWay(live, "belongs to "+ownerOf(live))
		return nil
	case live.DeletionTimestamp != nil:
		// It comes back when it is gone: its deletion is an event of its own.
		return nil
	case !staging.Holds(live, s.profile.Name):
		s.obstacle = inTheWay(live, "does not hold the revision that it is named after")
		return nil
	}
	return r.disown(ctx, live, want)
}

// stored gives what has the name of the newest revision; nil if nothing had, and the revision was created.
func (r *Reconciler) stored(ctx context.Context, want *appsv1.ControllerRevision) (*appsv1.ControllerRevision, error) {
	key, live := client.ObjectKeyFromObject(want), &appsv1.ControllerRevision{}
	err := r.Client.Get(ctx, key, live)
	if err == nil {
		return live, nil
	}
	if !apierrors.IsNotFound(err) {
		return nil, fmt.Errorf("reading ControllerRevision %s: %w", key, err)
	}
	err = r.Client.Create(ctx, want.DeepCopy(), client.FieldOwner(apply.FieldManager))
	if err == nil {
		return nil, nil //nolint:nilnil // nothing was there, and that is an answer
	}
	if !apierrors.IsAlreadyExists(err) {
		return nil, fmt.Errorf("storing the newest revision as ControllerRevision %s: %w", key, err)
	}
	// The cache holds only objects that bear the operator's label, and may be a moment late.
	if err := r.Live.Get(ctx, key, live); err != nil {
		return nil, fmt.Errorf("reading ControllerRevision %s, which is in the way: %w", key, err)
	}
	return live, nil
}

// disown mends the labels, and takes off the owner of a revision that was stored when its profile owned it.
func (r *Reconciler) disown(ctx context.Context, live, want *appsv1.ControllerRevision) error {
	mended := live.DeepCopy()
	mended.OwnerReferences = nil
	for key, value := range want.Labels {
		metav1.SetMetaDataLabel(&mended.ObjectMeta, key, value)
	}
	if equality.Semantic.DeepEqual(mended.ObjectMeta, live.ObjectMeta) {
		return nil
	}
	if err := r.Client.Update(ctx, mended, client.FieldOwner(apply.FieldManager)); err != nil {
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

// sweep removes revisions that nobody needs, whichever profile they were stored for: not to be kept, not that of any profile, and of no
// Connector.
func (r *Reconciler) sweep(ctx context.Context, keep sets.Set[string]) error {
	var stored appsv1.ControllerRevisionList
	if err := r.Client.List(ctx, &stored, client.InNamespace(r.OperatorNamespace),
		client.MatchingLabels{desired.LabelManagedBy: desired.ManagedBy}); err != nil {
		return fmt.Errorf("listing ControllerRevisions: %w", err)
	}
	var profiles v1alpha1.SecurityProfileList
	if err := r.Client.List(ctx, &profiles, client.UnsafeDisableDeepCopy); err != nil {
		return fmt.Errorf("listing SecurityProfiles: %w", err)
	}
	keep = keep.Union(ofProfiles(profiles.Items))
	var errs []error
	for i := range stored.Items {
		if one := &stored.Items[i]; !keep.Has(staging.RevisionOf(one)) && staging.Ours(one) && one.DeletionTimestamp == nil {
			errs = append(errs, r.removeUnlessHad(ctx, one))
		}
	}
	return errors.Join(errs...)
}

func (r *Reconciler) removeUnlessHad(ctx context.Context, stored *appsv1.ControllerRevision) error {
	var has v1alpha1.ConnectorList
	revision := staging.RevisionOf(stored)
	err := r.Client.List(ctx, &has, client.MatchingFields{index.ConnectorByRevision: revision}, client.Limit(1), client.UnsafeDisableDeepCopy)
	if err != nil {
		return fmt.Errorf("listing the Connectors with revision %s: %w", revision, err)
	}
	if len(has.Items) > 0 {
		return nil
	}
	if err := client.IgnoreNotFound(r.Client.Delete(ctx, stored, client.Preconditions{UID: &stored.UID})); err != nil {
		return fmt.Errorf("removing ControllerRevision %s/%s, which nobody needs: %w", stored.Namespace, stored.Name, err)
	}
	return nil
}

// ofProfiles are the revisions of profiles as they are, and as their statuses know them: the turns there may still bring somebody those.
func ofProfiles(profiles []v1alpha1.SecurityProfile) sets.Set[string] {
	revisions := sets.New[string]()
	for i := range profiles {
		revisions.Insert(staging.Revision(profiles[i].Spec))
		if told := profiles[i].Status.Rollout; told != nil {
			revisions.Insert(told.Revision)
		}
	}
	return revisions
}

// needed are the newest revision and, while turns go on that were given for an earlier change, that of then: a Connector may be about to
// tell that it has it.
func needed(before, now *v1alpha1.ProfileRolloutStatus) sets.Set[string] {
	revisions := sets.New(now.Revision)
	if before != nil && len(now.Batch) > 0 {
		revisions.Insert(before.Revision)
	}
	return revisions
}
