package cluster

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"lienthong.gov.vn/connector-operator/hack/localcluster/internal/config"
	"lienthong.gov.vn/connector-operator/hack/localcluster/internal/process"
	"lienthong.gov.vn/connector-operator/hack/localcluster/internal/state"
)

// ErrUnhealthy says that the cluster does not work as a whole; the table has said why.
var ErrUnhealthy = errors.New("not every component is healthy: `up` starts what is missing")

// ErrDown says that there is no such cluster.
var ErrDown = errors.New("the cluster is not up")

// Status prints what runs and how to reach it. It returns no error only if everything is healthy.
func (t *Tool) Status(ctx context.Context) error {
	s, err := state.Load(t.State())
	if err != nil {
		return err
	}
	if s == nil {
		for _, left := range t.leftovers(ctx) {
			fmt.Fprintf(t.Out, "left over: %s\n", left)
		}
		return fmt.Errorf("%w: there is none of the name %q in %s", ErrDown, t.Name, t.DataDir)
	}
	phases, err := config.Phases(t.Cluster, s)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(t.Out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "COMPONENT\tSTATE\tPID\tHEALTH")
	healthy := true
	for _, c := range slices.Concat(phases...) {
		row := inspect(ctx, c)
		healthy = healthy && row.health == "ok"
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", c.Name, row.state, row.pid, row.health)
	}
	if err := w.Flush(); err != nil {
		return fmt.Errorf("print the table: %w", err)
	}
	fmt.Fprintf(t.Out, "\nname: %s\npods: %s\nserver: %s\nexport KUBECONFIG=%s\n", t.Name, s.Mode, config.Server(s), t.Kubeconfig())
	if !healthy {
		return ErrUnhealthy
	}
	return nil
}

type row struct{ state, pid, health string }

func inspect(ctx context.Context, c config.Component) row {
	record, err := process.ReadRecord(c.PIDFile)
	if err != nil || !record.Alive() {
		return row{"stopped", "-", "-"}
	}
	r := row{"running", strconv.Itoa(record.PID), "ok"}
	if err := c.Ready(ctx); err != nil {
		r.health, _, _ = strings.Cut(err.Error(), "\n")
	}
	return r
}
