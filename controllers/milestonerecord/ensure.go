package milestonerecord

import (
	"context"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

// +kubebuilder:rbac:groups=lienthong.gov.vn,resources=milestonerecords,verbs=get;list;watch;create

// Ensure creates the records that do not exist, and gives those that do: each as it is in the cluster, which may tell of an earlier time than
// was asked for.
func Ensure(ctx context.Context, c client.Client, wanted []v1alpha1.MilestoneRecordSpec) ([]v1alpha1.MilestoneRecord, error) {
	records := make([]v1alpha1.MilestoneRecord, 0, len(wanted))
	for _, spec := range wanted {
		record, err := createOrFind(ctx, c, spec)
		if err != nil {
			return nil, err
		}
		records = append(records, *record)
	}
	return records, nil
}

func createOrFind(ctx context.Context, c client.Client, spec v1alpha1.MilestoneRecordSpec) (*v1alpha1.MilestoneRecord, error) {
	name := Name(spec.Plan, spec.Milestone, spec.Agency)
	record := &v1alpha1.MilestoneRecord{ObjectMeta: metav1.ObjectMeta{Name: name}, Spec: spec}
	err := c.Create(ctx, record)
	if err == nil {
		return record, nil
	}
	if !apierrors.IsAlreadyExists(err) {
		return nil, fmt.Errorf("creating MilestoneRecord %s: %w", name, err)
	}
	if err := c.Get(ctx, client.ObjectKey{Name: name}, record); err != nil {
		return nil, fmt.Errorf("reading MilestoneRecord %s, which exists: %w", name, err)
	}
	if record.Spec.Plan != spec.Plan || record.Spec.Milestone != spec.Milestone || record.Spec.Agency != spec.Agency {
		return nil, fmt.Errorf("MilestoneRecord %s tells of Agency %s and milestone %s of plan %s, and not of Agency %s and milestone %s of plan %s; "+
			"the operator did not write it, so find out who did, and delete it",
			name, record.Spec.Agency, record.Spec.Milestone, record.Spec.Plan, spec.Agency, spec.Milestone, spec.Plan)
	}
	return record, nil
}
