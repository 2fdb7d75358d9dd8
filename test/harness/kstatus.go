package harness

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/fluxcd/cli-utils/pkg/kstatus/status"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

// CheckStatus fails the test if the status of the object, as it is in the cluster, cannot be read by kstatus or breaks the
// rules that every kind here shares. It reads the object anew.
func (e *Env) CheckStatus(t *testing.T, object client.Object) {
	t.Helper()
	if err := e.StatusIsLegal(t.Context(), object); err != nil {
		t.Error(err)
	}
}

// StatusIsLegal reads the object anew and says what is wrong with its status.
func (e *Env) StatusIsLegal(ctx context.Context, object client.Object) error {
	if err := e.Client.Get(ctx, client.ObjectKeyFromObject(object), object); err != nil {
		return fmt.Errorf("reading %T %s: %w", object, object.GetName(), err)
	}
	content, err := runtime.DefaultUnstructuredConverter.ToUnstructured(object)
	if err != nil {
		return fmt.Errorf("converting %T %s: %w", object, object.GetName(), err)
	}
	return legal(&unstructured.Unstructured{Object: content})
}

func legal(u *unstructured.Unstructured) error {
	name := u.GetKind() + " " + u.GetName()
	generation, _, err := unstructured.NestedInt64(u.Object, "status", "observedGeneration")
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if generation > u.GetGeneration() {
		return fmt.Errorf("%s: observedGeneration %d is ahead of generation %d", name, generation, u.GetGeneration())
	}
	conditions, err := conditionsOf(u)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if generation == 0 && len(conditions) == 0 {
		return nil
	}
	if err := consistent(conditions, generation); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	result, err := status.Compute(u)
	if err != nil {
		return fmt.Errorf("%s: kstatus cannot read it: %w", name, err)
	}
	ready := meta.IsStatusConditionTrue(conditions, v1alpha1.ConditionReady)
	if current := result.Status == status.CurrentStatus; current != (ready && generation == u.GetGeneration()) {
		return fmt.Errorf("%s: kstatus reads %s while Ready is %t: %s", name, result.Status, ready, result.Message)
	}
	return nil
}

func conditionsOf(u *unstructured.Unstructured) ([]metav1.Condition, error) {
	var holder struct {
		Status struct {
			Conditions []metav1.Condition `json:"conditions"`
		} `json:"status"`
	}
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(u.Object, &holder); err != nil {
		return nil, fmt.Errorf("reading the conditions: %w", err)
	}
	return holder.Status.Conditions, nil
}

// consistent checks the conditions among themselves: Ready is there, is exactly the sum of the others, and goes along with
// Reconciling or Stalled as kstatus wants it.
func consistent(conditions []metav1.Condition, generation int64) error {
	var seen []string
	for _, c := range conditions {
		if slices.Contains(seen, c.Type) {
			return fmt.Errorf("condition %s is there twice", c.Type)
		}
		seen = append(seen, c.Type)
		if c.ObservedGeneration != generation {
			return fmt.Errorf("condition %s tells of generation %d, the status of %d", c.Type, c.ObservedGeneration, generation)
		}
		if c.Reason == "" || c.Message == "" || c.LastTransitionTime.IsZero() {
			return fmt.Errorf("condition %s lacks a reason, a message or a time", c.Type)
		}
	}
	ready := meta.FindStatusCondition(conditions, v1alpha1.ConditionReady)
	if ready == nil {
		return fmt.Errorf("there is no condition Ready")
	}
	reconciling := meta.IsStatusConditionTrue(conditions, v1alpha1.ConditionReconciling)
	stalled := meta.IsStatusConditionTrue(conditions, v1alpha1.ConditionStalled)
	if ready.Status == metav1.ConditionTrue {
		return allTrue(conditions, reconciling || stalled)
	}
	if reconciling == stalled {
		return fmt.Errorf("condition Ready is %s, so exactly one of Reconciling and Stalled should be True (%t, %t)", ready.Status, reconciling, stalled)
	}
	return nil
}

func allTrue(conditions []metav1.Condition, abnormal bool) error {
	if abnormal {
		return fmt.Errorf("condition Ready is True together with Reconciling or Stalled")
	}
	for _, c := range conditions {
		if c.Status != metav1.ConditionTrue && !slices.Contains(besideReady(), c.Type) {
			return fmt.Errorf("condition Ready is True while %s is %s", c.Type, c.Status)
		}
	}
	return nil
}

// besideReady are the conditions that Ready does not sum up.
func besideReady() []string {
	return []string{
		v1alpha1.ConditionRolloverComplete, v1alpha1.ConditionCertificateExpiring, v1alpha1.ConditionRenewalAccepted,
		v1alpha1.ConditionMaintenanceHeld, v1alpha1.ConditionReportWritten, v1alpha1.ConditionNoticesDropped,
	}
}
