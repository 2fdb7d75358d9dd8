// Command apply puts Kubernetes objects into a cluster with server-side apply, where there is no kubectl.
//
//	go run ./hack/apply -f <file or directory> | -k <kustomization> [--delete] [--wait] [--set-image <name>=<reference>]
//
// Both -f and -k may be given several times; -f - reads the standard input. The cluster is the one of --kubeconfig, of
// KUBECONFIG, or of ~/.kube/config. CustomResourceDefinitions are waited for in any case, because nothing of their kinds is
// accepted before they stand; --wait waits for everything else too. A second run changes nothing, so an interrupted one is
// simply repeated.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/tools/clientcmd"

	"lienthong.gov.vn/connector-operator/hack/install"
	"lienthong.gov.vn/connector-operator/hack/manifests"
)

// defaultTimeout bounds a run; pulling the operator's image is the slowest part of it.
const defaultTimeout = 5 * time.Minute

// list is a flag that may be given several times.
type list []string

func (l *list) String() string { return strings.Join(*l, ",") }

// Set appends one value.
func (l *list) Set(value string) error {
	*l = append(*l, value)
	return nil
}

// arguments of the command.
type arguments struct {
	files, kustomizations, images list
	kubeconfig                    string
	remove, wait, force, dryRun   bool
	timeout                       time.Duration
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdin, os.Stdout)
	stop()
	switch {
	case errors.Is(err, flag.ErrHelp):
		os.Exit(2)
	case err != nil:
		fmt.Fprintf(os.Stderr, "apply: %v\n", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, in io.Reader, out io.Writer) error {
	a, err := parse(args)
	if err != nil {
		return err
	}
	objects, err := a.read(in)
	if err != nil {
		return err
	}
	if err := a.setImages(objects); err != nil {
		return err
	}
	rules := clientcmd.NewDefaultClientConfigLoadingRules()
	rules.ExplicitPath = a.kubeconfig
	config, err := clientcmd.NewNonInteractiveDeferredLoadingClientConfig(rules, nil).ClientConfig()
	if err != nil {
		return fmt.Errorf("no cluster is known: %w; set KUBECONFIG or give --kubeconfig", err)
	}
	installer, err := install.New(config, install.Options{Out: out, Force: a.force, DryRun: a.dryRun})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, a.timeout)
	defer cancel()
	return a.act(ctx, installer, objects)
}

func (a *arguments) act(ctx context.Context, installer *install.Installer, objects []*unstructured.Unstructured) error {
	if a.remove {
		if err := installer.Delete(ctx, objects); err != nil || !a.wait || a.dryRun {
			return err
		}
		return installer.WaitGone(ctx, objects)
	}
	if err := installer.Apply(ctx, objects); err != nil || !a.wait || a.dryRun {
		return err
	}
	return installer.WaitReady(ctx, objects)
}

func parse(args []string) (*arguments, error) {
	a := &arguments{}
	flags := flag.NewFlagSet("apply", flag.ContinueOnError)
	flags.Var(&a.files, "f", "YAML `file`, directory of YAML files, or - for the standard input")
	flags.Var(&a.kustomizations, "k", "`directory` of a kustomization")
	flags.Var(&a.images, "set-image", "`name=reference`: what takes the place of an image in workloads and ConnectorClasses")
	flags.StringVar(&a.kubeconfig, "kubeconfig", "", "how to reach the cluster; the default is KUBECONFIG, then ~/.kube/config")
	flags.BoolVar(&a.remove, "delete", false, "remove the objects instead")
	flags.BoolVar(&a.wait, "wait", false, "wait until all objects are ready, or gone")
	flags.BoolVar(&a.force, "force-conflicts", false, "take over fields that another manager owns")
	flags.BoolVar(&a.dryRun, "dry-run", false, "let the API server check everything and store nothing")
	flags.DurationVar(&a.timeout, "timeout", defaultTimeout, "how long to try and to wait")
	if err := flags.Parse(args); err != nil {
		return nil, err
	}
	if flags.NArg() > 0 {
		return nil, fmt.Errorf("do not know what to do with %q; files are given with -f and kustomizations with -k", flags.Args())
	}
	if len(a.files)+len(a.kustomizations) == 0 {
		return nil, errors.New("nothing to apply; give -f <file or directory> or -k <kustomization>")
	}
	return a, nil
}

func (a *arguments) read(in io.Reader) ([]*unstructured.Unstructured, error) {
	var objects []*unstructured.Unstructured
	for _, directory := range a.kustomizations {
		of, err := manifests.Kustomize(directory)
		if err != nil {
			return nil, err
		}
		objects = append(objects, of...)
	}
	for _, path := range a.files {
		var of []*unstructured.Unstructured
		var err error
		if path == "-" {
			of, err = manifests.Read("the standard input", in)
		} else {
			of, err = manifests.ReadFiles(path)
		}
		if err != nil {
			return nil, err
		}
		objects = append(objects, of...)
	}
	return objects, nil
}

func (a *arguments) setImages(objects []*unstructured.Unstructured) error {
	images := manifests.Images{}
	for _, text := range a.images {
		name, reference, err := manifests.ParseImage(text)
		if err != nil {
			return err
		}
		images[name] = reference
	}
	unused, err := images.Set(objects)
	if err != nil {
		return err
	}
	if len(unused) > 0 {
		return fmt.Errorf("no workload and no ConnectorClass has an image named %s; look at the names in the manifests",
			strings.Join(unused, ", "))
	}
	return nil
}
