// Package suite runs a suite of tests on one stage: it prepares the stage, runs the tests, and takes the stage down, be the end a success, a
// failure, an interrupt or the end of the time that go test gives. It runs in TestMain of the packages whose pods really run. A restart of the
// operator means nothing to it.
package suite

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

	"github.com/go-logr/logr"
	ctrl "sigs.k8s.io/controller-runtime"

	"lienthong.gov.vn/connector-operator/hack/stage"
)

// takeDownTime is what is kept of go test's timeout for taking the cluster down: at the timeout itself the process is killed.
const takeDownTime = 2 * time.Minute

// Run runs the tests on a stage that prepare has set, and gives the exit code. The cluster is the local one of that name, or that of
// KUBECONFIG, with the images that E2E_IMAGE, E2E_HUB_IMAGE and E2E_AGENCY_IMAGE name. With E2E_KEEP a local one is left as it is.
func Run(m *testing.M, name string, prepare func(context.Context, stage.Options) error) int {
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	ctx, cancel := withinTimeout(ctx)
	defer cancel()
	ctrl.SetLogger(logr.Discard())
	return onStage(ctx, m, name, prepare)
}

func withinTimeout(ctx context.Context) (context.Context, context.CancelFunc) {
	if given, ok := flag.Lookup("test.timeout").Value.(flag.Getter); ok {
		if timeout, ok := given.Get().(time.Duration); ok && timeout > takeDownTime {
			return context.WithTimeoutCause(ctx, timeout-takeDownTime, errors.New("the time that -timeout gives is nearly over"))
		}
	}
	return context.WithCancel(ctx)
}

func onStage(ctx context.Context, m *testing.M, name string, prepare func(context.Context, stage.Options) error) (code int) {
	root, err := stage.FindRoot()
	if err != nil {
		return failed(err)
	}
	options := stage.Options{
		Root: root, Name: name, Pods: "containers", Kubeconfig: os.Getenv("KUBECONFIG"), Out: os.Stderr,
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

func failed(err error) int {
	fmt.Fprintln(os.Stderr, err)
	return 1
}
