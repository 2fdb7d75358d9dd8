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
)

// Sweep removes revisions that nobody needs, whichever object they were stored for: not to be kept, and of no Connector by an index.
func (s *Shelf) Sweep(ctx context.Context, keep sets.Set[string], byRevision string) error {
	var stored appsv1.ControllerRevisionList
	if err := s.Client.List(ctx, &stored, client.InNamespace(s.Namespace),
		client.MatchingLabels{desired.LabelManagedBy: desired.ManagedBy}); err != nil {
		return fmt.Errorf("listing ControllerRevisions: %w", err)
	}
	var errs []error
	for i := range stored.Items {
		if one := &stored.Items[i]; !keep.Has(staging.RevisionOf(one)) && s.Kind.Ours(one) && one.DeletionTimestamp == nil {
			errs = append(errs, s.removeUnlessHad(ctx, one, byRevision))
		}
	}
	return errors.Join(errs...)
}

func (s *Shelf) removeUnlessHad(ctx context.Context, stored *appsv1.ControllerRevision, byRevision string) error {
	var has v1alpha1.ConnectorList
	revision := staging.RevisionOf(stored)
	err := s.Client.List(ctx, &has, client.MatchingFields{byRevision: revision}, client.Limit(1), client.UnsafeDisableDeepCopy)
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
