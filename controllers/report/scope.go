package report

import (
	"context"
	"fmt"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/index"
	"lienthong.gov.vn/connector-operator/controllers/milestone"
)

// scope is what was read in one pass.
type scope struct {
	now  time.Time
	plan *v1alpha1.RolloutPlan
	// zone of the plan's dates, and the plan made ready; nil if it cannot be made ready.
	zone    *time.Location
	ready   *milestone.Plan
	history history
	// agencies are all of them, as the cache holds them: they are shared, so they are only read. They are read only if a report is due.
	agencies []v1alpha1.Agency
}

func (r *Reconciler) read(ctx context.Context, name string) (*scope, error) {
	s := &scope{now: r.Clock.Now(), plan: &v1alpha1.RolloutPlan{}}
	if err := r.Client.Get(ctx, client.ObjectKey{Name: name}, s.plan); err != nil {
		return nil, err
	}
	var reports v1alpha1.ReadinessReportList
	if err := r.Client.List(ctx, &reports, client.MatchingFields{index.ReportByPlan: name}, client.UnsafeDisableDeepCopy); err != nil {
		return nil, fmt.Errorf("listing ReadinessReports: %w", err)
	}
	var recorded *v1alpha1.ReportChainHead
	if s.plan.Status.Reports != nil {
		recorded = s.plan.Status.Reports.Last
	}
	s.history = historyOf(reports.Items, recorded)
	ready, problem := milestone.Compile(s.plan)
	if problem != nil {
		return s, nil
	}
	zone, err := time.LoadLocation(s.plan.Spec.TimeZone)
	if err != nil {
		return nil, fmt.Errorf("loading the time zone: %w", err)
	}
	s.zone, s.ready = zone, ready
	return s, nil
}

func (r *Reconciler) readAgencies(ctx context.Context, s *scope) error {
	var agencies v1alpha1.AgencyList
	if err := r.Client.List(ctx, &agencies, client.UnsafeDisableDeepCopy); err != nil {
		return fmt.Errorf("listing Agencies: %w", err)
	}
	s.agencies = agencies.Items
	return nil
}

// cacheBehind tells whether the head that only the plan's status knows of exists as it stands there, so that the cache has yet to learn of it.
func (r *Reconciler) cacheBehind(ctx context.Context, s *scope) (bool, error) {
	if !s.history.unseen {
		return false, nil
	}
	head := s.history.head
	live := &v1alpha1.ReadinessReport{}
	err := r.Live.Get(ctx, client.ObjectKey{Name: head.Name}, live)
	if apierrors.IsNotFound(err) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("reading ReadinessReport %s, the head of the chain: %w", head.Name, err)
	}
	return live.Spec.SHA256 == head.SHA256, nil
}

// accepted tells whether the plan can be honoured as it is.
func (s *scope) accepted() bool {
	return s.zone != nil && acceptedAt(s.plan)
}

// base is a report without what depends on its place in the chain.
func (s *scope) base(d *due, content v1alpha1.ReportContent) v1alpha1.ReadinessReportSpec {
	return v1alpha1.ReadinessReportSpec{
		Plan: v1alpha1.ReportedPlan{
			Name: s.plan.Name, Generation: s.plan.Generation, TimeZone: s.plan.Spec.TimeZone, Hub: s.plan.Spec.HubRef.Name,
		},
		Abandoned: s.history.abandoned, Trigger: d.trigger, DueAt: second(d.at), TakenAt: second(s.now), Late: new(d.late(s.now)),
		Content: content,
	}
}
