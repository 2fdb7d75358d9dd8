package gateway

import (
	"context"
	"crypto/fips140"
	"crypto/x509"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"lienthong.gov.vn/connector-operator/gateway/config"
	"lienthong.gov.vn/connector-operator/gateway/identity"
	"lienthong.gov.vn/connector-operator/gateway/inbound"
	"lienthong.gov.vn/connector-operator/gateway/metrics"
	"lienthong.gov.vn/connector-operator/gateway/outbound"
	"lienthong.gov.vn/connector-operator/gateway/reliance"
	"lienthong.gov.vn/connector-operator/gateway/requestlog"
	"lienthong.gov.vn/connector-operator/gateway/serve"
)

// gateway is one running gateway.
type gateway struct {
	opts    Options
	metrics *metrics.Metrics
	watcher *identity.Watcher
	router  *outbound.Router
	inbound *inbound.Handler
	memory  *reliance.Memory
	// requests is made when the listeners are open, since it brings out lines from then on.
	requests *requestlog.Log

	inboundTLS, statusTLS *secureSource
	servers               []*serve.Server

	// started is the configuration of the start: its listen addresses are those in use.
	started   config.Config
	listening atomic.Bool
	draining  atomic.Bool

	mu            sync.Mutex
	lastHandshake time.Time // of the hub with this gateway
}

// Run runs a gateway until ctx ends and it has drained; it then returns nil. An error means that it could not start, or
// that a listener broke. Several gateways may run in one process.
func Run(ctx context.Context, opts Options) error {
	opts = opts.withDefaults()
	g, err := newGateway(opts)
	if err != nil {
		return err
	}
	return g.run(ctx)
}

func newGateway(opts Options) (*gateway, error) {
	g := &gateway{opts: opts, metrics: metrics.New(opts.Version), memory: reliance.NewMemory(opts.Clock)}
	watcher, err := identity.NewWatcher(identity.Options{
		ConfigDir: opts.ConfigDir, IdentityDir: opts.IdentityDir, PollInterval: opts.PollInterval,
		Clock: opts.Clock, Log: opts.Log.WithName("identity"), Observe: g.adopt,
	})
	if err != nil {
		return nil, err
	}
	g.watcher = watcher
	g.started = watcher.Current().Config
	if err := g.started.CheckFIPS140(fips140.Enabled()); err != nil {
		return nil, fmt.Errorf("the gateway cannot start from %s: %w", opts.ConfigDir, err)
	}
	g.inboundTLS = newSecureSource(watcher.Current, opts.Clock.Now, func(c config.Config) []string { return c.Inbound.AllowedPeers })
	g.statusTLS = newSecureSource(watcher.Current, opts.Clock.Now, func(c config.Config) []string { return c.Status.AllowedPeers })
	g.inbound = inbound.New(inbound.Options{
		Config:  func() config.Inbound { return g.config().Inbound },
		Metrics: g.metrics, Record: g.record, Clock: opts.Clock, Log: opts.Log.WithName("inbound"),
	})
	g.router = outbound.NewRouter(g.outboundOptions())
	return g, nil
}

func (g *gateway) outboundOptions() outbound.Options {
	return outbound.Options{
		Metrics: g.metrics, Record: g.record, Clock: g.opts.Clock, Log: g.opts.Log.WithName("outbound"),
		Proven: func(endpoint string, chain []*x509.Certificate) { g.memory.Proven(reliance.Endpoint(endpoint), chain) },
	}
}

func (g *gateway) config() config.Config { return g.watcher.Current().Config }

// adopt takes up a change of the mounted files everywhere. The watcher calls it, one change at a time.
func (g *gateway) adopt(change identity.Change) {
	adopted := change.New != change.Old
	g.metrics.Reload(adopted, len(g.problems()))
	if adopted {
		g.apply(change.New)
	}
}

// apply brings a snapshot into use: for new connections and requests at once, and for open ones as far as they are affected.
func (g *gateway) apply(s *identity.Snapshot) {
	for _, server := range g.servers {
		server.Refresh()
	}
	if err := g.router.Update(s); err != nil {
		g.opts.Log.Error(err, "The hub's endpoints could not be taken up.")
	}
	if err := g.requests.Update(logSettings(s)); err != nil {
		g.opts.Log.Error(err, "The log collector could not be taken up.")
	}
	g.memory.Forget(s)
	if s.Leaf == nil {
		g.opts.Log.Info("The gateway waits for a usable certificate and is not ready.")
		return
	}
	g.metrics.Certificate(s.Leaf.X509.NotAfter)
	g.opts.Log.Info("The mounted files are in use.", "identity", s.Leaf.ID.String(), "serial", serial(s.Leaf.X509),
		"notAfter", s.Leaf.X509.NotAfter.UTC(), "config", s.ConfigDigest, "revocations", s.RevocationDigest)
}
