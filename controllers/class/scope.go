package class

import (
	"context"
	"fmt"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/index"
	"lienthong.gov.vn/connector-operator/controllers/staging"
	"lienthong.gov.vn/connector-operator/controllers/turns"
)

// scope is what was read in one pass, and what was concluded from it.
type scope struct {
	now time.Time
	// class is the object to write the status of; before is as it was read.
	class, before *v1alpha1.ConnectorClass
	// connectors are those that name the class, as the cache holds them: they are shared, so they are only read.
	connectors []v1alpha1.Connector

	// obstacle is set by store: a whole sentence if something else is where the newest revision is to be stored.
	obstacle string
	// decision is set after that.
	decision turns.Decision
}

func (r *Reconciler) read(ctx context.Context, name string) (*scope, error) {
	s := &scope{now: r.Clock.Now(), before: &v1alpha1.ConnectorClass{}}
	if err := r.Client.Get(ctx, client.ObjectKey{Name: name}, s.before); err != nil {
		return nil, err
	}
	s.class = s.before.DeepCopy()
	var connectors v1alpha1.ConnectorList
	if err := r.Client.List(ctx, &connectors, client.MatchingFields{index.ConnectorByClass: name}, client.UnsafeDisableDeepCopy); err != nil {
		return nil, fmt.Errorf("listing Connectors: %w", err)
	}
	s.connectors = connectors.Items
	return s, nil
}

// fleet is what the planner is told.
func (s *scope) fleet() turns.Fleet {
	return turns.Fleet{
		Now: s.now, Of: turns.Class(), Revision: staging.ClassRevision(s.class.Spec), Policy: s.class.Spec.Rollout,
		Connectors: s.connectors, Before: s.before.Status.Rollout, Obstacle: s.obstacle,
	}
}
