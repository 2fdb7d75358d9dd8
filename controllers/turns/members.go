package turns

import (
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/predicate"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/window"
)

// membersOf are the Connectors as the planner takes them, without those that are going.
func membersOf(of Subject, connectors []v1alpha1.Connector, now time.Time) []member {
	var members []member
	for i := range connectors {
		c := &connectors[i]
		if c.DeletionTimestamp != nil {
			continue
		}
		m := observe(of, c)
		m.opens = opens(c, now)
		members = append(members, m)
	}
	return members
}

// observe reads from a Connector everything that does not depend on the time.
func observe(of Subject, c *v1alpha1.Connector) member {
	m := member{
		namespace: c.Namespace, name: c.Name, revision: of.RevisionOf(c),
		paused:  c.Spec.Paused != nil && *c.Spec.Paused,
		refused: meta.IsStatusConditionFalse(c.Status.Conditions, v1alpha1.ConditionAccepted) && !isEnforced(c),
		held:    meta.IsStatusConditionTrue(c.Status.Conditions, v1alpha1.ConditionMaintenanceHeld),
	}
	m.reason, m.message = shortcoming(c)
	m.ready, m.short = m.reason == "" && !m.refused, of.Certificates && shortOfCertificate(c)
	if pods := c.Status.ObservedPods; pods != nil && pods.Current != nil && pods.Total != nil {
		m.settled = m.reason == "" && *pods.Current == *pods.Total
	}
	return m
}

// isEnforced tells that what rules is held to be met: so it is also under a Connector that is refused for no more than asking for less.
// Such a one gets its turns, and is no failure, so that nobody is spared a change by being refused, or holds it up.
func isEnforced(c *v1alpha1.Connector) bool {
	compliant := meta.FindStatusCondition(c.Status.Conditions, v1alpha1.ConditionCompliant)
	return compliant != nil && compliant.Status != metav1.ConditionUnknown && compliant.Reason != v1alpha1.ReasonNotEnforced
}

// shortcoming is why a Connector does not work; empty if it does. Compliant is left out: that people owe a duty tells nothing of
// whether a change did harm, and must not hide that it did. So is that it is refused: what runs goes on as it was.
func shortcoming(c *v1alpha1.Connector) (reason, message string) {
	if c.Status.ObservedGeneration != c.Generation {
		return v1alpha1.ReasonNotObserved, "What it asks for was changed and not looked at yet."
	}
	for _, conditionType := range []string{
		v1alpha1.ConditionAccepted, v1alpha1.ConditionCertificateReady, v1alpha1.ConditionWorkloadAvailable, v1alpha1.ConditionHubConnected,
	} {
		switch condition := meta.FindStatusCondition(c.Status.Conditions, conditionType); {
		case condition == nil:
			return v1alpha1.ReasonNotObserved, conditionType + " was not observed yet."
		case conditionType == v1alpha1.ConditionAccepted && condition.Status == metav1.ConditionFalse:
		case condition.Status != metav1.ConditionTrue:
			return condition.Reason, condition.Message
		}
	}
	return "", ""
}

// shortOfCertificate tells that the Connector's newest certificate is not as the profile asks for that rules it.
func shortOfCertificate(c *v1alpha1.Connector) bool {
	for i := range c.Status.Compliance {
		if status := &c.Status.Compliance[i]; ptr.Deref(status.Ruling, false) {
			return slices.ContainsFunc(status.Shortfalls, func(f v1alpha1.Shortfall) bool {
				return f.Type == v1alpha1.ShortfallTechnical && strings.HasPrefix(f.Name, "certificate.")
			})
		}
	}
	return false
}

// opens is when the Connector may be disturbed next: now if a window is open. Windows that can never open are refused by the controller
// of Connectors, and one that is refused gets no turn.
func opens(c *v1alpha1.Connector, now time.Time) time.Time {
	windows, err := window.Parse(c.Spec.MaintenanceWindows)
	if err != nil {
		return now
	}
	return windows.Next(now)
}

// Matters lets pass the events of Connectors that can change what is decided.
func Matters(of Subject) predicate.Predicate {
	return predicate.Funcs{UpdateFunc: func(e event.UpdateEvent) bool {
		before, _ := e.ObjectOld.(*v1alpha1.Connector)
		after, _ := e.ObjectNew.(*v1alpha1.Connector)
		return before == nil || after == nil || !unchanged(of, before, after)
	}}
}

func unchanged(of Subject, before, after *v1alpha1.Connector) bool {
	return observe(of, before) == observe(of, after) && before.DeletionTimestamp.Equal(after.DeletionTimestamp) &&
		equality.Semantic.DeepEqual(before.Spec.MaintenanceWindows, after.Spec.MaintenanceWindows)
}
