// Command bundle writes the bundle of the operator for the Operator Lifecycle Manager from what kustomize renders of config/manifests.
//
//	bundle -operator manifests.yaml -samples samples.yaml [-image i] [-version v] [-created t] [-o bundle]
//
// It does what `operator-sdk generate bundle` does: the ClusterServiceVersion of config/manifests is filled with the deployment, the
// permissions of its ServiceAccount, the kinds that it owns and an example of each; what else is installed stands beside it, as far as a bundle
// may hold it. The same input gives the same files. It keeps no state; an interrupted run is repeated.
package main

import (
	"flag"
	"fmt"
	"os"
)

// options of a bundle.
type options struct {
	operator, samples, image, version, created, out string
}

func main() {
	var o options
	flag.StringVar(&o.operator, "operator", "", "`file` that kustomize rendered of config/manifests")
	flag.StringVar(&o.samples, "samples", "", "`file` that kustomize rendered of samples")
	flag.StringVar(&o.image, "image", "", "the operator's `image`, by digest in a release; the default is "+repository+" with the version as its tag")
	flag.StringVar(&o.version, "version", "", "version of the bundle; the default is that of the ClusterServiceVersion in config/manifests")
	flag.StringVar(&o.created, "created", "", "`time` of the release, which only a release tells")
	flag.StringVar(&o.out, "o", "bundle", "`directory` to write")
	flag.Parse()
	if err := run(o); err != nil {
		fmt.Fprintf(os.Stderr, "bundle: %v\n", err)
		os.Exit(1)
	}
}

func run(o options) error {
	operator, err := read(o.operator)
	if err != nil {
		return err
	}
	samples, err := read(o.samples)
	if err != nil {
		return err
	}
	made, err := generate(operator, samples, o)
	if err != nil {
		return err
	}
	return made.write(o.out)
}
