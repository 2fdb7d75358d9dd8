package observe

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"k8s.io/utils/clock"

	"lienthong.gov.vn/connector-operator/gateway/status"
	"lienthong.gov.vn/connector-operator/gateway/statusclient"
)

// Fetcher asks one gateway.
type Fetcher interface {
	Fetch(ctx context.Context, t Target) (status.Report, error)
}

// IdentityFetcher asks with the operator's own identity, which the kubelet mounts: one directory per hub, named after it,
// each with tls.crt and tls.key. The files are read at every question, because they are replaced at every renewal.
type IdentityFetcher struct {
	Dir   string
	Clock clock.PassiveClock
}

// ErrNoIdentity tells that the operator has no identity on the hub, so nobody can be asked.
var ErrNoIdentity = errors.New("the operator has no identity on this hub")

// Fetch asks the gateway.
func (f *IdentityFetcher) Fetch(ctx context.Context, t Target) (status.Report, error) {
	dir := filepath.Join(f.Dir, t.Hub)
	own, err := tls.LoadX509KeyPair(filepath.Join(dir, "tls.crt"), filepath.Join(dir, "tls.key"))
	if errors.Is(err, fs.ErrNotExist) {
		return status.Report{}, fmt.Errorf("%w; mount a certificate for the operator at %s", ErrNoIdentity, dir)
	}
	if err != nil {
		return status.Report{}, fmt.Errorf("reading the operator's identity in %s: %w", dir, err)
	}
	config, err := statusclient.TLSConfig(&own, t.Anchors, t.SPIFFEID, f.Clock.Now)
	if err != nil {
		return status.Report{}, fmt.Errorf("preparing to ask pod %s/%s: %w", t.Namespace, t.Name, err)
	}
	report, err := statusclient.Fetch(ctx, t.Address, config)
	if err != nil {
		return status.Report{}, fmt.Errorf("asking pod %s/%s: %w", t.Namespace, t.Name, err)
	}
	return report, nil
}
