package serve

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-logr/logr"
	authenticationv1 "k8s.io/api/authentication/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	"k8s.io/client-go/rest"
	certutil "k8s.io/client-go/util/cert"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"
)

// apiServer knows the tokens "reader", "stranger" and "lost". It lets the reader get /report and nothing else, and cannot tell what the lost may.
func apiServer(t *testing.T) *rest.Config {
	t.Helper()
	answer := func(w http.ResponseWriter, object any) {
		w.Header().Set("Content-Type", "application/json")
		if err := json.NewEncoder(w).Encode(object); err != nil {
			t.Error(err)
		}
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /apis/authentication.k8s.io/v1/tokenreviews", func(w http.ResponseWriter, r *http.Request) {
		var review authenticationv1.TokenReview
		if err := json.NewDecoder(r.Body).Decode(&review); err != nil {
			t.Error(err)
		}
		known := slices.Contains([]string{"reader", "stranger", "lost"}, review.Spec.Token)
		review.Status = authenticationv1.TokenReviewStatus{Authenticated: known, User: authenticationv1.UserInfo{Username: review.Spec.Token}}
		answer(w, review)
	})
	mux.HandleFunc("POST /apis/authorization.k8s.io/v1/subjectaccessreviews", func(w http.ResponseWriter, r *http.Request) {
		var review authorizationv1.SubjectAccessReview
		if err := json.NewDecoder(r.Body).Decode(&review); err != nil {
			t.Error(err)
		}
		asked := review.Spec.NonResourceAttributes
		if review.Spec.User == "lost" {
			http.Error(w, "out of order", http.StatusBadRequest)
			return
		}
		review.Status.Allowed = review.Spec.User == "reader" && asked != nil && *asked == authorizationv1.NonResourceAttributes{Path: "/report", Verb: "get"}
		answer(w, review)
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return &rest.Config{Host: server.URL, ContentConfig: rest.ContentConfig{ContentType: "application/json", AcceptContentTypes: "application/json"}}
}

// serving runs a manager that serves the page, and gives its address.
func serving(t *testing.T, certDir string) string {
	t.Helper()
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := free.Addr().String()
	if err := free.Close(); err != nil {
		t.Fatal(err)
	}
	mgr, err := ctrl.NewManager(apiServer(t), ctrl.Options{
		Logger: logr.Discard(), Metrics: metricsserver.Options{BindAddress: "0"}, HealthProbeBindAddress: "0",
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := Add(t.Context(), mgr, Options{Address: address, CertDir: certDir, Collect: empty, Clock: clock.RealClock{}}); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- mgr.Start(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Errorf("the manager ended with %v", err)
		}
	})
	return address
}

func get(t *testing.T, config *tls.Config, method, url, token string) *http.Response {
	t.Helper()
	transport := &http.Transport{TLSClientConfig: config}
	t.Cleanup(transport.CloseIdleConnections)
	request, err := http.NewRequestWithContext(t.Context(), method, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	response, err := (&http.Client{Transport: transport, Timeout: 30 * time.Second}).Do(request)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = response.Body.Close() })
	return response
}

func TestWhoMayReadIsAskedOfTheAPIServer(t *testing.T) {
	url := "https://" + serving(t, t.TempDir()) + "/report"
	insecure := &tls.Config{InsecureSkipVerify: true}
	for _, test := range []struct {
		method, token string
		want          int
	}{
		{http.MethodGet, "", http.StatusUnauthorized},
		{http.MethodGet, "forged", http.StatusUnauthorized},
		{http.MethodGet, "stranger", http.StatusForbidden},
		{http.MethodGet, "lost", http.StatusInternalServerError},
		{http.MethodGet, "reader", http.StatusOK},
		{http.MethodHead, "reader", http.StatusOK},
		{http.MethodHead, "stranger", http.StatusForbidden},
		{http.MethodPost, "reader", http.StatusMethodNotAllowed},
	} {
		if got := get(t, insecure, test.method, url, test.token).StatusCode; got != test.want {
			t.Errorf("%s with the token %q is answered with %d, want %d", test.method, test.token, got, test.want)
		}
	}
}

func TestGivenCertificateIsServed(t *testing.T) {
	directory := t.TempDir()
	certificate, key, err := certutil.GenerateSelfSignedCertKey("127.0.0.1", []net.IP{net.IPv4(127, 0, 0, 1)}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{"tls.crt": certificate, "tls.key": key} {
		if err := os.WriteFile(filepath.Join(directory, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(certificate)
	address := serving(t, directory)
	if got := get(t, &tls.Config{RootCAs: roots}, http.MethodGet, "https://"+address+"/report", "reader").StatusCode; got != http.StatusOK {
		t.Errorf("the page is answered with %d", got)
	}
}

func TestWhatCannotBeServedIsSaid(t *testing.T) {
	mgr, err := ctrl.NewManager(apiServer(t), ctrl.Options{
		Logger: logr.Discard(), Metrics: metricsserver.Options{BindAddress: "0"}, HealthProbeBindAddress: "0",
	})
	if err != nil {
		t.Fatal(err)
	}
	half := t.TempDir()
	if err := os.WriteFile(filepath.Join(half, "tls.crt"), []byte("no certificate"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		options Options
		want    string
	}{
		"no address":         {Options{Address: "0"}, ""},
		"nothing":            {Options{}, ""},
		"an impossible one":  {Options{Address: "127.0.0.1:notaport"}, "--report-bind-address"},
		"half of a key pair": {Options{Address: "127.0.0.1:0", CertDir: half}, "tls.crt and tls.key"},
	} {
		err := Add(t.Context(), mgr, test.options)
		if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: the error is %v, and should say %q", name, err, test.want)
		}
	}
}
