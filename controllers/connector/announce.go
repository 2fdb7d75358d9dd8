package connector

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

// announce writes an Event when a Connector is refused, and when it is accepted after that: once per change, because the
// previous condition is compared with the new one. A Connector that is accepted from the start causes none.
func (r *Reconciler) announce(s *scope) {
	before := meta.FindStatusCondition(s.before.Status.Conditions, v1alpha1.ConditionAccepted)
	after := meta.FindStatusCondition(s.connector.Status.Conditions, v1alpha1.ConditionAccepted)
	switch {
	case after.Status == metav1.ConditionFalse && (before == nil || before.Reason != after.Reason):
		r.Recorder.Eventf(s.connector, nil, corev1.EventTypeWarning, after.Reason, "Refuse", "%s", after.Message)
	case after.Status == metav1.ConditionTrue && before != nil && before.Status == metav1.ConditionFalse:
		r.Recorder.Eventf(s.connector, nil, corev1.EventTypeNormal, after.Reason, "Accept", "%s", after.Message)
	}
}
