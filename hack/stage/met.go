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

// removeMilestoneRecords removes what the operator recorded of the samples, which outlives them: the records of which both the agency and the plan are among
// the samples and gone. Where somebody else has an agency or a plan of such a name, its records stay.
func (s *Stage) removeMilestoneRecords(ctx context.Context, samples []*unstructured.Unstructured) error {
	gone := map[string]sets.Set[string]{"Agency": sets.New[string](), "RolloutPlan": sets.New[string]()}
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
	var records v1alpha1.MilestoneRecordList
	if err := s.Client.List(ctx, &records); err != nil {
		if meta.IsNoMatchError(err) || apierrors.IsNotFound(err) {
			return nil
		}
		return fmt.Errorf("listing MilestoneRecords: %w", err)
	}
	removed := 0
	for i := range records.Items {
		r := &records.Items[i]
		if !gone["Agency"].Has(r.Spec.Agency) || !gone["RolloutPlan"].Has(r.Spec.Plan) {
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
