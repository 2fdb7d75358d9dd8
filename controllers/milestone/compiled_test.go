package milestone

import (
	"testing"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

// A plan is made ready once for each generation, whoever asks, and again when it was created again.
func TestPlansAreCompiledOnce(t *testing.T) {
	var c Compiled
	plan := onePlan()
	first, _ := c.Of(plan)
	counted := plan.DeepCopy()
	counted.Status.Agencies = new(int32(7))
	if again, _ := c.Of(counted); again != first {
		t.Error("a plan was made ready again because its status has changed")
	}
	edited := plan.DeepCopy()
	edited.Generation++
	edited.Spec.TimeZone = "Asia/Hanoi"
	if _, problem := c.Of(edited); problem == nil || problem.Reason != v1alpha1.ReasonInvalidTimeZone {
		t.Errorf("the problem of the edited plan is %v", problem)
	}
	created := edited.DeepCopy()
	created.UID, created.Spec.TimeZone = "another", "UTC"
	if _, problem := c.Of(created); problem != nil {
		t.Errorf("the plan that was created again has the problem %v", problem)
	}
	other := onePlan()
	other.Name = "other"
	second, _ := c.Of(other)
	c.Prune([]v1alpha1.RolloutPlan{*other})
	if again, _ := c.Of(other); again != second || len(c.plans) != 1 {
		t.Errorf("%d plans are kept, want the one that is left", len(c.plans))
	}
}
