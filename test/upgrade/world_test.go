//go:build upgrade

package upgrade

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/go-logr/logr"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/controllers"
	"lienthong.gov.vn/connector-operator/controllers/observe"
	"lienthong.gov.vn/connector-operator/test/harness"
	"lienthong.gov.vn/connector-operator/test/scale/calls"
	"lienthong.gov.vn/connector-operator/test/scale/fleet"
	"lienthong.gov.vn/connector-operator/test/scale/trial"
)

const (
	// authority signs the identities of Connectors.
	authority = "upgrade-authority"
	// release and namespace are what the documents install the chart as.
	release, namespace = "connector-operator", controllers.DefaultNamespace
	// patience is far more than anything takes on a busy machine.
	patience = 8 * time.Minute
)

// world is a cluster with cert-manager, and maybe an operator.
type world struct {
	*harness.Env
	// dir is where commands run.
	dir      string
	lookout  *fleet.Lookout
	gateways *fleet.Gateways
	operator *trial.InProcess
	// life is as long as the test; steps have contexts of their own.
	life func() context.Context
}

// newWorld starts a cluster of that name, which goes with the test. Commands run in dir.
func newWorld(t *testing.T, name, dir string) *world {
	t.Helper()
	ctrl.SetLogger(logr.FromSlogHandler(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError})))
	cluster, err := harness.StartCluster(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		// The test's own context has ended by now.
		if err := cluster.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	scheme, err := controllers.NewScheme()
	if err != nil {
		t.Fatal(err)
	}
	admin, err := client.New(cluster.Admin, client.Options{Scheme: scheme})
	if err != nil {
		t.Fatal(err)
	}
	return &world{Env: &harness.Env{Cluster: cluster, Scheme: scheme, Client: admin}, dir: dir, life: t.Context}
}

// watch begins to look at Connectors, once their definitions are there.
func (w *world) watch(t *testing.T) {
	t.Helper()
	var err error
	if w.lookout, err = fleet.Watch(w.life(), w.Env); err != nil {
		t.Fatal(err)
	}
	w.gateways = &fleet.Gateways{Lookout: w.lookout}
	t.Cleanup(func() { w.stop(t) })
}

// sh runs commands as a reader of the documents would, and gives what they print.
func (w *world) sh(t *testing.T, script string, env ...string) string {
	t.Helper()
	out, err := w.try(t, script, env...)
	if err != nil {
		t.Fatalf("%v\n%s\n%s", err, script, out)
	}
	return out
}

func (w *world) try(t *testing.T, script string, env ...string) (string, error) {
	t.Helper()
	root, err := harness.Root()
	if err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), "bash", "-euo", "pipefail", "-c", script)
	command.Dir = w.dir
	command.Env = append(os.Environ(), "KUBECONFIG="+w.Kubeconfig, "PATH="+filepath.Join(root, "bin")+":"+binaries+":"+os.Getenv("PATH"),
		"HELM_CACHE_HOME="+filepath.Join(w.dir, ".helm"), "CHART="+filepath.Join(root, "charts", "connector-operator"))
	command.Env = append(command.Env, env...)
	var out, problems bytes.Buffer
	command.Stdout, command.Stderr = &out, &problems
	if err := command.Run(); err != nil {
		return out.String(), fmt.Errorf("%w: %s", err, problems.String())
	}
	return out.String(), nil
}

// start runs the manager as the Deployment of the chart would have it run.
func (w *world) start(t *testing.T) {
	t.Helper()
	deployment := w.deployment(t)
	if *deployment.Spec.Replicas == 0 {
		t.Fatal("the chart asks for no replica of the manager")
	}
	options := controllers.Options{Namespace: deployment.Namespace}
	flags := flag.NewFlagSet("manager", flag.ContinueOnError)
	options.BindFlags(flags)
	if err := flags.Parse(deployment.Spec.Template.Spec.Containers[0].Args[1:]); err != nil {
		t.Fatalf("the chart gives the manager what it does not understand: %v", err)
	}
	timing := observe.DefaultTiming()
	// Real gateways become ready only with a certificate, and simulated ones at once, so their silence until then means nothing here.
	timing.Patience = 1 << 20
	recorder := calls.NewRecorder(w.Scheme, calls.OfConnector)
	operator, err := trial.StartInProcessBy(w.life(), clock.RealClock{}, w.as(deployment), recorder, w.gateways, timing, func(o *controllers.Options) {
		*o = options
		o.Namespace = deployment.Namespace
		// Several managers run here, one after the other, and none has a port or a lease of its own.
		o.MetricsAddress, o.ProbeAddress, o.LeaderElection, o.SkipNameValidation = "0", "0", false, true
		o.NoticeAllowNetworks = "127.0.0.0/8"
	})
	if err != nil {
		t.Fatal(err)
	}
	w.operator = operator
}

// as is how the manager reaches the cluster: with the ServiceAccount of its Deployment.
func (w *world) as(deployment *appsv1.Deployment) *rest.Config {
	config := rest.CopyConfig(w.Admin)
	config.Impersonate = rest.ImpersonationConfig{
		UserName: "system:serviceaccount:" + deployment.Namespace + ":" + deployment.Spec.Template.Spec.ServiceAccountName,
		Groups:   []string{"system:serviceaccounts", "system:serviceaccounts:" + deployment.Namespace, "system:authenticated"},
	}
	return config
}

// deployment is the manager's, wherever it is installed.
func (w *world) deployment(t *testing.T) *appsv1.Deployment {
	t.Helper()
	var list appsv1.DeploymentList
	if err := w.Client.List(t.Context(), &list, client.MatchingLabels{"app.kubernetes.io/name": release}); err != nil {
		t.Fatal(err)
	}
	if len(list.Items) != 1 {
		t.Fatalf("the manager has %d Deployments, want 1", len(list.Items))
	}
	return &list.Items[0]
}

func (w *world) stop(t *testing.T) {
	t.Helper()
	if w.operator == nil {
		return
	}
	operator := w.operator
	w.operator = nil
	if err := operator.Stop(); err != nil {
		t.Errorf("the operator ended with %v", err)
	}
}

func (w *world) await(t *testing.T, check func(context.Context) error) {
	t.Helper()
	if err := fleet.Await(t.Context(), patience, func() error { return check(t.Context()) }); err != nil {
		t.Fatal(err)
	}
}

// eventually is await for what is asked of the API server.
func (w *world) eventually(t *testing.T, check func(context.Context) error) {
	t.Helper()
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for {
		err := check(t.Context())
		if err == nil {
			return
		}
		select {
		case <-tick.C:
		case <-deadline.C:
			t.Fatalf("after %s: %v", patience, err)
		}
	}
}

// makeNamespace makes the namespace of the operator.
func (w *world) makeNamespace(t *testing.T) {
	t.Helper()
	if err := client.IgnoreAlreadyExists(w.Client.Create(t.Context(), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: namespace}})); err != nil {
		t.Fatal(err)
	}
}

// binaries is where the binary of the operator lies.
var binaries string

func TestMain(m *testing.M) { os.Exit(run(m)) }

// run builds the operator's binary, which the documents call, and gives the exit code.
func run(m *testing.M) int {
	code, err := build(m.Run)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return code
}

func build(use func() int) (code int, err error) {
	root, err := harness.Root()
	if err != nil {
		return 0, err
	}
	for _, tool := range []string{"helm", "kubectl"} {
		if _, err := os.Stat(filepath.Join(root, "bin", tool)); err != nil {
			return 0, fmt.Errorf("looking for %s, which `make chart-tools` builds: %w", tool, err)
		}
	}
	if binaries, err = os.MkdirTemp("", "connector-operator-"); err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(binaries)) }()
	command := exec.Command("go", "build", "-o", filepath.Join(binaries, "connector-operator"), ".")
	command.Dir = root
	if out, err := command.CombinedOutput(); err != nil {
		return 0, fmt.Errorf("building the operator: %w: %s", err, out)
	}
	return use(), nil
}
