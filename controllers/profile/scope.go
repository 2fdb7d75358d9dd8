package profile

import (
	"context"
	"fmt"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/index"
	"lienthong.gov.vn/connector-operator/controllers/precedence"
	"lienthong.gov.vn/connector-operator/controllers/staging"
	"lienthong.gov.vn/connector-operator/controllers/turns"
)

// scope is what was read in one pass, and what was concluded from it.
type scope struct {
	now time.Time
	// profile is the object to write the status of; before is as it was read.
	profile, before *v1alpha1.SecurityProfile
	// first is the name of the oldest profile for the same regime and level, which may be this one.
	first string
	// connectors are those that the profile rules, as the cache holds them: they are shared, so they are only read.
	connectors []v1alpha1.Connector

	// obstacle is set by store: a whole sentence if something else is where the newest revision is to be stored.
	obstacle string
	// decision is set after that.
	decision turns.Decision
}

func (r *Reconciler) read(ctx context.Context, name string) (*scope, error) {
	s := &scope{now: r.Clock.Now(), before: &v1alpha1.SecurityProfile{}}
	if err := r.Client.Get(ctx, client.ObjectKey{Name: name}, s.before); err != nil {
		return nil, err
	}
	s.profile = s.before.DeepCopy()
	first, err := index.RulingProfile(ctx, r.Client, s.profile.Spec.Regime, s.profile.Spec.Level)
	if err != nil {
		return nil, err
	}
	s.first = s.profile.Name
	if first != nil && precedence.Precedes(first, s.profile) {
		s.first = first.Name
	}
	var connectors v1alpha1.ConnectorList
	if err := r.Client.List(ctx, &connectors, client.MatchingFields{index.ConnectorByProfile: name}, client.UnsafeDisableDeepCopy); err != nil {
		return nil, fmt.Errorf("listing Connectors: %w", err)
	}
	s.connectors = connectors.Items
	return s, nil
}

// fleet is what the planner is told.
func (s *scope) fleet() turns.Fleet {
	return turns.Fleet{
		Now: s.now, Of: turns.Profile(), Revision: staging.Revision(s.profile.Spec), Policy: s.profile.Spec.Rollout,
		Connectors: s.connectors, Before: s.before.Status.Rollout, Obstacle: s.obstacle,
	}
}
