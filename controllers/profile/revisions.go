package profile

import (
	"context"
	"fmt"

	"k8s.io/apimachinery/pkg/util/sets"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/index"
	"lienthong.gov.vn/connector-operator/controllers/staging"
	"lienthong.gov.vn/connector-operator/controllers/staging/shelf"
	"lienthong.gov.vn/connector-operator/controllers/turns"
)

func (r *Reconciler) shelf() *shelf.Shelf {
	return &shelf.Shelf{Client: r.Client, Live: r.Live, Kind: staging.Profiles(), Namespace: r.OperatorNamespace}
}

// store keeps the newest revision, before anybody gets a turn.
func (r *Reconciler) store(ctx context.Context, s *scope) error {
	want, err := staging.ProfileObject(s.profile, r.OperatorNamespace)
	if err != nil {
		return err
	}
	s.obstacle, err = r.shelf().Put(ctx, s.profile.Name, want)
	return err
}

// sweep removes revisions that are not to be kept, not that of any profile, and of no Connector.
func (r *Reconciler) sweep(ctx context.Context, keep sets.Set[string]) error {
	var profiles v1alpha1.SecurityProfileList
	if err := r.Client.List(ctx, &profiles, client.UnsafeDisableDeepCopy); err != nil {
		return fmt.Errorf("listing SecurityProfiles: %w", err)
	}
	for i := range profiles.Items {
		keep = keep.Union(turns.Current(staging.Revision(profiles.Items[i].Spec), profiles.Items[i].Status.Rollout))
	}
	return r.shelf().Sweep(ctx, keep, index.ConnectorByRevision)
}
