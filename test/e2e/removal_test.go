//go:build e2e

package e2e

import (
	"fmt"
	"maps"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

// removalLeavesNothing removes a Connector with all its running pods, and connects the agency again. A pod is gone from the API only when its
// containers are.
func removalLeavesNothing(t *testing.T) {
	const agency = "h19"
	met := must(metAt(t.Context()))(t)
	old := must(connector(t.Context(), agency))(t)
	before := must(objectsOf(t, agency))(t)
	if err := shared.stage.Client.Delete(t.Context(), old); err != nil {
		t.Fatalf("removing Connector %s: %v", agency, err)
	}
	took := eventually(t, func() error {
		left, err := objectsOf(t, agency)
		if err == nil && len(left) > 0 {
			err = fmt.Errorf("of Connector %s there are still %s", agency, strings.Join(left, ", "))
		}
		return err
	})
	measuredf(t, "%d objects of a Connector, its pods and its Secret among them, were gone %s after it was removed", len(before), round(took))

	again := &v1alpha1.Connector{ObjectMeta: metav1.ObjectMeta{Namespace: agency, Name: agency, Annotations: old.Annotations}}
	old.Spec.DeepCopyInto(&again.Spec)
	if err := shared.stage.Client.Create(t.Context(), again); err != nil {
		t.Fatalf("connecting %s again: %v", agency, err)
	}
	took = eventually(t, func() error {
		c, err := connector(t.Context(), agency)
		if err != nil {
			return err
		}
		return isReady(c)
	})
	measuredf(t, "one agency alone was Ready %s after its Connector was created", round(took))
	if now := must(metAt(t.Context()))(t); !maps.Equal(met, now) {
		t.Errorf("the agency's milestones moved:\n%v\n%v", now, met)
	}
}

// objectsOf names what there is of an agency's Connector. Where cert-manager does not let Secrets go with their Certificates, the Secret is
// somebody else's to remove.
func objectsOf(t *testing.T, agency string) ([]string, error) {
	t.Helper()
	all, err := takeSnapshot(t.Context(), provisioned()...)
	if err != nil {
		return nil, err
	}
	var names []string
	for name := range all {
		isSecret := strings.HasPrefix(name, "Secret ")
		if strings.Contains(name, " "+agency+"/") && (!isSecret || shared.stage.Kubeconfig == localKubeconfig()) {
			names = append(names, name)
		}
	}
	return names, nil
}
