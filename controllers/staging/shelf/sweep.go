package shelf

import (
	"context"
	"errors"
	"fmt"

	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/apimachinery/pkg/util/sets"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/desired"
	"lienthong.gov.vn/connector-operator/controllers/staging"
	"lienthong.gov.vn/connector-operator/controllers/turns"
)

// Sweep removes revisions that nobody needs, whichever object they were stored for: not to be kept, not that of any object as it is or as its
// status knows it, and of no Connector.
func (s *Shelf) Sweep(ctx context.Context, keep sets.Set[string]) error {
	objects, err := s.Kind.Objects(ctx, s.Client)
	if err != nil {
		return err
	}
	for _, o := range objects {
		keep = keep.Union(turns.Current(o.Revision, o.Told))
	}
	var stored appsv1.ControllerRevisionList
	if err := s.Client.List(ctx, &stored, client.InNamespace(s.Namespace),
		client.MatchingLabels{desired.LabelManagedBy: desired.ManagedBy}); err != nil {
		return fmt.Errorf("listing ControllerRevisions: %w", err)
	}
	var errs []error
	for i := range stored.Items {
		if one := &stored.Items[i]; !keep.Has(staging.RevisionOf(one)) && s.Kind.Ours(one) && one.DeletionTimestamp == nil {
			errs = append(errs, s.removeUnlessHad(ctx, one))
		}
	}
	return errors.Join(errs...)
}

func (s *Shelf) removeUnlessHad(ctx context.Context, stored *appsv1.ControllerRevision) error {
	var has v1alpha1.ConnectorList
	revision := staging.RevisionOf(stored)
	err := s.Client.List(ctx, &has, client.MatchingFields{s.Kind.Connectors: revision}, client.Limit(1), client.UnsafeDisableDeepCopy)
	if err != nil {
		return fmt.Errorf("listing the Connectors with revision %s: %w", revision, err)
	}
	if len(has.Items) > 0 {
		return nil
	}
	if err := client.IgnoreNotFound(s.Client.Delete(ctx, stored, client.Preconditions{UID: &stored.UID})); err != nil {
		return fmt.Errorf("removing ControllerRevision %s/%s, which nobody needs: %w", stored.Namespace, stored.Name, err)
	}
	return nil
}
