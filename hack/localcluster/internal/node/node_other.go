//go:build !linux

package node

import (
	"context"
	"errors"

	"lienthong.gov.vn/connector-operator/hack/localcluster/internal/layout"
	"lienthong.gov.vn/connector-operator/hack/localcluster/internal/state"
)

var errLinux = errors.New("real containers need Linux: use --pods=simulated")

// Possible tells whether this machine can run containers, and if not why.
func Possible() (bool, string) { return false, "real containers need Linux" }

// Install, Prepare and the functions below have nothing to do on this system: see the files for Linux.
func Install(context.Context, Reporter) error { return errLinux }

func Prepare(context.Context, layout.Cluster, *state.State) error { return errLinux }

func Cleanup(context.Context, layout.Cluster, *state.State) error { return nil }

func Leftovers(context.Context, layout.Cluster) []string { return nil }

func Carriers() []string { return nil }

func readSysctls() map[string]string { return nil }

func MayRaisePriority() bool { return true }
