package check

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"testing"

	authorizationv1 "k8s.io/api/authorization/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

const (
	certManager = "system:serviceaccount:cert-manager:cert-manager"
	everyone    = "clusterissuers.cert-manager.io/*"
	hubs        = "clusterissuers.cert-manager.io/hub-ca"
	external    = "remoteissuers.ca.example/hub-ca"
)

// allowed are the signers that somebody may approve for: the operator under the empty name.
type allowed map[string][]string

func TestCluster(t *testing.T) {
	ours := v1alpha1.IssuerReference{Name: "hub-ca", Kind: "ClusterIssuer", Group: "cert-manager.io"}
	theirs := v1alpha1.IssuerReference{Name: "hub-ca", Kind: "RemoteIssuer", Group: "ca.example"}
	tests := map[string]struct {
		issuers []v1alpha1.IssuerReference
		allowed allowed
		wrong   []string
	}{
		"no hub yet":                              {},
		"no hub yet, and the approver let in":     {allowed: allowed{certManager: {everyone}}, wrong: []string{certManager + " may approve for " + everyone}},
		"all is well, for all issuers":            {issuers: []v1alpha1.IssuerReference{ours}, allowed: allowed{"": {everyone}}},
		"all is well, for this issuer":            {issuers: []v1alpha1.IssuerReference{ours}, allowed: allowed{"": {hubs}}},
		"all is well, for an issuer of elsewhere": {issuers: []v1alpha1.IssuerReference{theirs}, allowed: allowed{"": {external}}},
		"the operator may not": {
			issuers: []v1alpha1.IssuerReference{ours}, allowed: allowed{"": {"clusterissuers.cert-manager.io/other"}},
			wrong: []string{"The operator may not approve for " + hubs},
		},
		"the approver may, by name": {
			issuers: []v1alpha1.IssuerReference{ours}, allowed: allowed{"": {hubs}, certManager: {hubs}}, wrong: []string{certManager + " may approve for " + hubs},
		},
		"the approver may, for all issuers of elsewhere": {
			issuers: []v1alpha1.IssuerReference{theirs}, allowed: allowed{"": {external}, certManager: {"remoteissuers.ca.example/*"}},
			wrong: []string{certManager + " may approve for remoteissuers.ca.example/*"},
		},
		"a kind that nobody serves": {
			issuers: []v1alpha1.IssuerReference{{Name: "hub-ca", Kind: "Other", Group: "ca.example"}},
			wrong:   []string{"The issuer of ExchangeHub hub-0 is of a kind that the cluster does not know"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			findings, err := Cluster(t.Context(), clusterWith(t, test.issuers, test.allowed), []string{certManager})
			if err != nil {
				t.Fatal(err)
			}
			var out bytes.Buffer
			if err := Tell(&out, findings); (err != nil) != (len(test.wrong) > 0) {
				t.Errorf("the end is %v, want %d complaints:\n%s", err, len(test.wrong), &out)
			}
			if strings.Count(out.String(), "WRONG") != len(test.wrong) {
				t.Errorf("it does not complain %d times:\n%s", len(test.wrong), &out)
			}
			for _, sentence := range test.wrong {
				if !strings.Contains(out.String(), "WRONG "+sentence) {
					t.Errorf("it does not say %q:\n%s", sentence, &out)
				}
			}
		})
	}
}

// clusterWith has hubs with these issuers, and answers who may approve.
func clusterWith(t *testing.T, issuers []v1alpha1.IssuerReference, may allowed) client.Client {
	t.Helper()
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{v1alpha1.AddToScheme, authorizationv1.AddToScheme} {
		if err := add(scheme); err != nil {
			t.Fatal(err)
		}
	}
	mapper := meta.NewDefaultRESTMapper([]schema.GroupVersion{{Group: "cert-manager.io", Version: "v1"}, {Group: "ca.example", Version: "v1"}})
	mapper.Add(v1alpha1.GroupVersion.WithKind("ExchangeHub"), meta.RESTScopeRoot)
	mapper.Add(schema.GroupVersionKind{Group: "cert-manager.io", Version: "v1", Kind: "ClusterIssuer"}, meta.RESTScopeRoot)
	mapper.Add(schema.GroupVersionKind{Group: "ca.example", Version: "v1", Kind: "RemoteIssuer"}, meta.RESTScopeRoot)
	builder := fake.NewClientBuilder().WithScheme(scheme).WithRESTMapper(mapper)
	for i, issuer := range issuers {
		builder.WithObjects(&v1alpha1.ExchangeHub{
			ObjectMeta: metav1.ObjectMeta{Name: "hub-" + string(rune('0'+i))}, Spec: v1alpha1.ExchangeHubSpec{IssuerRef: issuer},
		})
	}
	return builder.WithInterceptorFuncs(interceptor.Funcs{
		Create: func(_ context.Context, _ client.WithWatch, object client.Object, _ ...client.CreateOption) error {
			switch review := object.(type) {
			case *authorizationv1.SelfSubjectAccessReview:
				review.Status.Allowed = slices.Contains(may[""], review.Spec.ResourceAttributes.Name)
			case *authorizationv1.SubjectAccessReview:
				review.Status.Allowed = slices.Contains(may[review.Spec.User], review.Spec.ResourceAttributes.Name) &&
					slices.Contains(review.Spec.Groups, "system:serviceaccounts:cert-manager")
			}
			return nil
		},
	}).Build()
}
