package anchors

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/test/pki"
)

func authority(t *testing.T, name string) string {
	t.Helper()
	ca, err := pki.NewCA(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(ca.PEM())
}

func hubOf(list ...v1alpha1.TrustAnchor) *v1alpha1.ExchangeHub {
	return &v1alpha1.ExchangeHub{ObjectMeta: metav1.ObjectMeta{Name: "hub"}, Spec: v1alpha1.ExchangeHubSpec{TrustAnchors: list}}
}

func from(namespace, key string) v1alpha1.TrustAnchor {
	return v1alpha1.TrustAnchor{Name: "root", ConfigMapRef: &v1alpha1.ConfigMapKeyReference{Namespace: namespace, Name: "anchors", Key: key}}
}

func TestResolve(t *testing.T) {
	one, two := authority(t, "one"), authority(t, "two")
	var many strings.Builder
	for i := range maxAnchors + 1 {
		many.WriteString(authority(t, fmt.Sprintf("authority %d", i)))
	}
	cluster := fake.NewClientBuilder().WithObjects(&corev1.ConfigMap{
		ObjectMeta: metav1.ObjectMeta{Namespace: "system", Name: "anchors"},
		Data:       map[string]string{"ca.crt": one, "empty": "", "key": "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"},
	}).Build()
	tests := map[string]struct {
		hub     *v1alpha1.ExchangeHub
		anchors int
		problem string
	}{
		"inline and from a ConfigMap": {hubOf(from("system", "ca.crt"), v1alpha1.TrustAnchor{Name: "two", PEM: two}), 2, ""},
		"where a tenant could write": {
			hubOf(from("g12", "ca.crt")), 0, "its ConfigMap lies in the namespace g12. Put it into system, where no tenant can write.",
		},
		"key missing":   {hubOf(from("system", "root.pem")), 0, "ConfigMap system/anchors has no key root.pem. Put the CA certificates in PEM form there."},
		"nothing in it": {hubOf(from("system", "empty")), 0, "the trust bundle holds no certificate"},
		"a private key": {hubOf(from("system", "key")), 0, `it is a "PRIVATE KEY" block`},
		"far too many":  {hubOf(v1alpha1.TrustAnchor{Name: "all", PEM: many.String()}), 0, "together with the others it holds 65 certificates, and at most 64 are taken"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			bundle, err := Resolve(t.Context(), cluster, tt.hub, "system")
			if tt.problem == "" {
				if err != nil || len(bundle.Anchors) != tt.anchors || len(bundle.Parsed.Anchors) != tt.anchors {
					t.Errorf("Resolve = %+v, %v; want %d anchors", bundle, err, tt.anchors)
				}
				return
			}
			var unreadable *UnreadableError
			if !errors.As(err, &unreadable) || !strings.Contains(unreadable.Problem, tt.problem) {
				t.Errorf("the error is %v, want one for a person that says %q", err, tt.problem)
			}
		})
	}
}
