package milestone

import (
	"fmt"
	"slices"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/sets"
	"k8s.io/utils/ptr"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/conditions"
)

// observed is what the requirements of a plan are held against: the agency's Connectors to the plan's hub, all its evidence, and the milestones of the
// plan that it does not have to meet any more, because it has met them or is exempt.
type observed struct {
	hub        string
	connectors []v1alpha1.Connector
	records    []v1alpha1.ComplianceEvidence
	done       sets.Set[string]
	// paths are those that were found in this pass, by the name of the milestone.
	paths map[string]chain
}

// missing says in a sentence what is missing first for the requirements to hold. It is empty if nothing is.
func missing(requires []v1alpha1.MilestoneRequirement, o observed) string {
	if len(o.connectors) == 0 {
		return fmt.Sprintf("No Connector to hub %s acts for the agency.", o.hub)
	}
	for _, r := range requires {
		if sentence := lacks(r, o); sentence != "" {
			return sentence
		}
	}
	return ""
}

// lacking are all requirements that do not hold.
func lacking(requires []v1alpha1.MilestoneRequirement, o observed) []v1alpha1.MilestoneRequirement {
	return slices.DeleteFunc(slices.Clone(requires), func(r v1alpha1.MilestoneRequirement) bool {
		return (len(o.connectors) > 0 || r.Milestone != "") && lacks(r, o) == ""
	})
}

// lacks names the milestone that is not met, or the first Connector for which a requirement does not hold, and counts the others.
func lacks(r v1alpha1.MilestoneRequirement, o observed) string {
	if r.Milestone != "" {
		return lacksMilestone(r.Milestone, o.done)
	}
	fails, others := checkOf(r, o)
	var first *v1alpha1.Connector
	count := 0
	for i := range o.connectors {
		c := &o.connectors[i]
		if fails(c) == "" {
			continue
		}
		count++
		if first == nil || precedes(c, first) {
			first = c
		}
	}
	switch count {
	case 0:
		return ""
	case 1:
		return fails(first) + "."
	case 2:
		return fails(first) + others.one + "."
	default:
		return fails(first) + fmt.Sprintf(others.many, count-1) + "."
	}
}

func lacksMilestone(name string, done sets.Set[string]) string {
	if done.Has(name) {
		return ""
	}
	return fmt.Sprintf("Milestone %s is not met yet.", name)
}

// check says how a requirement fails for a Connector; it is empty if it holds.
type check func(*v1alpha1.Connector) string

// counted ends a sentence about one Connector with how many others are like it; many has a place for the number.
type counted struct{ one, many string }

func checkOf(r v1alpha1.MilestoneRequirement, o observed) (check, counted) {
	switch {
	case r.Evidence != "":
		return func(c *v1alpha1.Connector) string { return lacksEvidence(c, r.Evidence, o.records) },
			counted{", nor has 1 other", ", nor have %d others"}
	case r.Regime != "":
		return func(c *v1alpha1.Connector) string { return lacksRegime(c, r.Regime) },
			counted{", nor does 1 other", ", nor do %d others"}
	default:
		return func(c *v1alpha1.Connector) string { return lacksCondition(c, r.Condition) },
			counted{", and not True of 1 other", ", and not True of %d others"}
	}
}

// precedes orders Connectors by namespace and name, so that the same one is named each time.
func precedes(a, b *v1alpha1.Connector) bool {
	if a.Namespace != b.Namespace {
		return a.Namespace < b.Namespace
	}
	return a.Name < b.Name
}

// lacksCondition repeats the reason and not the message, which changes too often to be copied.
func lacksCondition(c *v1alpha1.Connector, conditionType string) string {
	if conditions.IsTrue(c.Status.Conditions, conditionType, c.Generation) {
		return ""
	}
	condition := meta.FindStatusCondition(c.Status.Conditions, conditionType)
	switch {
	case condition == nil:
		return fmt.Sprintf("%s of Connector %s was not observed yet", conditionType, named(c))
	case condition.Status == metav1.ConditionTrue:
		return fmt.Sprintf("%s of Connector %s was not observed since its spec changed", conditionType, named(c))
	default:
		return fmt.Sprintf("%s of Connector %s is %s (%s)", conditionType, named(c), condition.Status, condition.Reason)
	}
}

func lacksEvidence(c *v1alpha1.Connector, kind string, records []v1alpha1.ComplianceEvidence) string {
	if slices.ContainsFunc(records, func(r v1alpha1.ComplianceEvidence) bool {
		return r.Spec.Kind == kind && r.Namespace == c.Namespace && r.Spec.ConnectorRef.Name == c.Name && Counts(&r)
	}) {
		return ""
	}
	return fmt.Sprintf("Connector %s has no record of %s that is accepted and passed", named(c), kind)
}

// Counts tells whether a record shows that something was done well: it passed, is accepted, and no other record corrects it.
func Counts(r *v1alpha1.ComplianceEvidence) bool {
	return r.Spec.Outcome.Result == v1alpha1.EvidencePassed && r.Status.SupersededBy == "" &&
		conditions.IsTrue(r.Status.Conditions, v1alpha1.ConditionAccepted, r.Generation)
}

// lacksRegime names one shortfall, by which a reader finds the rest in the Connector's status.
func lacksRegime(c *v1alpha1.Connector, regime string) string {
	at := slices.IndexFunc(c.Status.Compliance, func(s v1alpha1.ComplianceStatus) bool { return s.Regime == regime })
	switch {
	case at < 0:
		return fmt.Sprintf("Connector %s was not judged under regime %s", named(c), regime)
	case c.Status.ObservedGeneration != c.Generation:
		return fmt.Sprintf("Connector %s was not judged under regime %s since its spec changed", named(c), regime)
	case ptr.Deref(c.Status.Compliance[at].Satisfied, false):
		return ""
	default:
		return fmt.Sprintf("Connector %s does not satisfy regime %s%s", named(c), regime, short(c.Status.Compliance[at].Shortfalls))
	}
}

func short(of []v1alpha1.Shortfall) string {
	switch len(of) {
	case 0:
		return ""
	case 1:
		return fmt.Sprintf(" (%s)", of[0].Name)
	default:
		return fmt.Sprintf(" (%s and %d more)", of[0].Name, len(of)-1)
	}
}

// SameCompliance tells whether a milestone reads the same from two judgements of a Connector.
func SameCompliance(a, b []v1alpha1.ComplianceStatus) bool {
	return slices.EqualFunc(a, b, func(a, b v1alpha1.ComplianceStatus) bool {
		return a.Regime == b.Regime && ptr.Deref(a.Ruling, false) == ptr.Deref(b.Ruling, false) && a.Profile == b.Profile &&
			ptr.Deref(a.Satisfied, false) == ptr.Deref(b.Satisfied, false) && slices.EqualFunc(a.Shortfalls, b.Shortfalls, sameShortfall)
	})
}

func sameShortfall(a, b v1alpha1.Shortfall) bool {
	return a.Type == b.Type && a.Name == b.Name
}

func named(c *v1alpha1.Connector) string { return c.Namespace + "/" + c.Name }
