//go:build e2e

package e2e

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/util/retry"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/hack/stage"
)

func exchangeHub(ctx context.Context) (*v1alpha1.ExchangeHub, error) {
	hub := &v1alpha1.ExchangeHub{}
	if err := shared.stage.Client.Get(ctx, client.ObjectKey{Name: stage.HubName}, hub); err != nil {
		return nil, fmt.Errorf("reading ExchangeHub %s: %w", stage.HubName, err)
	}
	return hub, nil
}

// editHub changes the hub as its engineer does, and gives the generation that the status must reach.
func editHub(t *testing.T, edit func(*v1alpha1.ExchangeHubSpec)) (generation int64) {
	t.Helper()
	hub := &v1alpha1.ExchangeHub{}
	hub.Name = stage.HubName
	if err := editAgain(t, hub, func() { edit(&hub.Spec) }); err != nil {
		t.Fatalf("editing ExchangeHub %s: %v", hub.Name, err)
	}
	return hub.Generation
}

// editAgency changes an Agency as the platform does.
func editAgency(t *testing.T, name string, edit func(*v1alpha1.AgencySpec)) {
	t.Helper()
	agency := &v1alpha1.Agency{}
	agency.Name = name
	if err := editAgain(t, agency, func() { edit(&agency.Spec) }); err != nil {
		t.Fatalf("editing Agency %s: %v", name, err)
	}
}

// editAgain reads and writes until nobody else wrote in between. It is used in cleanups too, when the test's own context has ended.
func editAgain(t *testing.T, object client.Object, edit func()) error {
	t.Helper()
	ctx := context.WithoutCancel(t.Context())
	return retry.RetryOnConflict(retry.DefaultBackoff, func() error {
		if err := shared.stage.Client.Get(ctx, client.ObjectKeyFromObject(object), object); err != nil {
			return err
		}
		edit()
		return shared.stage.Client.Update(ctx, object)
	})
}

// killOperator ends the replica of the operator that leads, without asking; another one takes over.
func killOperator(ctx context.Context) error {
	pod, err := leader(ctx, "")
	if err != nil {
		return fmt.Errorf("finding the operator to kill: %w", err)
	}
	if err := client.IgnoreNotFound(shared.stage.Client.Delete(ctx, &pod, client.GracePeriodSeconds(0))); err != nil {
		return fmt.Errorf("killing the operator: %w", err)
	}
	return nil
}

// poke has the kubelet refresh the volumes of pods at once; it would do so within a minute and a half anyway.
func poke(t *testing.T, namespace string, labels client.MatchingLabels) {
	t.Helper()
	var list corev1.PodList
	if err := shared.stage.Client.List(t.Context(), &list, client.InNamespace(namespace), labels); err != nil {
		t.Fatalf("listing the pods to poke: %v", err)
	}
	value := time.Now().Format(time.RFC3339Nano)
	for i := range list.Items {
		patch := client.RawPatch("application/merge-patch+json", fmt.Appendf(nil, `{"metadata":{"annotations":{"e2e/poked":%q}}}`, value))
		if err := client.IgnoreNotFound(shared.stage.Client.Patch(t.Context(), &list.Items[i], patch)); err != nil {
			t.Fatalf("poking pod %s: %v", list.Items[i].Name, err)
		}
	}
}

// allPods are the gateway pods of all agencies but some.
func allPods(t *testing.T, without ...string) []corev1.Pod {
	t.Helper()
	var all []corev1.Pod
	for _, c := range must(shared.stage.Connectors(t.Context()))(t) {
		if !slices.Contains(without, c.Name) {
			all = append(all, must(gatewayPods(t.Context(), c.Name))(t)...)
		}
	}
	return all
}
