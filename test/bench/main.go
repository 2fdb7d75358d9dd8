// Command bench measures the operator on simulated pods: with 300 Connectors, beside a bare client that creates the same objects, and with
// 1,000 whose certificates are renewed at once, beside cert-manager alone that renews as many. It prints tables; bench.json in the
// folder of the project has all of it. It takes the cluster of KUBECONFIG, or starts one.
//
//	go run ./test/bench [-part life|renewal] [-agencies 30] [-sites 10] [-renewals 1000] [-rounds 2]
package main

import (
	"context"
	"encoding/json"
	"errors"
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
	flag.IntVar(&o.rounds, "rounds", 2, "how often the operator and what it is compared with take turns")
	flag.StringVar(&o.part, "part", "", "measure only the life of a fleet (life) or only renewals (renewal), and keep what bench.json has of the other")
	certificates := flag.Int("renewals", 1000, "how many certificates are renewed at once, rounded to agencies of 20 Connectors")
	flag.DurationVar(&o.idle, "idle", time.Minute, "how long an idle operator is watched")
	flag.Parse()
	o.renewed = fleet.Size{Agencies: max(*certificates/20, 1), Sites: 20}
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
	part    string
	size    fleet.Size
	renewed fleet.Size
	rounds  int
	idle    time.Duration
}

// Parts of the benchmark; all are measured if none is named.
const (
	partLife    = "life"
	partRenewal = "renewal"
)

func bench(ctx context.Context, env *harness.Env, o options) error {
	root, err := harness.Root()
	if err != nil {
		return err
	}
	file := filepath.Join(root, "bench.json")
	report := &Report{}
	switch o.part {
	case "":
	case partLife, partRenewal:
		if err := keep(file, report); err != nil {
			return err
		}
	default:
		return fmt.Errorf("-part is %q; write %s or %s, or leave it out for both", o.part, partLife, partRenewal)
	}
	if o.part != partRenewal {
		life, err := measure(ctx, env, o)
		if err != nil {
			return err
		}
		life.Renewal, report = report.Renewal, life
		fmt.Print(report.table())
	}
	if o.part != partLife {
		if report.Renewal, err = measureRenewals(ctx, env, o); err != nil {
			return err
		}
		fmt.Print("\n" + report.Renewal.table())
	}
	data, err := json.MarshalIndent(report, "", "  ")
	if err != nil {
		return fmt.Errorf("writing the report as JSON: %w", err)
	}
	if err := os.WriteFile(file, append(data, '\n'), 0o600); err != nil {
		return fmt.Errorf("writing bench.json: %w", err)
	}
	return nil
}

// keep reads what was measured before; there may be nothing.
func keep(file string, report *Report) error {
	data, err := os.ReadFile(file)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err == nil {
		err = json.Unmarshal(data, report)
	}
	if err != nil {
		return fmt.Errorf("reading bench.json: %w", err)
	}
	return nil
}
