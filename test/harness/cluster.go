package harness

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
)

// Cluster is a running control plane.
type Cluster struct {
	// Kubeconfig of an administrator.
	Kubeconfig string
	// Admin is the configuration in that file.
	Admin *rest.Config

	name string
}

// Root is the folder of the project.
func Root() (string, error) {
	_, file, _, ok := runtime.Caller(0)
	if !ok {
		return "", errors.New("the source file of the harness is not known; build without -trimpath")
	}
	return filepath.Dir(filepath.Dir(filepath.Dir(file))), nil
}

// StartCluster takes the cluster of KUBECONFIG, or starts a local one of that name. The caller calls Stop.
func StartCluster(ctx context.Context, name string) (*Cluster, error) {
	c := &Cluster{Kubeconfig: os.Getenv("KUBECONFIG")}
	if c.Kubeconfig == "" {
		root, err := Root()
		if err != nil {
			return nil, err
		}
		c.name = name
		c.Kubeconfig = filepath.Join(root, ".local", name, "kubeconfig")
		if err := c.local(ctx, "up", "--pods=simulated"); err != nil {
			return nil, errors.Join(err, c.Stop(ctx))
		}
	}
	admin, err := clientcmd.BuildConfigFromFlags("", c.Kubeconfig)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("reading %s: %w", c.Kubeconfig, err), c.Stop(ctx))
	}
	// Tests may ask as often as they like; the server protects itself.
	admin.QPS = -1
	c.Admin = admin
	return c, nil
}

// Stop removes the cluster if the harness started it.
func (c *Cluster) Stop(ctx context.Context) error {
	if c.name == "" {
		return nil
	}
	return c.local(ctx, "down")
}

// Apply puts a kustomization (-k) or files (-f) of the project into the cluster.
func (c *Cluster) Apply(ctx context.Context, args ...string) error {
	return c.run(ctx, append([]string{"run", "./hack/apply", "--kubeconfig", c.Kubeconfig}, args...)...)
}

func (c *Cluster) local(ctx context.Context, command string, args ...string) error {
	return c.run(ctx, append([]string{"-C", "hack/localcluster", "run", ".", command, "--name", c.name}, args...)...)
}

func (c *Cluster) run(ctx context.Context, args ...string) error {
	root, err := Root()
	if err != nil {
		return err
	}
	command := exec.CommandContext(ctx, "go", args...)
	command.Dir = root
	command.Stdout, command.Stderr = os.Stderr, os.Stderr
	if err := command.Run(); err != nil {
		return fmt.Errorf("running go %v: %w", args, err)
	}
	return nil
}
