//go:build e2e

package e2e

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/desired"
)

// mistakesAreNamed makes the mistakes that tenants make, and looks only at whether the operator that is deployed says so: which
// mistakes there are, and in which words, is for the integration tests.
func mistakesAreNamed(t *testing.T) {
	t.Run("namespace", func(t *testing.T) {
		stray := like(t, "g12", "stray", "g14")
		shared.checker.Create(t, stray)
		awaitReason(t, stray, v1alpha1.ConditionAccepted, v1alpha1.ReasonNamespaceNotListed)
		nothingWasMade(t, stray)
	})
	t.Run("foreign-service", func(t *testing.T) {
		second := like(t, "g12", "second", "g12")
		foreign := &corev1.Service{
			ObjectMeta: metav1.ObjectMeta{Namespace: "g12", Name: desired.GatewayName("second")},
			Spec:       corev1.ServiceSpec{Ports: []corev1.ServicePort{{Port: 80}}, Selector: map[string]string{"app": "theirs"}},
		}
		shared.checker.Create(t, foreign, second)
		awaitReason(t, second, v1alpha1.ConditionAccepted, v1alpha1.ReasonForeignObject)
		before := foreign.ResourceVersion
		if err := shared.stage.Client.Get(t.Context(), client.ObjectKeyFromObject(foreign), foreign); err != nil || foreign.ResourceVersion != before {
			t.Errorf("the foreign Service was touched: %v", err)
		}
	})
	t.Run("paused", pausedHoldsWrites)
	eventually(t, func() error {
		for name := range must(takeSnapshot(t.Context(), append(own(), provisioned()...)...))(t) {
			if strings.Contains(name, " g12/second") || strings.Contains(name, " g12/stray") {
				return fmt.Errorf("%s is left of a mistake that was taken back", name)
			}
		}
		return nil
	})
}

// like makes a Connector like that of the agency g12, in the namespace and for the agency given.
func like(t *testing.T, namespace, name, agency string) *v1alpha1.Connector {
	t.Helper()
	c := &v1alpha1.Connector{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name}}
	must(connector(t.Context(), "g12"))(t).Spec.DeepCopyInto(&c.Spec)
	c.Spec.AgencyRef.Name = agency
	return c
}

func awaitReason(t *testing.T, c *v1alpha1.Connector, condition, reason string) {
	t.Helper()
	eventually(t, func() error {
		if err := shared.stage.Client.Get(t.Context(), client.ObjectKeyFromObject(c), c); err != nil {
			return fmt.Errorf("reading Connector %s: %w", c.Name, err)
		}
		got := meta.FindStatusCondition(c.Status.Conditions, condition)
		if got == nil || got.Reason != reason {
			return fmt.Errorf("%s of Connector %s is %+v, want the reason %s", condition, c.Name, got, reason)
		}
		return nil
	})
	t.Logf("%s/%s: %s", c.Namespace, c.Name, meta.FindStatusCondition(c.Status.Conditions, condition).Message)
	shared.checker.CheckStatus(t, c)
}

func nothingWasMade(t *testing.T, c *v1alpha1.Connector) {
	t.Helper()
	for name := range must(takeSnapshot(t.Context(), provisioned()...))(t) {
		if strings.Contains(name, " "+c.Namespace+"/"+c.Name+"-") {
			t.Errorf("%s was made for a Connector that is not accepted", name)
		}
	}
}

func pausedHoldsWrites(t *testing.T) {
	const agency = "g17"
	pause := func(paused bool) {
		c := must(connector(t.Context(), agency))(t)
		before := c.DeepCopy()
		c.Spec.Paused = new(paused)
		if err := shared.stage.Client.Patch(t.Context(), c, client.MergeFrom(before)); err != nil {
			t.Fatalf("pausing or resuming %s: %v", agency, err)
		}
	}
	pause(true)
	awaitReason(t, must(connector(t.Context(), agency))(t), "Paused", v1alpha1.ReasonPaused)
	policy := &networkingv1.NetworkPolicy{ObjectMeta: metav1.ObjectMeta{Namespace: agency, Name: desired.GatewayName(agency)}}
	if err := shared.stage.Client.Delete(t.Context(), policy); err != nil {
		t.Fatal(err)
	}
	if shared.direct {
		if err := deliver(t.Context(), http.DefaultClient, serviceURL(t, agency), codeOf(agency), "G12"); err != nil {
			t.Errorf("what runs does not go on running while its Connector is paused: %v", err)
		}
	}
	missing := func() error { return shared.stage.Client.Get(t.Context(), client.ObjectKeyFromObject(policy), policy) }
	if err := missing(); !apierrors.IsNotFound(err) {
		t.Errorf("the NetworkPolicy is back although its Connector is paused: %v", err)
	}
	pause(false)
	eventually(t, func() error {
		c, err := connector(t.Context(), agency)
		if err != nil {
			return err
		}
		return errors.Join(missing(), isReady(c))
	})
}
