package cluster

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"

	"lienthong.gov.vn/connector-operator/hack/localcluster/internal/node"
	"lienthong.gov.vn/connector-operator/hack/localcluster/internal/state"
)

// Down removes the cluster: processes, containers, mounts, networks, files. It works from what it finds, not from what
// should be there, so that it also removes half a cluster; where there is nothing it does nothing.
func (t *Tool) Down(ctx context.Context) error {
	return t.inTurn(ctx, func() error {
		// A damaged state must not keep the rest from being removed.
		s, stateErr := state.Load(t.State())
		if stateErr != nil {
			t.report("%v", stateErr)
		}
		if err := t.killAll(ctx); err != nil {
			return err
		}
		if err := node.Cleanup(ctx, t.Cluster, s); err != nil {
			return fmt.Errorf("the cluster %q is stopped, but some of it is left; run `down` again, and `status` to see what: %w", t.Name, err)
		}
		if err := os.RemoveAll(t.Dir); err != nil {
			return fmt.Errorf("remove the files of the cluster: %w", err)
		}
		if left := t.leftovers(ctx); len(left) > 0 {
			return fmt.Errorf("the cluster %q is removed, but this is left: %q", t.Name, left)
		}
		t.report("the cluster %q is gone", t.Name)
		return nil
	})
}

// killAll ends every process of the cluster at once. There is nothing to save: the data are deleted next, and a component
// that ends in good order would wait for others that are ending too.
func (t *Tool) killAll(ctx context.Context) error {
	// The kubelet first and the shims last: as long as one runs it may start the other.
	records := t.records()
	order := append([]string{"kubelet", "containerd"}, slices.Sorted(maps.Keys(records))...)
	var all []error
	for _, name := range order {
		if r, ok := records[name]; ok {
			all = append(all, r.Kill(ctx))
		}
	}
	for _, r := range t.strays(append(node.Daemons(), node.Carriers()...)) {
		all = append(all, r.Kill(ctx))
	}
	if err := errors.Join(all...); err != nil {
		return fmt.Errorf("end the processes of the cluster %q: %w", t.Name, err)
	}
	return nil
}

// leftovers names everything on this machine that belongs to the cluster.
func (t *Tool) leftovers(ctx context.Context) []string {
	left := node.Leftovers(ctx, t.Cluster)
	for _, r := range t.strays(append(node.Daemons(), node.Carriers()...)) {
		left = append(left, fmt.Sprintf("process %d", r.PID))
	}
	if _, err := os.Stat(t.Dir); err == nil {
		left = append(left, "directory "+t.Dir)
	}
	return left
}
