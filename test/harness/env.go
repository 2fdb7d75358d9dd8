package harness

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"testing"
	"time"

	"github.com/go-logr/logr"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	k8sruntime "k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/rest"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/controllers"
)

// Env is a cluster with the operator's CRDs, roles and admission policies, for one suite.
type Env struct {
	*Cluster
	Scheme *k8sruntime.Scheme
	// Client is an administrator's, and reads from the API server.
	Client client.Client
}

// OperatorUser is whom the operator of a test acts as: its own ServiceAccount, so that a missing permission fails the test.
const OperatorUser = "system:serviceaccount:" + controllers.DefaultNamespace + ":connector-operator"

// Main runs a suite: it starts the cluster, installs the operator's CRDs, roles and policies, runs setup and the tests, and removes what it started. It
// gives the exit code.
func Main(m *testing.M, name string, setup func(context.Context, *Env) error) int {
	return With(name, func(ctx context.Context, env *Env) int {
		if err := setup(ctx, env); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		return m.Run()
	})
}

// With starts the cluster, installs the operator's CRDs, roles and policies, calls use, and removes what it started. It gives the exit code of use, or 1 if
// it does not come to that.
func With(name string, use func(context.Context, *Env) int) int {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	// Of the operator's log, only what went wrong is worth reading beside the tests.
	ctrl.SetLogger(logr.FromSlogHandler(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError})))
	cluster, err := StartCluster(ctx, name)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	// The cluster outlives the context of what runs in it.
	defer func() {
		cancel()
		if err := cluster.Stop(context.Background()); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
	}()
	env, err := prepare(ctx, cluster)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return use(ctx, env)
}

func prepare(ctx context.Context, cluster *Cluster) (*Env, error) {
	scheme, err := controllers.NewScheme()
	if err != nil {
		return nil, err
	}
	admin, err := client.New(cluster.Admin, client.Options{Scheme: scheme})
	if err != nil {
		return nil, fmt.Errorf("making the administrator's client: %w", err)
	}
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: controllers.DefaultNamespace}}
	if err := client.IgnoreAlreadyExists(admin.Create(ctx, namespace)); err != nil {
		return nil, fmt.Errorf("creating the operator's namespace: %w", err)
	}
	return &Env{Cluster: cluster, Scheme: scheme, Client: admin}, errors.Join(
		cluster.Apply(ctx, "-k", "config/crd", "--wait"),
		cluster.Apply(ctx, "-k", "config/rbac"),
		cluster.Apply(ctx, "-k", "config/admission"),
	)
}

// OperatorConfig is how the operator of a test reaches the cluster: with its ServiceAccount's permissions and no others.
func (e *Env) OperatorConfig() *rest.Config { return AsOperator(e.Admin) }

// AsOperator makes an administrator's configuration one that acts as the operator.
func AsOperator(admin *rest.Config) *rest.Config {
	config := rest.CopyConfig(admin)
	config.Impersonate = rest.ImpersonationConfig{UserName: OperatorUser, Groups: OperatorGroups()}
	return config
}

// OperatorGroups are the groups that the API server puts the operator's ServiceAccount into.
func OperatorGroups() []string {
	return []string{"system:serviceaccounts", "system:serviceaccounts:" + controllers.DefaultNamespace, "system:authenticated"}
}

// Operator is one running manager.
type Operator struct {
	Manager ctrl.Manager
	stop    context.CancelFunc
	done    chan error
}

// StartOperator runs the operator in this process with these dependencies, as the manager subcommand would, and waits until its cache is
// filled. What else it is told, change says.
func StartOperator(ctx context.Context, config *rest.Config, dependencies controllers.Dependencies, change ...func(*controllers.Options)) (*Operator, error) {
	options := controllers.Options{
		Namespace: controllers.DefaultNamespace, MetricsAddress: "0", ProbeAddress: "0", Concurrency: 16, SkipNameValidation: true,
		// The sinks of tests run beside them.
		NoticeAllowNetworks: "127.0.0.0/8",
	}
	for _, f := range change {
		f(&options)
	}
	mgr, err := controllers.NewManager(config, options)
	if err != nil {
		return nil, err
	}
	ctx, stop := context.WithCancel(ctx)
	if err := controllers.Setup(ctx, mgr, options, dependencies); err != nil {
		stop()
		return nil, err
	}
	o := &Operator{Manager: mgr, stop: stop, done: make(chan error, 1)}
	go func() { o.done <- mgr.Start(ctx) }()
	if !mgr.GetCache().WaitForCacheSync(ctx) {
		return nil, errors.Join(errors.New("the operator's cache could not be filled"), o.Stop())
	}
	return o, nil
}

// Stop stops the operator and waits until it is gone.
func (o *Operator) Stop() error {
	o.stop()
	return <-o.done
}

// Namespace makes a namespace that is removed after the test.
func (e *Env) Namespace(t *testing.T) string {
	t.Helper()
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "test-"}}
	e.Create(t, namespace)
	return namespace.Name
}

// Create makes objects that are removed after the test.
func (e *Env) Create(t *testing.T, objects ...client.Object) {
	t.Helper()
	for _, object := range objects {
		if err := e.Client.Create(t.Context(), object); err != nil {
			t.Fatalf("creating %T %s: %v", object, object.GetName(), err)
		}
		t.Cleanup(func() {
			// The test's own context has ended by now.
			if err := client.IgnoreNotFound(e.Client.Delete(context.Background(), object)); err != nil {
				t.Errorf("removing %T %s: %v", object, object.GetName(), err)
			}
		})
	}
}

// Patience is how long Eventually waits; it is far more than anything takes on an idle machine.
const Patience = 60 * time.Second

// Eventually calls check until it succeeds, and fails the test with its last error if it does not in time.
func (e *Env) Eventually(t *testing.T, check func() error) {
	t.Helper()
	deadline := time.NewTimer(Patience)
	defer deadline.Stop()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	var last error
	for {
		if last = check(); last == nil {
			return
		}
		select {
		case <-tick.C:
		case <-deadline.C:
			t.Fatalf("after %s: %v", Patience, last)
		case <-t.Context().Done():
			t.Fatalf("the test ended: %v", last)
		}
	}
}
