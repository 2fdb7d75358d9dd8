// Command demo shows the first national roll-out on a local cluster: the 27 agencies of the plan of 2018, each with its
// connector, its certificate and its link to the hub, a sample record of everything that its level asks people to do, one document on its
// way, and who is ready for which deadline.
//
//	go run ./hack/demo          start everything and print the result; a second run finishes or repeats the first
//	go run ./hack/demo -down    remove everything that was started
//
// Where KUBECONFIG is set, that cluster is used; it must have cert-manager, and the three images must be named by digest. -down
// then removes from it what the demo made there, and touches no local cluster.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"
	_ "time/tzdata" // The plan's dates are civil dates in a named zone.

	"github.com/go-logr/logr"
	ctrl "sigs.k8s.io/controller-runtime"

	"lienthong.gov.vn/connector-operator/hack/stage"
)

const (
	defaultName = "demo"
	// patience is how long the 27 Connectors may take; a machine with two cores needs about a minute.
	patience = 10 * time.Minute
	// The document goes from the Ministry of Finance to Ho Chi Minh City.
	sender, receiver = "g12", "h29"
	documentSize     = 1 << 20
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	ctrl.SetLogger(logr.Discard())
	err := run(ctx, os.Args[1:], os.Stdout)
	interrupted := ctx.Err() != nil
	stop()
	switch {
	case interrupted && err != nil:
		fmt.Fprintln(os.Stderr, "demo: interrupted; what was started or removed until now stays so: repeat the command to finish it, "+
			"or run make demo-down to remove everything")
		os.Exit(130)
	case errors.Is(err, flag.ErrHelp):
		os.Exit(2)
	case err != nil:
		fmt.Fprintf(os.Stderr, "demo: %v\n", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out io.Writer) error {
	root, err := stage.FindRoot()
	if err != nil {
		return err
	}
	options := stage.Options{Root: root, Out: out}
	flags := flag.NewFlagSet("demo", flag.ContinueOnError)
	down := flags.Bool("down", false, "remove everything that the demo made")
	flags.StringVar(&options.Name, "name", defaultName, "name of the local cluster")
	flags.StringVar(&options.Pods, "pods", "", "containers or simulated; the default is containers where that is possible")
	flags.StringVar(&options.Kubeconfig, "kubeconfig", os.Getenv("KUBECONFIG"), "cluster that exists already, instead of a local one")
	flags.StringVar(&options.Images.Operator, "image", "", "operator's image by digest, for a cluster that exists already")
	flags.StringVar(&options.Images.Hub, "hub-image", "", "stand-in hub's image by digest, likewise")
	flags.StringVar(&options.Images.AgencySystem, "agency-image", "", "stand-in agency system's image by digest, likewise")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *down {
		return stage.Down(ctx, options)
	}
	s, err := stage.New(ctx, options)
	if err != nil {
		return err
	}
	if err := s.Set(ctx); err != nil {
		return err
	}
	if err := s.AwaitConnectors(ctx, patience); err != nil {
		return err
	}
	if err := s.AwaitPlans(ctx, patience); err != nil {
		return fmt.Errorf("waiting for the plans to be counted: %w", err)
	}
	return show(ctx, s, out)
}

func show(ctx context.Context, s *stage.Stage, out io.Writer) error {
	delivery, err := s.SendDocument(ctx, sender, receiver, documentSize)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "\nOne document of %d bytes went from the system of %s through its gateway, the hub and the gateway of %s to the system of %s:\n",
		delivery.Bytes, delivery.From, delivery.To, delivery.To)
	fmt.Fprintf(out, "  sent      %s\n  received  %s\n", delivery.Sent, delivery.Received)
	if delivery.Sent != delivery.Received {
		return errors.New("the document that arrived is not the one that was sent")
	}
	if err := s.PrintReport(ctx, out); err != nil {
		return err
	}
	fmt.Fprint(out, closing(s))
	return nil
}

func closing(s *stage.Stage) string {
	remove := "make demo-down"
	switch {
	case !s.Local():
		remove += "   (with the same KUBECONFIG; what was in the cluster before stays)"
	case s.Name != defaultName:
		remove = "go run ./hack/demo -name " + s.Name + " -down"
	}
	text := fmt.Sprintf("\nLook around:  export KUBECONFIG=%s\n              kubectl get lienthong -A\nRemove it:    %s\n", s.Kubeconfig, remove)
	switch {
	case !s.Local():
		return "\nPods are real: each gateway was asked over mTLS what it serves.\n" + text
	case !s.Simulated:
		return "\nPods are real: each gateway was asked over mTLS what it serves. The local cluster does not enforce network policies.\n" + text
	}
	return "\nPods are simulated: the control plane, cert-manager and the operator are real, but nothing listens in a pod, so what a\n" +
		"gateway serves and whether it reaches the hub stays Unknown, and no milestone that asks for it is met. The document went through\n" +
		"two gateways and a hub that this command ran on loopback, with the certificates and the configuration from the cluster.\n" +
		"As root on Linux, make demo runs real pods.\n" + text
}
