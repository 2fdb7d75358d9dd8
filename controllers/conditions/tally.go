package conditions

import "lienthong.gov.vn/connector-operator/api/v1alpha1"

// Tally counts Connectors, and those of them that are ready as they are written now.
func Tally(connectors []v1alpha1.Connector) *v1alpha1.ConnectorTally {
	total, ready := int32(0), int32(0)
	for i := range connectors {
		total++
		if IsTrue(connectors[i].Status.Conditions, v1alpha1.ConditionReady, connectors[i].Generation) {
			ready++
		}
	}
	return &v1alpha1.ConnectorTally{Total: &total, Ready: &ready}
}
