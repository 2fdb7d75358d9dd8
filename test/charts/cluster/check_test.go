//go:build charts

package cluster

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers"
	"lienthong.gov.vn/connector-operator/install/check"
)

// approversAreTold asks, with the rights that the chart gives the operator, who may approve for a hub's issuer: first with cert-manager's approver kept
// off, then with it let in.
func approversAreTold(t *testing.T) {
	const issuer = "clusterissuers.cert-manager.io/hub-ca"
	admin, operator := as(t, ""), as(t, "connector-operator")
	hub := &v1alpha1.ExchangeHub{
		ObjectMeta: metav1.ObjectMeta{Name: "national-hub"},
		Spec: v1alpha1.ExchangeHubSpec{
			OwnerAgencyRef: v1alpha1.ObjectReference{Name: "g22"}, TrustDomain: "lienthong.test",
			Endpoints:  []v1alpha1.HubEndpoint{{Name: "primary", URL: "https://hub.example:8443", Priority: new(int32(0))}},
			Identities: []v1alpha1.SPIFFEID{"spiffe://lienthong.test/hub"},
			IssuerRef:  v1alpha1.IssuerReference{Name: "hub-ca"},
			TrustAnchors: []v1alpha1.TrustAnchor{
				{Name: "root", ConfigMapRef: &v1alpha1.ConfigMapKeyReference{Namespace: namespace, Name: "anchors"}},
			},
			Services: []v1alpha1.Service{v1alpha1.ServiceElectronicDocuments}, Regime: "nd331-2026",
		},
	}
	if err := admin.Create(t.Context(), hub); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := admin.Delete(context.WithoutCancel(t.Context()), hub); err != nil {
			t.Error(err)
		}
	})
	text, err := tellOf(t, operator)
	if err != nil || !strings.Contains(text, "ok    The operator may approve for "+issuer) ||
		!strings.Contains(text, "ok    "+controllers.DefaultCertManagerUser+" may not approve for "+issuer) {
		t.Errorf("all is well, and it says: %v\n%s", err, text)
	}

	role := &rbacv1.ClusterRole{}
	if err := admin.Get(t.Context(), types.NamespacedName{Name: "cert-manager-controller-approve:cert-manager-io"}, role); err != nil {
		t.Fatal(err)
	}
	kept := role.DeepCopy().Rules
	role.Rules = append(role.Rules, rbacv1.PolicyRule{
		APIGroups: []string{"cert-manager.io"}, Resources: []string{"signers"}, Verbs: []string{"approve"},
		ResourceNames: []string{issuer},
	})
	if err := admin.Update(t.Context(), role); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		role.Rules = kept
		if err := admin.Update(context.WithoutCancel(t.Context()), role); err != nil {
			t.Error(err)
		}
	})
	eventually(t, func() error {
		text, err := tellOf(t, operator)
		if err == nil || !strings.Contains(text, "WRONG "+controllers.DefaultCertManagerUser+" may approve for "+issuer) {
			return fmt.Errorf("cert-manager may approve, and it says: %w\n%s", err, text)
		}
		return nil
	})
}

func tellOf(t *testing.T, operator client.Client) (string, error) {
	t.Helper()
	findings, err := check.Cluster(t.Context(), operator, []string{controllers.DefaultCertManagerUser})
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	err = check.Tell(&out, findings)
	return out.String(), err
}
