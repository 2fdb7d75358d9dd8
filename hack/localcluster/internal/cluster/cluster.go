// Package cluster carries out the commands of the tool. It is the only package that acts in an order: the others say what
// should be, or do one thing.
//
// All that must survive a command is on disk (see the packages layout and state), so that every command may be killed and run
// again: `up` starts what is missing, `down` removes what there is.
package cluster

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"lienthong.gov.vn/connector-operator/hack/localcluster/internal/layout"
	"lienthong.gov.vn/connector-operator/hack/localcluster/internal/process"
)

// Tool is what the commands have in common.
type Tool struct {
	layout.Cluster
	// Module is where the sources of the components are.
	Module string
	// Out receives results, which scripts may read; Log receives what is going on.
	Out, Log io.Writer

	started time.Time
}

// New returns the tool for one cluster.
func New(l layout.Cluster, moduleDir string, out, log io.Writer) *Tool {
	return &Tool{Cluster: l, Module: moduleDir, Out: out, Log: log, started: time.Now()}
}

// report prints a line with the time since the command began.
func (t *Tool) report(format string, args ...any) {
	fmt.Fprintf(t.Log, "[%5.1fs] %s\n", time.Since(t.started).Seconds(), fmt.Sprintf(format, args...))
}

// strays lists the processes of the cluster, among those of the given programs, that no PID file tells of.
func (t *Tool) strays(programs []string) []*process.Record {
	known := map[int]bool{}
	for _, r := range t.records() {
		known[r.PID] = true
	}
	var strays []*process.Record
	for _, r := range process.Find(programs, t.Dir+"/") {
		if !known[r.PID] {
			strays = append(strays, r)
		}
	}
	return strays
}

// records reads all PID files.
func (t *Tool) records() map[string]*process.Record {
	records := map[string]*process.Record{}
	entries, _ := os.ReadDir(t.PIDDir())
	for _, entry := range entries {
		name, isPID := strings.CutSuffix(entry.Name(), ".pid")
		if !isPID {
			continue
		}
		if r, err := process.ReadRecord(t.PIDFile(name)); err == nil && r != nil {
			records[name] = r
		}
	}
	return records
}

// inTurn makes sure that only one command changes clusters of this data directory at a time: they share the binaries, and
// choose ports that others have not chosen. The lock ends with the process, however it ends.
func (t *Tool) inTurn(ctx context.Context, do func() error) error {
	if err := os.MkdirAll(t.DataDir, 0o755); err != nil {
		return fmt.Errorf("make the data directory: %w", err)
	}
	dir, err := os.Open(t.DataDir)
	if err != nil {
		return fmt.Errorf("open the data directory: %w", err)
	}
	defer dir.Close()
	if err := t.lock(ctx, dir); err != nil {
		return err
	}
	return do()
}
