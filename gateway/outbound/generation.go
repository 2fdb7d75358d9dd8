package outbound

import (
	"context"
	"io"
	"sync"
	"time"

	"k8s.io/utils/clock"

	"lienthong.gov.vn/connector-operator/gateway/identity"
)

// generation is all targets with one certificate, trust bundle and configuration.
type generation struct {
	targets []*target
	// snapshot is what the targets were made from.
	snapshot *identity.Snapshot
	// interval of the health checks, and so when to ask again if all are down.
	interval time.Duration
	cancel   context.CancelFunc // ends the health checks
	renewal  clock.Timer        // nil if the generation may stay for ever

	mu       sync.Mutex
	inFlight int
	retired  bool
}

// acquire fails if the generation was retired meanwhile; the caller then takes the current one.
func (g *generation) acquire() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.retired {
		return false
	}
	g.inFlight++
	return true
}

// release ends a request. The last one of a retired generation closes its connections.
func (g *generation) release() {
	g.mu.Lock()
	g.inFlight--
	last := g.retired && g.inFlight == 0
	g.mu.Unlock()
	if last {
		g.closeIdle()
	}
}

// retire keeps new requests away and closes what is idle.
func (g *generation) retire() {
	g.mu.Lock()
	g.retired = true
	g.mu.Unlock()
	g.cancel()
	if g.renewal != nil {
		g.renewal.Stop()
	}
	g.closeIdle()
}

func (g *generation) closeIdle() {
	for _, t := range g.targets {
		t.transport.CloseIdleConnections()
	}
}

func (g *generation) states() []healthState {
	all := make([]healthState, len(g.targets))
	for i, t := range g.targets {
		all[i] = t.health.state()
	}
	return all
}

// releasingBody ends its request when the answer was read or given up.
type releasingBody struct {
	io.ReadCloser
	once    sync.Once
	release func()
}

func (b *releasingBody) Close() error {
	err := b.ReadCloser.Close()
	b.once.Do(b.release)
	return err
}
