package gateway

import (
	"errors"
	"sync"
	"time"

	"lienthong.gov.vn/connector-operator/gateway/config"
	"lienthong.gov.vn/connector-operator/gateway/identity"
	"lienthong.gov.vn/connector-operator/gateway/mtls"
	"lienthong.gov.vn/connector-operator/gateway/serve"
)

// secureSource makes the TLS side of a listener from the snapshot in use, once per snapshot.
type secureSource struct {
	current func() *identity.Snapshot
	now     func() time.Time
	peers   func(config.Config) []string

	mu   sync.Mutex
	from *identity.Snapshot
	made *serve.Secure
	err  error
}

func newSecureSource(current func() *identity.Snapshot, now func() time.Time, peers func(config.Config) []string) *secureSource {
	return &secureSource{current: current, now: now, peers: peers}
}

// get returns the same value as long as the snapshot is the same.
func (s *secureSource) get() (*serve.Secure, error) {
	snapshot := s.current()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.from != snapshot {
		s.made, s.err = s.build(snapshot)
		s.from = snapshot
	}
	return s.made, s.err
}

func (s *secureSource) build(snapshot *identity.Snapshot) (*serve.Secure, error) {
	if snapshot.Leaf == nil || snapshot.Trust == nil {
		return nil, errors.New("no usable certificate or no trust anchors are mounted yet")
	}
	policy, err := mtls.NewPolicy(snapshot.Trust.Pool, s.peers(snapshot.Config), snapshot.Revocations)
	if err != nil {
		return nil, err
	}
	own := mtls.Own{Certificate: &snapshot.Leaf.Certificate, Floor: snapshot.Config.TLS, Now: s.now}
	return &serve.Secure{TLS: mtls.Server(own, policy), Policy: policy}, nil
}
