//go:build charts

package cluster

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/go-logr/logr"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/rest"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/controllers"
	"lienthong.gov.vn/connector-operator/test/harness"
)

const (
	root      = "../../.."
	namespace = controllers.DefaultNamespace
	release   = "connector-operator"
)

// shared is the cluster of all tests of this package.
var shared *harness.Cluster

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	ctx := context.Background()
	ctrl.SetLogger(logr.Discard())
	cluster, err := harness.StartCluster(ctx, "charts")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() {
		if err := cluster.Stop(ctx); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
	}()
	shared = cluster
	return m.Run()
}

// TestCharts runs one test after the other: the first leaves the chart of the operator installed for the others, and the last a definition that is newer.
func TestCharts(t *testing.T) {
	for _, test := range []struct {
		name string
		run  func(*testing.T)
	}{
		{"life", life},
		{"values files", everyValuesFileIsAccepted},
		{"a platform engineer", aPlatformEngineerAdmits},
		{"an agency", anAgencyConnects},
		{"who approves", approversAreTold},
		{"definitions are brought up to date", definitionsAreBroughtUpToDate},
		{"rights of the Job", theJobMayDoNothingElse},
		{"definitions are not taken back", definitionsAreNotTakenBack},
	} {
		if !t.Run(test.name, test.run) {
			return
		}
	}
}

// helm runs helm against the cluster, and gives what it said.
func helm(ctx context.Context, args ...string) (string, error) {
	program, err := filepath.Abs(cmp.Or(os.Getenv("HELM"), filepath.Join(root, "bin", "helm")))
	if err != nil {
		return "", fmt.Errorf("finding helm: %w", err)
	}
	command := exec.CommandContext(ctx, program, append([]string{"--namespace", namespace}, args...)...)
	command.Env = append(os.Environ(), "KUBECONFIG="+shared.Kubeconfig)
	var out, said bytes.Buffer
	command.Stdout, command.Stderr = &out, &said
	if err := command.Run(); err != nil {
		return out.String(), fmt.Errorf("helm %v: %w: %s%s", args, err, &out, &said)
	}
	return out.String(), nil
}

func mustHelm(t *testing.T, args ...string) string {
	t.Helper()
	out, err := helm(t.Context(), args...)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// eventually repeats a check until it holds: what permissions there are, and what is gone, the API server knows a moment later.
func eventually(t *testing.T, check func() error) {
	t.Helper()
	var last error
	err := wait.PollUntilContextTimeout(t.Context(), 100*time.Millisecond, time.Minute, true, func(context.Context) (bool, error) {
		last = check()
		return last == nil, nil
	})
	if err != nil {
		t.Fatalf("after a minute: %v", last)
	}
}

// chart is the directory of a chart in charts/.
func chart(name string) string { return filepath.Join(root, "charts", name) }

// operatorValues are the values that the chart of the operator cannot do without.
func operatorValues() string {
	return filepath.Join(chart("connector-operator"), "ci", "default-values.yaml")
}

// as is a client that acts as a ServiceAccount of the operator's namespace, with its permissions and no others; as an administrator, if it has no name.
func as(t *testing.T, account string) client.Client {
	t.Helper()
	config := rest.CopyConfig(shared.Admin)
	if account != "" {
		config.Impersonate = rest.ImpersonationConfig{
			UserName: "system:serviceaccount:" + namespace + ":" + account, Groups: harness.OperatorGroups(),
		}
	}
	scheme, err := controllers.NewScheme()
	if err != nil {
		t.Fatal(err)
	}
	if err := apiextensionsv1.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	c, err := client.New(config, client.Options{Scheme: scheme})
	if err != nil {
		t.Fatal(err)
	}
	return c
}
