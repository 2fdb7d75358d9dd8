package rollout

import (
	"context"
	"fmt"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

// scope is what was read in one pass.
type scope struct {
	now  time.Time
	plan *v1alpha1.RolloutPlan
	// hubFound tells that the plan's hub exists.
	hubFound bool
	// agencies are all of them, as the cache holds them: they are shared, so they are only read.
	agencies []v1alpha1.Agency
}

func (r *Reconciler) read(ctx context.Context, name string) (*scope, error) {
	s := &scope{now: r.Clock.Now(), plan: &v1alpha1.RolloutPlan{}}
	if err := r.Client.Get(ctx, client.ObjectKey{Name: name}, s.plan); err != nil {
		return nil, err
	}
	hub := s.plan.Spec.HubRef.Name
	err := r.Client.Get(ctx, client.ObjectKey{Name: hub}, &v1alpha1.ExchangeHub{})
	if client.IgnoreNotFound(err) != nil {
		return nil, fmt.Errorf("reading ExchangeHub %s: %w", hub, err)
	}
	s.hubFound = !apierrors.IsNotFound(err)

	var agencies v1alpha1.AgencyList
	if err := r.Client.List(ctx, &agencies, client.UnsafeDisableDeepCopy); err != nil {
		return nil, fmt.Errorf("listing Agencies: %w", err)
	}
	s.agencies = agencies.Items
	return s, nil
}
