package observe

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
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

// Own is the operator's own certificate on a hub and its intermediates, leaf first; nil if it has none there.
func (f *IdentityFetcher) Own(hub string) ([]*x509.Certificate, error) {
	path := filepath.Join(f.Dir, hub, "tls.crt")
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the operator's certificate on ExchangeHub %s: %w", hub, err)
	}
	var chain []*x509.Certificate
	for block, rest := pem.Decode(data); block != nil; block, rest = pem.Decode(rest) {
		certificate, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("reading the operator's certificate in %s: %w", path, err)
		}
		chain = append(chain, certificate)
	}
	if len(chain) == 0 {
		return nil, fmt.Errorf("there is no certificate in %s", path)
	}
	return chain, nil
}

// Identity is the operator's own certificate on a hub, its intermediates and its key, as they are mounted now.
func (f *IdentityFetcher) Identity(hub string) (tls.Certificate, error) {
	dir := filepath.Join(f.Dir, hub)
	own, err := tls.LoadX509KeyPair(filepath.Join(dir, "tls.crt"), filepath.Join(dir, "tls.key"))
	if errors.Is(err, fs.ErrNotExist) {
		return tls.Certificate{}, fmt.Errorf("%w; mount a certificate for the operator at %s", ErrNoIdentity, dir)
	}
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("reading the operator's identity in %s: %w", dir, err)
	}
	return own, nil
}

// Fetch asks the gateway.
func (f *IdentityFetcher) Fetch(ctx context.Context, t Target) (status.Report, error) {
	own, err := f.Identity(t.Hub)
	if err != nil {
		return status.Report{}, err
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
