package cluster

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"lienthong.gov.vn/connector-operator/hack/localcluster/internal/build"
	"lienthong.gov.vn/connector-operator/hack/localcluster/internal/config"
	"lienthong.gov.vn/connector-operator/hack/localcluster/internal/kubeconfig"
	"lienthong.gov.vn/connector-operator/hack/localcluster/internal/node"
	"lienthong.gov.vn/connector-operator/hack/localcluster/internal/pki"
	"lienthong.gov.vn/connector-operator/hack/localcluster/internal/state"
)

// Up makes the cluster run. What runs already and is configured as it should be is left alone; what is dead, or whose
// binary, configuration or certificates changed, is started.
func (t *Tool) Up(ctx context.Context, wanted state.Mode) error {
	return t.inTurn(ctx, func() error {
		s, err := t.prepare(ctx, wanted)
		if err != nil {
			return err
		}
		if err := t.secure(s); err != nil {
			return err
		}
		phases, err := config.Phases(t.Cluster, s)
		if err != nil {
			return err
		}
		for i, phase := range phases {
			if i == len(phases)-1 { // the API server answers; what follows needs its permissions
				if err := t.apply(ctx, s); err != nil {
					return err
				}
			}
			if err := t.startPhase(ctx, phase); err != nil {
				return err
			}
			if s.Mode == state.Containers && i == 0 { // containerd answers; no pod can start without this image
				if err := t.loadPause(ctx); err != nil {
					return err
				}
			}
		}
		t.report("the cluster %q is up, with pods %s", t.Name, s.Mode)
		fmt.Fprintf(t.Out, "export KUBECONFIG=%s\n", t.Kubeconfig())
		return nil
	})
}

// prepare does what must be done before any process of the cluster is started.
func (t *Tool) prepare(ctx context.Context, wanted state.Mode) (*state.State, error) {
	s, err := t.loadOrChoose(wanted)
	if err != nil {
		return nil, err
	}
	if s.Mode == state.Containers {
		if err := t.admit(); err != nil {
			return nil, err
		}
	}
	// From here on there is something that `down` must know of.
	if err := s.Save(t.State()); err != nil {
		return nil, err
	}
	if err := build.Ensure(ctx, t.Module, t.Cluster, t.report); err != nil {
		return nil, err
	}
	if s.Mode == state.Containers {
		if err := node.Install(ctx, t.report); err != nil {
			return nil, err
		}
		if err := node.Prepare(ctx, t.Cluster, s); err != nil {
			return nil, err
		}
	}
	// A process that an interrupted command started and did not write down holds ports and data.
	for _, stray := range t.strays(node.Daemons()) {
		if err := stray.Stop(ctx, stopGrace); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// admit tells whether this machine takes a cluster with real containers, and reserves the place for this one.
func (t *Tool) admit() error {
	if possible, why := node.Possible(); !possible {
		return fmt.Errorf("the cluster %q cannot have real containers here: %s; use --pods=%s", t.Name, why, state.Simulated)
	}
	if err := t.CheckSocket(); err != nil {
		return err
	}
	return node.Claim(t.Cluster)
}

// secure makes keys, certificates and the user's kubeconfig.
func (t *Tool) secure(s *state.State) error {
	kubernetes, err := state.FirstAddress(s.ServiceCIDR)
	if err != nil {
		return err
	}
	id := pki.Identity{Address: s.Address, KubernetesService: kubernetes.String(), NodeName: t.NodeName()}
	if err := pki.Ensure(t.PKI(""), id, time.Now()); err != nil {
		return err
	}
	content, err := kubeconfig.Render(kubeconfig.User{
		Cluster: t.Name, Name: "lienthong-" + t.Name + "-admin", Server: config.Server(s),
		CAFile: t.PKI("ca.crt"), CertFile: t.PKI("admin.crt"), KeyFile: t.PKI("admin.key"),
	})
	if err != nil {
		return err
	}
	if err := writeIfChanged(t.Kubeconfig(), content); err != nil {
		return fmt.Errorf("write the kubeconfig: %w", err)
	}
	return nil
}

// writeIfChanged leaves a file alone that is as it should be, and replaces any other in one step.
func writeIfChanged(path string, content []byte) error {
	if have, err := os.ReadFile(path); err == nil && string(have) == string(content) {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	next := path + ".new"
	if err := os.WriteFile(next, content, 0o600); err != nil {
		return err
	}
	return os.Rename(next, path)
}
