// Command bench measures the operator with 300 Connectors on simulated pods, beside a bare client that creates the same objects in the
// same run, and prints a table; bench.json in the folder of the project has all of it. It takes the cluster of KUBECONFIG, or starts
// one.
//
//	go run ./test/bench [-agencies 30] [-sites 10] [-rounds 2]
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/go-logr/logr"
	ctrl "sigs.k8s.io/controller-runtime"

	"lienthong.gov.vn/connector-operator/controllers/observe"
	"lienthong.gov.vn/connector-operator/gateway/status"
	"lienthong.gov.vn/connector-operator/test/harness"
	"lienthong.gov.vn/connector-operator/test/scale/fleet"
)

func main() {
	if len(os.Args) == 5 && os.Args[1] == operatorCommand {
		os.Exit(operatorMain(os.Args[2], os.Args[3], os.Args[4]))
	}
	var o options
	flag.IntVar(&o.size.Agencies, "agencies", 30, "how many agencies there are")
	flag.IntVar(&o.size.Sites, "sites", 10, "how many Connectors each agency has")
	flag.IntVar(&o.rounds, "rounds", 2, "how often the operator and the bare client take turns")
	flag.DurationVar(&o.idle, "idle", time.Minute, "how long an idle operator is watched")
	flag.Parse()
	os.Exit(harness.With("bench", func(ctx context.Context, env *harness.Env) int {
		if err := bench(ctx, env, o); err != nil {
			fmt.Fprintln(os.Stderr, "bench:", err)
			return 1
		}
		return 0
	}))
}

func operatorMain(kubeconfig, agencies, sites string) int {
	ctrl.SetLogger(logr.Discard())
	var size fleet.Size
	var err error
	if size.Agencies, err = strconv.Atoi(agencies); err == nil {
		size.Sites, err = strconv.Atoi(sites)
	}
	if err == nil {
		err = runOperator(context.Background(), kubeconfig, size)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "operator:", err)
		return 1
	}
	return 0
}

// nobody is the fetcher of an operator whose pods have no addresses.
type nobody struct{}

// Fetch is never called.
func (nobody) Fetch(context.Context, observe.Target) (status.Report, error) {
	return status.Report{}, observe.ErrNoIdentity
}

type options struct {
	size   fleet.Size
	rounds int
	idle   time.Duration
}

func bench(ctx context.Context, env *harness.Env, o options) error {
	report, err := measure(ctx, env, o)
	if err != nil {
		return err
	}
	fmt.Print(report.table())
	root, err := harness.Root()
	if err != nil {
		return err
	}
	data, err := json.MarshalIndent(report, "", "  ")
	if err != nil {
		return fmt.Errorf("writing the report as JSON: %w", err)
	}
	if err := os.WriteFile(filepath.Join(root, "bench.json"), append(data, '\n'), 0o600); err != nil {
		return fmt.Errorf("writing bench.json: %w", err)
	}
	return nil
}
