package integration

import (
	"fmt"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

// counts waits until an object counts so many Connectors.
func (w *world) counts(t *testing.T, object client.Object, tally func() *v1alpha1.ConnectorTally, total int32) {
	t.Helper()
	w.Eventually(t, func() error {
		if err := w.StatusIsLegal(t.Context(), object); err != nil {
			return err
		}
		if got := tally(); got == nil || *got.Total != total || *got.Ready != 0 {
			return fmt.Errorf("%T %s counts %+v, want %d Connectors and none ready", object, object.GetName(), got, total)
		}
		return nil
	})
}

func TestOneProfilePerLevel(t *testing.T) {
	w := newWorld(t)
	second := w.profile.DeepCopy()
	second.Name += "-b"
	w.Create(t, w.profile, second)
	w.expect(t, w.profile, v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonReady)
	w.expectMessage(t, second, v1alpha1.ConditionAccepted, metav1.ConditionFalse, v1alpha1.ReasonProfileAmbiguous, fmt.Sprintf(
		"SecurityProfile %s, which is older, is for regime %s and level 2 already; keep one of the two and delete the other.", w.profile.Name, w.namespace))

	w.remove(t, w.profile)
	w.expect(t, second, v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonReady)
}

func TestClassHasToFitItsLimits(t *testing.T) {
	w := newWorld(t)
	w.class.Spec.Resources.Requests[corev1.ResourceMemory] = resource.MustParse("65Mi")
	w.Create(t, w.class)
	w.expectMessage(t, w.class, v1alpha1.ConditionAccepted, metav1.ConditionFalse, v1alpha1.ReasonInvalidSpec,
		"resources.requests asks for 65Mi of memory, and resources.limits allows 64Mi, so no pod can be made; lower the request or raise the limit.")
	w.change(t, w.class, func() { w.class.Spec.Resources.Requests[corev1.ResourceMemory] = resource.MustParse("64Mi") })
	w.expect(t, w.class, v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonReady)
}

func TestProfileAndClassCountTheirConnectors(t *testing.T) {
	w := newWorld(t)
	w.connect(t)
	ofProfile := func() *v1alpha1.ConnectorTally { return w.profile.Status.Connectors }
	ofClass := func() *v1alpha1.ConnectorTally { return w.class.Status.Connectors }
	w.counts(t, w.profile, ofProfile, 1)
	w.counts(t, w.class, ofClass, 1)
	w.remove(t, w.connector)
	w.counts(t, w.profile, ofProfile, 0)
	w.counts(t, w.class, ofClass, 0)
}
