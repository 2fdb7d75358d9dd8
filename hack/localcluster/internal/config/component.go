// Package config says how each component is started: its flags, its configuration files, and how to tell that it works. It
// is pure but for reading certificates: layout and state in, specifications out; the package cluster acts on them. The same
// state always gives the same specifications, which is how a second `up` knows that nothing has to be started again.
package config

import (
	"context"
	"fmt"
	"net"
	"path/filepath"
	"strconv"

	"lienthong.gov.vn/connector-operator/hack/localcluster/internal/kube"
	"lienthong.gov.vn/connector-operator/hack/localcluster/internal/kubeconfig"
	"lienthong.gov.vn/connector-operator/hack/localcluster/internal/layout"
	"lienthong.gov.vn/connector-operator/hack/localcluster/internal/process"
	"lienthong.gov.vn/connector-operator/hack/localcluster/internal/state"
)

// Component is one process of the cluster.
type Component struct {
	process.Spec
	// Files are written before the process is started.
	Files map[string][]byte
	// Ready returns an error that says what is missing.
	Ready func(context.Context) error
}

// searchPath is where the components find runc, mount, nft and the like, whatever the caller's own PATH is.
const searchPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

// Phases lists the components in the order in which they are started: those of one phase together, the next phase once
// they are ready. The manifests are applied after the second phase, when the API server answers.
func Phases(l layout.Cluster, s *state.State) ([][]Component, error) {
	b := builder{l: l, s: s}
	storage := []Component{b.etcd()}
	rest := []Component{b.controllerManager(), b.scheduler(), b.certManager()}
	if s.Mode == state.Containers {
		storage = append(storage, b.containerd())
		rest = append(rest, b.kubelet(), b.kubeProxy(), b.coreDNS())
	} else {
		rest = append(rest, b.kwok())
	}
	phases := [][]Component{storage, {b.apiServer()}, rest}
	return phases, b.err
}

// builder collects the first error, so that the specifications read as lists.
type builder struct {
	l   layout.Cluster
	s   *state.State
	err error
}

// component fills in what all have in common.
func (b *builder) component(name string, args ...string) Component {
	return Component{
		Spec: process.Spec{
			Name: name,
			Path: b.l.Components(),
			Args: append([]string{name}, args...),
			// No more than this: the components must not depend on, or write into, the home of whoever started them.
			Env:     []string{"PATH=" + searchPath, "HOME=" + b.l.Dir},
			Dir:     b.l.Dir,
			LogFile: b.l.Log(name),
			PIDFile: b.l.PIDFile(name),
		},
		Files: map[string][]byte{},
	}
}

// file adds a configuration file and returns its path.
func (b *builder) file(c *Component, name string, content []byte) string {
	path := b.l.Config(name)
	c.Files[path] = content
	c.Inputs = append(c.Inputs, path)
	return path
}

// kubeconfig renders the file with which a component reaches the API server as itself, and returns its path.
func (b *builder) kubeconfig(component string) (path string, content []byte) {
	content, err := kubeconfig.Render(kubeconfig.User{
		Cluster:  b.l.Name,
		Name:     component,
		Server:   Server(b.s),
		CAFile:   b.l.PKI("ca.crt"),
		CertFile: b.l.PKI(component + ".crt"),
		KeyFile:  b.l.PKI(component + ".key"),
	})
	if err != nil && b.err == nil {
		b.err = err
	}
	return component + ".kubeconfig", content
}

// withKubeconfig adds the component's own kubeconfig to its files, and its path to its flags under the given names.
func (b *builder) withKubeconfig(c *Component, flags ...string) {
	name, content := b.kubeconfig(c.Name)
	path := b.file(c, name, content)
	for _, flag := range flags {
		c.Args = append(c.Args, flag+"="+path)
	}
}

// pki returns the path of a certificate or key, whose content is an input of the component.
func (b *builder) pki(c *Component, file string) string {
	path := b.l.PKI(file)
	c.Inputs = append(c.Inputs, path)
	return path
}

// Server is the URL of the API server.
func Server(s *state.State) string {
	return "https://" + hostPort(s.Address, s.Port(state.PortAPIServer))
}

// AdminClient reaches the API server as the administrator.
func AdminClient(l layout.Cluster, s *state.State) (*kube.Client, error) {
	return kube.NewClient(Server(s), l.PKI("ca.crt"), l.PKI("admin.crt"), l.PKI("admin.key"))
}

// verified asks an HTTPS endpoint, with the administrator's identity, whether it works.
func (b *builder) verified(address string, port int, path string) func(context.Context) error {
	return func(ctx context.Context) error {
		client, err := kube.NewClient("https://"+hostPort(address, port), b.l.PKI("ca.crt"), b.l.PKI("admin.crt"), b.l.PKI("admin.key"))
		if err != nil {
			return err
		}
		return client.Get(ctx, path, nil)
	}
}

// plain asks an endpoint on loopback that serves nothing but its health.
func plain(port int, path string) func(context.Context) error {
	url := "http://" + hostPort(loopback, port) + path
	return func(ctx context.Context) error { return kube.Healthy(ctx, url) }
}

const loopback = "127.0.0.1"

func hostPort(host string, port int) string { return net.JoinHostPort(host, strconv.Itoa(port)) }

// flag renders --name=value for values that are not strings.
func flag(name string, value any) string { return fmt.Sprintf("--%s=%v", name, value) }

// below joins the data directory of a component with what is in it.
func (b *builder) below(component string, parts ...string) string {
	return filepath.Join(append([]string{b.l.Data(component)}, parts...)...)
}
