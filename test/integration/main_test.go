// Package integration tests the operator against a real API server with the real cert-manager controllers. One operator runs
// for the whole package, with its ServiceAccount's permissions; a test that needs another one starts it itself.
package integration

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/controllers"
	"lienthong.gov.vn/connector-operator/controllers/observe"
	"lienthong.gov.vn/connector-operator/test/harness"
)

// authority signs the identities of every test's connectors.
const authority = "test-authority"

// shared is what TestMain hands to the tests.
var shared struct {
	env *harness.Env
	// anchor is the authority's certificate.
	anchor string
	// identities is the directory with the operator's identity on each hub.
	identities string
	// gateways answer for the pods of the worlds that simulate them.
	gateways *gateways
	// fleets answer for the gateways of the hubs that tests have taken over.
	fleets   *hubFleets
	operator *operator
}

func TestMain(m *testing.M) {
	code := harness.Main(m, "integration", prepare)
	if err := os.RemoveAll(shared.identities); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func prepare(ctx context.Context, env *harness.Env) error {
	anchor, err := env.Authority(ctx, authority)
	if err != nil {
		return err
	}
	shared.env, shared.anchor = env, anchor
	if shared.identities, err = os.MkdirTemp("", "operator-identities-"); err != nil {
		return fmt.Errorf("making a directory for the operator's identities: %w", err)
	}
	config := &corev1.ConfigMap{
		ObjectMeta: metav1.ObjectMeta{Name: "anchors", Namespace: controllers.DefaultNamespace},
		Data:       map[string]string{"ca.crt": anchor},
	}
	if err := client.IgnoreAlreadyExists(env.Client.Create(ctx, config)); err != nil {
		return fmt.Errorf("writing the trust anchors: %w", err)
	}
	if err := letApprove(ctx, env); err != nil {
		return err
	}
	watcher, err := client.NewWithWatch(env.Admin, client.Options{Scheme: env.Scheme})
	if err != nil {
		return fmt.Errorf("making the client of simulated gateways: %w", err)
	}
	shared.fleets = &hubFleets{
		real: &observe.IdentityFetcher{Dir: shared.identities, Clock: clock.RealClock{}}, client: env.Client, fleets: map[string]*simulatedFleet{},
	}
	shared.gateways = &gateways{client: watcher, otherwise: shared.fleets, worlds: map[string]*simulation{}}
	if err := shared.gateways.lendAddresses(ctx); err != nil {
		return err
	}
	shared.operator = &operator{env: env, fetcher: shared.gateways, refusals: map[string]func(*http.Request) *http.Response{}}
	context.AfterFunc(ctx, func() {
		if shared.operator.running != nil {
			_ = shared.operator.running.Stop() // the cluster goes as well
		}
	})
	return shared.operator.start(clock.RealClock{})
}

// suite gives the environment of the package.
func suite(t *testing.T) *harness.Env {
	t.Helper()
	if shared.env == nil {
		t.Fatal("TestMain has prepared nothing")
	}
	return shared.env
}

// repository is the folder of the project.
func repository(t *testing.T, path ...string) string {
	t.Helper()
	root, err := harness.Root()
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(append([]string{root}, path...)...)
}
