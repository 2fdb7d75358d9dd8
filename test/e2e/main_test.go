//go:build e2e

package e2e

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"testing"
	"time"
	_ "time/tzdata" // The plans' dates are civil dates in a named zone.

	"github.com/go-logr/logr"
	ctrl "sigs.k8s.io/controller-runtime"

	"lienthong.gov.vn/connector-operator/hack/stage"
	"lienthong.gov.vn/connector-operator/test/harness"
)

const (
	clusterName = "e2e"
	// setPatience bounds how long the 27 Connectors may take to become Ready on a machine that does other work too.
	setPatience = 10 * time.Minute
)

// shared is what TestMain hands to the scenarios.
var shared struct {
	stage   *stage.Stage
	checker *harness.Env
	// setTook is how long it took from the first object in the cluster until all Connectors were Ready.
	setTook time.Duration
	direct  bool
}

func TestMain(m *testing.M) {
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	ctx, cancel := withinTimeout(ctx)
	ctrl.SetLogger(logr.Discard())
	code := run(ctx, m)
	cancel()
	stop()
	os.Exit(code)
}

// takeDownTime is what is kept of go test's timeout for taking the cluster down: at the timeout itself the process is killed.
const takeDownTime = 2 * time.Minute

func withinTimeout(ctx context.Context) (context.Context, context.CancelFunc) {
	if given, ok := flag.Lookup("test.timeout").Value.(flag.Getter); ok {
		if timeout, ok := given.Get().(time.Duration); ok && timeout > takeDownTime {
			return context.WithTimeoutCause(ctx, timeout-takeDownTime, errors.New("the time that -timeout gives is nearly over"))
		}
	}
	return context.WithCancel(ctx)
}

func run(ctx context.Context, m *testing.M) (code int) {
	root, err := stage.FindRoot()
	if err != nil {
		return failed(err)
	}
	options := stage.Options{
		Root: root, Name: clusterName, Pods: "containers", Kubeconfig: os.Getenv("KUBECONFIG"), Out: os.Stderr,
		Images: stage.Images{
			Operator: os.Getenv("E2E_IMAGE"), Hub: os.Getenv("E2E_HUB_IMAGE"), AgencySystem: os.Getenv("E2E_AGENCY_IMAGE"),
		},
	}
	if options.Kubeconfig == "" && os.Getenv("E2E_KEEP") == "" {
		defer func() {
			// What was interrupted is taken down too, so the context is not the interrupted one.
			if err := stage.Down(context.WithoutCancel(ctx), options); err != nil {
				code = max(code, failed(err))
			}
		}()
	}
	if err := prepare(ctx, options); err != nil {
		return failed(err)
	}
	// The tests see neither a signal nor the end of their time, and would go on while the cluster is taken down.
	ended := make(chan int, 1)
	go func() { ended <- m.Run() }()
	select {
	case code := <-ended:
		return code
	case <-ctx.Done():
		return failed(fmt.Errorf("the suite was cut short: %w", context.Cause(ctx)))
	}
}

func prepare(ctx context.Context, options stage.Options) error {
	s, err := stage.New(ctx, options)
	if err != nil {
		return err
	}
	begin := time.Now()
	if err := s.Set(ctx); err != nil {
		return err
	}
	if err := s.AwaitConnectors(ctx, setPatience); err != nil {
		return err
	}
	shared.setTook = time.Since(begin)
	if err := s.AwaitPlans(ctx, setPatience); err != nil {
		return fmt.Errorf("waiting for the plans to be counted: %w", err)
	}
	shared.stage, shared.checker = s, &harness.Env{Client: s.Client}
	shared.direct = reachable(ctx, s)
	return nil
}

func failed(err error) int {
	fmt.Fprintln(os.Stderr, err)
	return 1
}

// TestRollout runs the scenarios in the order in which they are written here: those that only look come first.
func TestRollout(t *testing.T) {
	for _, scenario := range []struct {
		name string
		run  func(*testing.T)
		// direct scenarios connect to pods and Services from this machine, local ones kill parts of the control plane.
		direct, local bool
	}{
		{name: "ready", run: agenciesAreReady},
		{name: "pods", run: podsAreHardened},
		{name: "documents", run: documentsArrive},
		{name: "forgery", run: forgeryIsRefused, direct: true},
		{name: "tls", run: strangersAreRefused, direct: true},
		{name: "status-port", run: statusIsForTheOperator, direct: true},
		{name: "mistakes", run: mistakesAreNamed},
		{name: "restart", run: restartWritesNothing, direct: true},
		{name: "hub", run: hubFailsOver, direct: true},
		{name: "hub-slow", run: hubRefusesAndStalls, direct: true},
		{name: "drain", run: podsLeaveWithoutLoss, direct: true},
		{name: "control-plane", run: controlPlaneDies, direct: true, local: true},
		{name: "rotation", run: everyLeafRotates, direct: true},
		{name: "rotation-by-restart", run: leafOfRestartingPodsRotates, direct: true},
		{name: "revocation", run: revocationsReachEveryGateway, direct: true},
		{name: "unbinding", run: unboundNamespaceLosesItsIdentity, direct: true},
		{name: "rollover", run: authorityRollsOver, direct: true},
		{name: "removal", run: removalLeavesNothing},
	} {
		t.Run(scenario.name, func(t *testing.T) {
			if scenario.direct && !shared.direct {
				t.Skip("the pods of this cluster cannot be reached from this machine")
			}
			if scenario.local && shared.stage.Kubeconfig != localKubeconfig() {
				t.Skip("only the control plane of the local cluster is killed")
			}
			begin := time.Now()
			// Nested, so that what the scenario put up is taken down before the stage is looked at.
			t.Run("scenario", scenario.run)
			everythingIsReady(t)
			measuredf(t, "the scenario %s took %s", scenario.name, round(time.Since(begin)))
		})
	}
}
