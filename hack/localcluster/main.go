// Command localcluster runs a Kubernetes cluster on this machine, from components that Go compiles from source. See README.md.
//
//	go -C hack/localcluster run . up
//	go -C hack/localcluster run . status
//	go -C hack/localcluster run . load-image --binary <program> --ref <repository:tag>
//	go -C hack/localcluster run . down
//
// Each command runs to its end and leaves nothing of itself running; the components of the cluster go on as processes of their
// own. Exit codes: 0 done, or healthy; 1 it failed, or the cluster is not healthy; 2 the command line is wrong.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/spf13/cobra"

	"lienthong.gov.vn/connector-operator/hack/localcluster/internal/cluster"
	"lienthong.gov.vn/connector-operator/hack/localcluster/internal/layout"
	"lienthong.gov.vn/connector-operator/hack/localcluster/internal/state"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:]))
}

// errUsage marks an error in the command line.
var errUsage = errors.New("see --help")

func run(ctx context.Context, args []string) int {
	root := newRoot()
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return 0
	}
	fmt.Fprintln(os.Stderr, "localcluster:", err)
	if errors.Is(err, errUsage) {
		return 2
	}
	return 1
}

// options are the flags that all commands share.
type options struct {
	name    string
	dataDir string
}

func newRoot() *cobra.Command {
	o := &options{}
	root := &cobra.Command{
		Use:           "localcluster",
		Short:         "Run a Kubernetes cluster on this machine, compiled from source",
		SilenceUsage:  true,
		SilenceErrors: true,
		Args:          noArgs,
		RunE: func(*cobra.Command, []string) error {
			return fmt.Errorf("no command given: name one of up, down, status, load-image; %w", errUsage)
		},
	}
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return fmt.Errorf("%w; %w", err, errUsage) })
	root.PersistentFlags().StringVar(&o.name, "name", "demo", "name of the cluster; clusters of different names run side by side")
	root.PersistentFlags().StringVar(&o.dataDir, "data-dir", "", "where clusters and binaries are kept (default <repository>/.local)")
	root.AddCommand(newUp(o), newDown(o), newStatus(o), newLoadImage(o))
	return root
}

func noArgs(_ *cobra.Command, args []string) error {
	if len(args) > 0 {
		return fmt.Errorf("%q is not a command, and no further arguments are expected; %w", args[0], errUsage)
	}
	return nil
}

// tool finds the places that the flags leave open.
func (o *options) tool() (*cluster.Tool, error) {
	root, err := layout.RepoRoot()
	if err != nil {
		return nil, err
	}
	dataDir := o.dataDir
	if dataDir == "" {
		dataDir = filepath.Join(root, ".local")
	}
	l, err := layout.New(dataDir, o.name)
	if err != nil {
		return nil, fmt.Errorf("%w; %w", err, errUsage)
	}
	return cluster.New(l, layout.ModuleDir(root), os.Stdout, os.Stderr), nil
}

func newUp(o *options) *cobra.Command {
	var pods string
	cmd := &cobra.Command{
		Use:   "up",
		Short: "Start the cluster, or what is missing of it",
		Args:  noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			mode, err := state.ParseMode(pods)
			if err != nil {
				return fmt.Errorf("%w; %w", err, errUsage)
			}
			tool, err := o.tool()
			if err != nil {
				return err
			}
			return tool.Up(cmd.Context(), mode)
		},
	}
	cmd.Flags().StringVar(&pods, "pods", "",
		"containers: pods run, needs root on Linux; simulated: pods become Ready without running (default containers where possible)")
	return cmd
}

func newDown(o *options) *cobra.Command {
	return &cobra.Command{
		Use:   "down",
		Short: "Remove the cluster and everything that belongs to it",
		Args:  noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			tool, err := o.tool()
			if err != nil {
				return err
			}
			return tool.Down(cmd.Context())
		},
	}
}

func newStatus(o *options) *cobra.Command {
	return &cobra.Command{
		Use:   "status",
		Short: "Show what runs, and what is left over of a cluster that does not; exits with 0 only if all is healthy",
		Args:  noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			tool, err := o.tool()
			if err != nil {
				return err
			}
			return tool.Status(cmd.Context())
		},
	}
}

func newLoadImage(o *options) *cobra.Command {
	var src cluster.ImageSource
	cmd := &cobra.Command{
		Use:   "load-image",
		Short: "Give the cluster an image, made from a static program or read from an archive, and print its reference by digest",
		Args:  noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if src.Ref == "" || (src.Binary == "") == (src.Archive == "") {
				return fmt.Errorf("load-image needs --ref and either --binary or --archive; %w", errUsage)
			}
			tool, err := o.tool()
			if err != nil {
				return err
			}
			return tool.LoadImage(cmd.Context(), src)
		},
	}
	cmd.Flags().StringVar(&src.Binary, "binary", "", "a static Linux program to make the image from")
	cmd.Flags().StringVar(&src.Entrypoint, "entrypoint", "/connector-operator", "where the program lies in the image, and what the image runs")
	cmd.Flags().StringVar(&src.Archive, "archive", "", "an OCI or docker archive (tar) of one image, instead of --binary")
	cmd.Flags().StringVar(&src.Ref, "ref", "", "what the image is called: repository:tag")
	return cmd
}
