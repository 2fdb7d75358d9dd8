package check

import (
	"context"
	"flag"
	"fmt"
	"io"
	"time"

	authorizationv1 "k8s.io/api/authorization/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers"
)

// patience with an API server that does not answer.
const patience = time.Minute

// Run is the command `connector-operator check`. connect gives the cluster, once the flags are read.
func Run(ctx context.Context, args []string, out io.Writer, bind func(*flag.FlagSet), connect func() (*rest.Config, error)) error {
	flags := flag.NewFlagSet("check", flag.ExitOnError)
	options := controllers.Options{}
	options.BindCertManagerUsers(flags)
	bind(flags)
	if err := flags.Parse(args); err != nil {
		return fmt.Errorf("reading the flags: %w", err)
	}
	config, err := connect()
	if err != nil {
		return fmt.Errorf("finding the cluster: %w", err)
	}
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{v1alpha1.AddToScheme, authorizationv1.AddToScheme} {
		if err := add(scheme); err != nil {
			return fmt.Errorf("building the scheme: %w", err)
		}
	}
	c, err := client.New(config, client.Options{Scheme: scheme})
	if err != nil {
		return fmt.Errorf("reaching the cluster: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	findings, err := Cluster(ctx, c, options.Requesters())
	if err != nil {
		return err
	}
	return Tell(out, findings)
}
