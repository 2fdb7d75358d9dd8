// Command connector-operator is both halves of the Lienthong connector operator: the manager, which runs once in a cluster,
// and the gateway, which runs in each connector's pods. It is also the command line of reports, as the command report, and as the plugin of
// kubectl that it is when it is called kubectl-lienthong.
package main

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	_ "time/tzdata" // Deadlines are civil dates in a named zone, and the image has no zone database.

	"github.com/go-logr/logr"
	"k8s.io/client-go/rest"
	"k8s.io/klog/v2"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"

	"lienthong.gov.vn/connector-operator/controllers"
	"lienthong.gov.vn/connector-operator/gateway"
	"lienthong.gov.vn/connector-operator/install/check"
	"lienthong.gov.vn/connector-operator/install/crds"
	"lienthong.gov.vn/connector-operator/report/cli"
	"lienthong.gov.vn/connector-operator/report/locale"
	"lienthong.gov.vn/connector-operator/report/verify"
)

// version is set at build time with -ldflags "-X main.version=…".
var version = "dev"

const usage = `Usage: connector-operator <command> [flags]

Commands:
  manager   run the operator against the cluster that --kubeconfig or the pod's ServiceAccount names
  gateway   run the data plane of one connector
  crds      bring the cluster's CustomResourceDefinitions up to date: crds apply
  check     ask the cluster whether what surrounds the operator is as it needs it
  report    tell who is ready for which deadline, and why not; also as kubectl lienthong
  version   print the version

Run "connector-operator <command> -h" for the flags of a command.
`

// plugin is what the binary is called as a plugin of kubectl.
const plugin = "kubectl-lienthong"

func main() {
	ctx := ctrl.SetupSignalHandler()
	if name := strings.TrimSuffix(filepath.Base(os.Args[0]), ".exe"); name == plugin {
		os.Exit(runReport(ctx, cli.Call{Program: "kubectl lienthong", Args: os.Args[1:]}))
	}
	os.Exit(run(ctx, os.Args[1:]))
}

// run gives the exit code: 0 for success, 1 for a failure, 2 for a call that is not understood.
func run(ctx context.Context, args []string) int {
	if len(args) > 0 && args[0] == "report" {
		return runReport(ctx, cli.Call{Program: "connector-operator report", Reports: true, Args: args[1:]})
	}
	log := logr.FromSlogHandler(slog.NewJSONHandler(os.Stderr, nil))
	ctrl.SetLogger(log)
	if len(args) == 0 {
		fmt.Fprint(os.Stderr, usage)
		return 2
	}
	var err error
	switch args[0] {
	case "manager":
		err = runManager(ctx, args[1:])
	case "gateway":
		err = runGateway(ctx, log, args[1:])
	case "crds":
		err = crds.Run(ctx, args[1:], os.Stdout, ctrl.RegisterFlags, clusterConfig)
	case "check":
		err = check.Run(ctx, args[1:], os.Stdout, ctrl.RegisterFlags, clusterConfig)
	case "version":
		fmt.Println(version)
	case "help", "-h", "--help":
		fmt.Print(usage)
	default:
		fmt.Fprintf(os.Stderr, "There is no command %q.\n\n%s", args[0], usage)
		return 2
	}
	if err != nil {
		log.Error(err, "The command failed.", "command", args[0])
		return 1
	}
	return 0
}

func runManager(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("manager", flag.ExitOnError)
	var options controllers.Options
	options.BindFlags(flags)
	ctrl.RegisterFlags(flags)
	if err := flags.Parse(args); err != nil {
		return fmt.Errorf("reading the flags: %w", err)
	}
	config, err := clusterConfig()
	if err != nil {
		return fmt.Errorf("finding the cluster: %w", err)
	}
	return controllers.Run(ctx, config, options)
}

// clusterConfig is the cluster that --kubeconfig or the pod's ServiceAccount names.
func clusterConfig() (*rest.Config, error) {
	config, err := ctrl.GetConfig()
	if err == nil {
		config.UserAgent = "lienthong-connector-operator/" + version
	}
	return config, err
}

func runGateway(ctx context.Context, log logr.Logger, args []string) error {
	flags := flag.NewFlagSet("gateway", flag.ExitOnError)
	options := gateway.Options{Version: version, Log: log}
	flags.StringVar(&options.ConfigDir, "config-dir", "/etc/lienthong/gateway", "Directory with gateway.yaml and trust.pem.")
	flags.StringVar(&options.IdentityDir, "identity-dir", "/var/run/lienthong/identity", "Directory with tls.crt and tls.key.")
	if err := flags.Parse(args); err != nil {
		return fmt.Errorf("reading the flags: %w", err)
	}
	return gateway.Run(ctx, options)
}

// runReport talks to a person: what the libraries log would only stand between the lines.
func runReport(ctx context.Context, call cli.Call) int {
	ctrl.SetLogger(logr.Discard())
	klog.SetLogger(logr.Discard())
	call.Stdin, call.Stdout, call.Stderr = os.Stdin, os.Stdout, os.Stderr
	call.Getenv, call.Clock, call.Connect, call.Version = os.Getenv, clock.RealClock{}, cli.Connect, version
	call.Others = []cli.Command{{
		Name: "verify", Run: verify.Run,
		Short: func(l locale.Language) string {
			return l.Say("Kiểm tra chuỗi báo cáo đã xuất, không cần mạng", "Verify an exported chain of reports, offline")
		},
	}}
	return cli.Run(ctx, call)
}
