package profile

import (
	"context"
	"fmt"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/index"
	"lienthong.gov.vn/connector-operator/controllers/precedence"
)

// scope is what was read in one pass.
type scope struct {
	now     time.Time
	profile *v1alpha1.SecurityProfile
	// first is the name of the oldest profile for the same regime and level, which may be this one.
	first string
	// connectors are those that the profile rules, as the cache holds them: they are shared, so they are only read.
	connectors []v1alpha1.Connector
}

func (r *Reconciler) read(ctx context.Context, name string) (*scope, error) {
	s := &scope{now: r.Clock.Now(), profile: &v1alpha1.SecurityProfile{}}
	if err := r.Client.Get(ctx, client.ObjectKey{Name: name}, s.profile); err != nil {
		return nil, err
	}
	var same v1alpha1.SecurityProfileList
	key := index.RegimeAndLevel(s.profile.Spec.Regime, s.profile.Spec.Level)
	if err := r.Client.List(ctx, &same, client.MatchingFields{index.ProfileByRegimeAndLevel: key}); err != nil {
		return nil, fmt.Errorf("listing SecurityProfiles for %s: %w", key, err)
	}
	first := s.profile
	for i := range same.Items {
		if precedence.Precedes(&same.Items[i], first) {
			first = &same.Items[i]
		}
	}
	s.first = first.Name

	var connectors v1alpha1.ConnectorList
	if err := r.Client.List(ctx, &connectors, client.MatchingFields{index.ConnectorByProfile: name}, client.UnsafeDisableDeepCopy); err != nil {
		return nil, fmt.Errorf("listing Connectors: %w", err)
	}
	s.connectors = connectors.Items
	return s, nil
}
