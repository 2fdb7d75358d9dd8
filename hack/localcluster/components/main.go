//go:build components

// Command components holds every server process of a local cluster in one binary:
//
//	components kube-apiserver --etcd-servers=… …
//
// The first argument picks the component; what follows are that component's own flags, unchanged.
//
// Why one binary: the components share almost all of their packages, so that linking them together costs one
// link and one file instead of nine. Why a package of its own: these imports take minutes to compile the first
// time, and the command line tool in the parent directory must start in seconds.
//
// The processes are started, and started again after a crash, by `localcluster up`. None of them knows of the others
// but through its flags.
package main

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// component runs one server until it ends and returns the exit code. It finds its own name and flags in os.Args,
// as it would in a binary of its own.
type component func() int

var known = map[string]component{
	"cert-manager":            runCertManager,
	"coredns":                 runCoreDNS,
	"etcd":                    runEtcd,
	"kube-apiserver":          runAPIServer,
	"kube-controller-manager": runControllerManager,
	"kube-proxy":              runKubeProxy,
	"kube-scheduler":          runScheduler,
	"kubelet":                 runKubelet,
	"kwok":                    runKwok,
}

func main() {
	if len(os.Args) < 2 {
		fail("no component named")
	}
	run, ok := known[os.Args[1]]
	if !ok {
		fail(fmt.Sprintf("there is no component %q", os.Args[1]))
	}
	// The components read os.Args themselves and derive their user agent from os.Args[0]: give each of them
	// what it would see if it had been started under its own name.
	os.Args = os.Args[1:]
	os.Exit(run())
}

// fail says what may be called instead, and ends the process.
func fail(problem string) {
	fmt.Fprintf(os.Stderr, "%s: %s; call it as \"%s <component> [flags]\" with one of: %s\n",
		filepath.Base(os.Args[0]), problem, filepath.Base(os.Args[0]), strings.Join(slices.Sorted(maps.Keys(known)), ", "))
	os.Exit(2)
}
