package profile

import (
	"context"

	"lienthong.gov.vn/connector-operator/controllers/staging"
	"lienthong.gov.vn/connector-operator/controllers/staging/shelf"
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
