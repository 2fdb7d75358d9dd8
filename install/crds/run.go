package crds

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"time"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/config/crd"
)

// defaultTimeout is long enough for a control plane that is being upgraded itself.
const defaultTimeout = 2 * time.Minute

// Run is the command `connector-operator crds`. connect gives the cluster, once the flags are read.
func Run(ctx context.Context, args []string, out io.Writer, bind func(*flag.FlagSet), connect func() (*rest.Config, error)) error {
	if len(args) == 0 || args[0] != "apply" {
		return errors.New(`say what to do with the definitions: "connector-operator crds apply" brings those of the cluster up to date`)
	}
	flags := flag.NewFlagSet("crds apply", flag.ExitOnError)
	timeout := flags.Duration("timeout", defaultTimeout, "How long to wait for the API server.")
	bind(flags)
	if err := flags.Parse(args[1:]); err != nil {
		return fmt.Errorf("reading the flags: %w", err)
	}
	config, err := connect()
	if err != nil {
		return fmt.Errorf("finding the cluster: %w", err)
	}
	scheme := runtime.NewScheme()
	if err := apiextensionsv1.AddToScheme(scheme); err != nil {
		return fmt.Errorf("building the scheme: %w", err)
	}
	c, err := client.New(config, client.Options{Scheme: scheme})
	if err != nil {
		return fmt.Errorf("reaching the cluster: %w", err)
	}
	definitions, err := crd.Definitions()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, *timeout)
	defer cancel()
	return Apply(ctx, c, definitions, out)
}
