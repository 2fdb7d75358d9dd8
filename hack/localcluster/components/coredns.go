//go:build components

package main

import (
	"fmt"
	"os"

	"github.com/coredns/caddy"
	_ "github.com/coredns/coredns/core/dnsserver" // registers the server type that a Corefile is read for
	_ "github.com/coredns/coredns/plugin/bind"
	_ "github.com/coredns/coredns/plugin/cache"
	_ "github.com/coredns/coredns/plugin/errors"
	_ "github.com/coredns/coredns/plugin/kubernetes"
	_ "github.com/coredns/coredns/plugin/ready"
	"github.com/spf13/pflag"
)

// runCoreDNS serves the cluster's names with the few plugins that a local cluster needs. Names outside of the zones in the
// Corefile are refused by the server itself: there is no forwarder, so that a pod which depends on a name of the outside
// world fails at once and visibly instead of after a time-out.
func runCoreDNS() int {
	flags := pflag.NewFlagSet("coredns", pflag.ContinueOnError)
	path := flags.String("conf", "", "the Corefile to serve")
	if err := flags.Parse(os.Args[1:]); err != nil {
		fmt.Fprintf(os.Stderr, "coredns: %v\n", err)
		return 2
	}
	contents, err := os.ReadFile(*path)
	if err != nil {
		fmt.Fprintf(os.Stderr, "coredns: read the Corefile named by --conf: %v\n", err)
		return 2
	}
	caddy.Quiet = true
	caddy.TrapSignals()
	instance, err := caddy.Start(caddy.CaddyfileInput{Contents: contents, Filepath: *path, ServerTypeName: "dns"})
	if err != nil {
		fmt.Fprintf(os.Stderr, "coredns: start with the Corefile %s: %v\n", *path, err)
		return 1
	}
	instance.Wait()
	return 0
}
