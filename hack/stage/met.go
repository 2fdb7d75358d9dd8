package stage

import (
	"context"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/sets"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

const (
	kindAgency = "Agency"
	kindPlan   = "RolloutPlan"
)

// removeOutlasting removes what the operator wrote of the samples and what outlives them: MilestoneRecords of which both the agency and the plan
// are among the samples and gone, and ReadinessReports of such plans. Where somebody else has an agency or a plan of such a name, they stay.
func (s *Stage) removeOutlasting(ctx context.Context, samples []*unstructured.Unstructured) error {
	gone := map[string]sets.Set[string]{kindAgency: sets.New[string](), kindPlan: sets.New[string]()}
	for _, object := range samples {
		names, ours := gone[object.GetKind()]
		if !ours {
			continue
		}
		seen, err := s.look(ctx, object)
		if err != nil {
			return err
		}
		if seen == nil {
			names.Insert(object.GetName())
		}
	}
	if err := s.removeMilestoneRecords(ctx, gone[kindAgency], gone[kindPlan]); err != nil {
		return err
	}
	return s.removeReports(ctx, gone[kindPlan])
}

func (s *Stage) removeMilestoneRecords(ctx context.Context, agencies, plans sets.Set[string]) error {
	var records v1alpha1.MilestoneRecordList
	if err := s.listed(ctx, &records); err != nil {
		return fmt.Errorf("listing MilestoneRecords: %w", err)
	}
	removed := 0
	for i := range records.Items {
		r := &records.Items[i]
		if !agencies.Has(r.Spec.Agency) || !plans.Has(r.Spec.Plan) {
			continue
		}
		if err := client.IgnoreNotFound(s.Client.Delete(ctx, r)); err != nil {
			return fmt.Errorf("removing MilestoneRecord %s: %w", r.Name, err)
		}
		removed++
	}
	s.sayf("Removing the records of what the agencies met: %d objects", removed)
	return nil
}

func (s *Stage) removeReports(ctx context.Context, plans sets.Set[string]) error {
	var reports v1alpha1.ReadinessReportList
	if err := s.listed(ctx, &reports); err != nil {
		return fmt.Errorf("listing ReadinessReports: %w", err)
	}
	removed := 0
	for i := range reports.Items {
		r := &reports.Items[i]
		if !plans.Has(r.Spec.Plan.Name) {
			continue
		}
		if err := client.IgnoreNotFound(s.Client.Delete(ctx, r)); err != nil {
			return fmt.Errorf("removing ReadinessReport %s: %w", r.Name, err)
		}
		removed++
	}
	s.sayf("Removing the reports on the plans: %d objects", removed)
	return nil
}

// listed reads a list, which stays empty where there is no such kind.
func (s *Stage) listed(ctx context.Context, list client.ObjectList) error {
	err := s.Client.List(ctx, list)
	if meta.IsNoMatchError(err) || apierrors.IsNotFound(err) {
		return nil
	}
	return err
}
