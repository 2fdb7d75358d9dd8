package milestone

import (
	"fmt"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/conditions"
)

// missing says in a sentence what is missing first for the requirements to hold. It is empty if nothing is. The connectors are
// those of the agency to the plan's hub.
func missing(requires []v1alpha1.MilestoneRequirement, hub string, connectors []v1alpha1.Connector) string {
	for _, r := range requires {
		if sentence := lacks(r, hub, connectors); sentence != "" {
			return sentence
		}
	}
	return ""
}

func lacks(r v1alpha1.MilestoneRequirement, hub string, connectors []v1alpha1.Connector) string {
	if r.Evidence != "" {
		// No kind of the API records evidence, so there cannot be any.
		return fmt.Sprintf("No record of %s exists.", r.Evidence)
	}
	if len(connectors) == 0 {
		return fmt.Sprintf("No Connector to hub %s acts for the agency.", hub)
	}
	var first *v1alpha1.Connector
	count := 0
	for i := range connectors {
		c := &connectors[i]
		if conditions.IsTrue(c.Status.Conditions, r.Condition, c.Generation) {
			continue
		}
		count++
		if first == nil || precedes(c, first) {
			first = c
		}
	}
	if first == nil {
		return ""
	}
	return describe(first, r.Condition) + others(count-1) + "."
}

// precedes orders Connectors by namespace and name, so that the same one is named each time.
func precedes(a, b *v1alpha1.Connector) bool {
	if a.Namespace != b.Namespace {
		return a.Namespace < b.Namespace
	}
	return a.Name < b.Name
}

// describe says how a condition fails. It repeats the reason and not the message, which changes too often to be copied.
func describe(c *v1alpha1.Connector, conditionType string) string {
	name := c.Namespace + "/" + c.Name
	condition := meta.FindStatusCondition(c.Status.Conditions, conditionType)
	switch {
	case condition == nil:
		return fmt.Sprintf("%s of Connector %s was not observed yet", conditionType, name)
	case condition.Status == metav1.ConditionTrue:
		return fmt.Sprintf("%s of Connector %s was not observed since its spec changed", conditionType, name)
	default:
		return fmt.Sprintf("%s of Connector %s is %s (%s)", conditionType, name, condition.Status, condition.Reason)
	}
}

func others(count int) string {
	switch count {
	case 0:
		return ""
	case 1:
		return ", and not True of 1 other"
	default:
		return fmt.Sprintf(", and not True of %d others", count)
	}
}
