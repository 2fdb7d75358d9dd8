// Package tally counts Connectors, for the kinds that show how many they have and how many of those are ready.
//
// It is pure; Changed tells which events can change a count, so that the others cost nothing. After a
// restart everything is counted once more.
package tally

import (
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/predicate"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/conditions"
)

// Of counts Connectors.
func Of(connectors []v1alpha1.Connector) *v1alpha1.ConnectorTally {
	total, ready := int32(len(connectors)), int32(0)
	for i := range connectors {
		if IsReady(&connectors[i]) {
			ready++
		}
	}
	return &v1alpha1.ConnectorTally{Total: &total, Ready: &ready}
}

// IsReady tells whether a Connector is ready, as it is specified now.
func IsReady(c *v1alpha1.Connector) bool {
	return conditions.IsTrue(c.Status.Conditions, v1alpha1.ConditionReady, c.Generation)
}

// Changed lets pass the events of Connectors that can change a count by the given key, such as the class.
func Changed(key func(*v1alpha1.Connector) string) predicate.Predicate {
	return predicate.Funcs{UpdateFunc: func(e event.UpdateEvent) bool {
		before, after := connector(e.ObjectOld), connector(e.ObjectNew)
		return before == nil || after == nil || IsReady(before) != IsReady(after) || key(before) != key(after)
	}}
}

func connector(obj client.Object) *v1alpha1.Connector {
	c, _ := obj.(*v1alpha1.Connector)
	return c
}
