package class

import (
	"context"
	"fmt"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/index"
)

// scope is what was read in one pass.
type scope struct {
	now   time.Time
	class *v1alpha1.ConnectorClass
	// connectors are those that name the class, as the cache holds them: they are shared, so they are only read.
	connectors []v1alpha1.Connector
}

func (r *Reconciler) read(ctx context.Context, name string) (*scope, error) {
	s := &scope{now: r.Clock.Now(), class: &v1alpha1.ConnectorClass{}}
	if err := r.Client.Get(ctx, client.ObjectKey{Name: name}, s.class); err != nil {
		return nil, err
	}
	var connectors v1alpha1.ConnectorList
	if err := r.Client.List(ctx, &connectors, client.MatchingFields{index.ConnectorByClass: name}, client.UnsafeDisableDeepCopy); err != nil {
		return nil, fmt.Errorf("listing Connectors: %w", err)
	}
	s.connectors = connectors.Items
	return s, nil
}
