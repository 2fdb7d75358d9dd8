//go:build e2e

package e2e

import (
	"fmt"
	"testing"

	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// podsLeaveWithoutLoss evicts a gateway pod of the sender, and then one of the receiver, as a node that is drained does.
func podsLeaveWithoutLoss(t *testing.T) {
	const from, to = "g12", "h29"
	for side, agency := range map[string]string{"sender": from, "receiver": to} {
		documents := startStream(t, from, to)
		pods := must(gatewayPods(t.Context(), agency))(t)
		if len(pods) != 2 {
			t.Fatalf("the gateway of %s has %d pods, want 2", agency, len(pods))
		}
		if err := evict(t, &pods[0]); err != nil {
			t.Fatalf("evicting pod %s: %v", pods[0].Name, err)
		}
		if err := evict(t, &pods[1]); !apierrors.IsTooManyRequests(err) {
			t.Errorf("the second pod of two could be evicted together with the first: %v", err)
		}
		gone := eventually(t, func() error {
			var pod corev1.Pod
			err := shared.stage.Client.Get(t.Context(), client.ObjectKeyFromObject(&pods[0]), &pod)
			if err == nil {
				return fmt.Errorf("pod %s is still there", pod.Name)
			}
			return client.IgnoreNotFound(err)
		})
		ready := gone + eventually(t, func() error {
			now, err := gatewayPods(t.Context(), agency)
			if err != nil {
				return err
			}
			if len(now) != 2 {
				return fmt.Errorf("the gateway of %s has %d pods, want 2", agency, len(now))
			}
			c, err := connector(t.Context(), agency)
			if err != nil {
				return err
			}
			if err := isReady(c); err != nil {
				return err
			}
			return allCurrent(c)
		})
		documents.flows(t, 40)
		measuredf(t, "a pod of the %s was evicted: gone after %s, Connector Ready with both pods current after %s", side, round(gone), round(ready))
		if failed := documents.report(t, "while a pod of the "+side+" was evicted"); failed != 0 {
			t.Errorf("%d documents failed while a pod of the %s was evicted", failed, side)
		}
	}
}

func evict(t *testing.T, pod *corev1.Pod) error {
	t.Helper()
	return shared.stage.Clients.PolicyV1().Evictions(pod.Namespace).Evict(t.Context(), &policyv1.Eviction{
		ObjectMeta: metav1.ObjectMeta{Namespace: pod.Namespace, Name: pod.Name},
	})
}
