package integration

import (
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/clock"

	"lienthong.gov.vn/connector-operator/controllers"
	"lienthong.gov.vn/connector-operator/controllers/observe"
	"lienthong.gov.vn/connector-operator/test/harness"
)

// token makes a ServiceAccount and gives a token of it.
func (w *world) token(t *testing.T, name string) string {
	t.Helper()
	account := &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: w.namespace}}
	w.Create(t, account)
	request := &authenticationv1.TokenRequest{}
	if err := w.Client.SubResource("token").Create(t.Context(), account, request); err != nil {
		t.Fatal(err)
	}
	return request.Status.Token
}

// serving starts an operator that waits for another to give up the lead, and serves the page meanwhile. It gives the page's address.
func (w *world) serving(t *testing.T) string {
	t.Helper()
	shared.operator.stop(t)
	now := metav1.NowMicro()
	w.Create(t, &coordinationv1.Lease{
		ObjectMeta: metav1.ObjectMeta{Name: "connector-operator.lienthong.gov.vn", Namespace: controllers.DefaultNamespace},
		Spec: coordinationv1.LeaseSpec{
			HolderIdentity: new("another"), LeaseDurationSeconds: new(int32(3600)), AcquireTime: &now, RenewTime: &now,
		},
	})
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := free.Addr().String()
	if err := free.Close(); err != nil {
		t.Fatal(err)
	}
	operator, err := harness.StartOperator(t.Context(), w.OperatorConfig(), controllers.Dependencies{
		Clock: clock.RealClock{}, Fetcher: shared.gateways, Timing: observe.DefaultTiming(),
	}, func(o *controllers.Options) { o.LeaderElection, o.ReportAddress = true, address })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := operator.Stop(); err != nil {
			t.Errorf("the operator ended with %v", err)
		}
	})
	return address
}

// TestPageIsForThoseWhoMayReadIt asks for the page as everybody could who reaches the listener of an operator that does not lead.
func TestPageIsForThoseWhoMayReadIt(t *testing.T) {
	w := newWorld(t)
	w.Create(t, w.agency)
	reader, stranger := w.token(t, "reader"), w.token(t, "stranger")
	w.Create(t, &rbacv1.ClusterRoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: w.namespace + "-report"},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "connector-operator-report-reader"},
		Subjects:   []rbacv1.Subject{{Kind: rbacv1.ServiceAccountKind, Namespace: w.namespace, Name: "reader"}},
	})
	address := w.serving(t)
	client := &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, // the operator has signed for itself
	}}
	ask := func(method, path, token string) (int, http.Header, string) {
		request, err := http.NewRequestWithContext(t.Context(), method, "https://"+address+path, strings.NewReader(""))
		if err != nil {
			t.Fatal(err)
		}
		if token != "" {
			request.Header.Set("Authorization", "Bearer "+token)
		}
		response, err := client.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = response.Body.Close() }()
		body, err := io.ReadAll(response.Body)
		if err != nil {
			t.Fatal(err)
		}
		return response.StatusCode, response.Header, string(body)
	}
	// An answer of the API server is kept for a while, so it has to know the binding before the first question.
	w.Eventually(t, func() error {
		if !w.mayGet(t, "system:serviceaccount:"+w.namespace+":reader", "/report") {
			return fmt.Errorf("the API server has not seen the binding yet")
		}
		return nil
	})
	for name, test := range map[string]struct {
		method, path, token string
		want                int
	}{
		"nobody":              {http.MethodGet, "/report", "", http.StatusUnauthorized},
		"a forged token":      {http.MethodGet, "/report", "forged", http.StatusUnauthorized},
		"without the right":   {http.MethodGet, "/report", stranger, http.StatusForbidden},
		"with the right":      {http.MethodGet, "/report", reader, http.StatusOK},
		"in English":          {http.MethodGet, "/report?lang=en", reader, http.StatusOK},
		"the head":            {http.MethodHead, "/report", reader, http.StatusOK},
		"the head as nobody":  {http.MethodHead, "/report", "", http.StatusUnauthorized},
		"writing":             {http.MethodPost, "/report", reader, http.StatusMethodNotAllowed},
		"deleting":            {http.MethodDelete, "/report", reader, http.StatusMethodNotAllowed},
		"metrics of the page": {http.MethodGet, "/metrics", reader, http.StatusNotFound},
	} {
		status, headers, body := ask(test.method, test.path, test.token)
		if status != test.want {
			t.Errorf("%s: %s %s is answered with %d, want %d: %.200s", name, test.method, test.path, status, test.want, body)
		}
		if headers.Get("Cache-Control") != "no-store" || headers.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: the answer lacks its headers: %v", name, headers)
		}
		if shown := strings.Contains(body, w.agency.Spec.Code); shown != (test.want == http.StatusOK && test.method == http.MethodGet) {
			t.Errorf("%s: the agency is in the answer: %t", name, shown)
		}
	}
}

// mayGet asks the API server whether a user may get a non-resource URL.
func (w *world) mayGet(t *testing.T, user, path string) bool {
	t.Helper()
	review := &authorizationv1.SubjectAccessReview{Spec: authorizationv1.SubjectAccessReviewSpec{
		User: user, NonResourceAttributes: &authorizationv1.NonResourceAttributes{Path: path, Verb: "get"},
	}}
	if err := w.Client.Create(t.Context(), review); err != nil {
		t.Fatal(err)
	}
	return review.Status.Allowed
}
