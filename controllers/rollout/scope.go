package rollout

import (
	"context"
	"fmt"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/milestone"
)

// scope is what was read in one pass.
type scope struct {
	now  time.Time
	plan *v1alpha1.RolloutPlan
	// hubFound tells that the plan's hub exists.
	hubFound bool
	// problem is why the plan cannot be made ready; nil if it can, and then ready is the plan, and ledger adds up all agencies as they are now.
	problem *milestone.Problem
	ready   *milestone.Plan
	ledger  *ledger
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
	return s, r.readAgencies(ctx, s)
}

// readAgencies reads all agencies for a new ledger, and otherwise those that have changed.
func (r *Reconciler) readAgencies(ctx context.Context, s *scope) error {
	kept, changed := r.books.take(s.plan)
	if kept == nil {
		return r.fillLedger(ctx, s)
	}
	s.ready, s.ledger = kept.plan, kept
	for name := range changed {
		agency := &v1alpha1.Agency{}
		err := r.Client.Get(ctx, client.ObjectKey{Name: name}, agency)
		switch {
		case err == nil:
			kept.update(name, agency)
		case apierrors.IsNotFound(err):
			kept.update(name, nil)
		default:
			return fmt.Errorf("reading Agency %s: %w", name, err)
		}
	}
	return nil
}

func (r *Reconciler) fillLedger(ctx context.Context, s *scope) error {
	if s.ready, s.problem = milestone.Compile(s.plan); s.problem != nil {
		return nil
	}
	// The agencies are shared with the cache, and the ledger keeps nothing of them that could be written.
	var agencies v1alpha1.AgencyList
	if err := r.Client.List(ctx, &agencies, client.UnsafeDisableDeepCopy); err != nil {
		return fmt.Errorf("listing Agencies: %w", err)
	}
	s.ledger = newLedger(s.plan.DeepCopy(), s.ready)
	s.ledger.fill(agencies.Items)
	r.books.keep(s.plan.Name, s.ledger)
	return nil
}
