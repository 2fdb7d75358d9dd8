package outbound

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/go-logr/logr"
	"k8s.io/utils/clock"

	"lienthong.gov.vn/connector-operator/gateway/config"
	"lienthong.gov.vn/connector-operator/gateway/forward"
	"lienthong.gov.vn/connector-operator/gateway/identity"
	"lienthong.gov.vn/connector-operator/gateway/metrics"
	"lienthong.gov.vn/connector-operator/gateway/mtls"
	"lienthong.gov.vn/connector-operator/gateway/requestlog"
	"lienthong.gov.vn/connector-operator/gateway/status"
)

// Options of the router.
type Options struct {
	Metrics *metrics.Metrics
	// Record is told of every request at its end.
	Record func(requestlog.Entry)
	Clock  clock.WithTickerAndDelayedExecution
	Log    logr.Logger
	// Proven is told which chain an endpoint showed, at every handshake that succeeded.
	Proven func(endpoint string, chain []*x509.Certificate)
}

// Router knows the hub's endpoints and their health. It is the transport of the outbound proxy.
type Router struct {
	opts  Options
	conns *connections
	ctx   context.Context //nolint:containedctx // it is that of all health checks, and ends with the router
	stop  context.CancelFunc
	tasks sync.WaitGroup

	mu      sync.Mutex
	current *generation
	closed  bool
	health  map[string]*health
}

// NewRouter makes a router without endpoints; Update gives it some.
func NewRouter(opts Options) *Router {
	r := &Router{opts: opts, conns: newConnections(), health: map[string]*health{}}
	r.ctx, r.stop = context.WithCancel(context.Background())
	return r
}

// Update takes up a new snapshot: new requests use its certificate, trust and endpoints from now on. Requests under way
// finish as they began, unless their endpoint's certificate is revoked or not trusted any more: those are cut off.
func (r *Router) Update(s *identity.Snapshot) error {
	if s.Leaf == nil || s.Trust == nil {
		return nil // nothing to connect with yet
	}
	refused := r.conns.take(s)
	r.cut(refused)
	if g := r.stays(s); g != nil {
		for _, t := range g.targets {
			isRefused := slices.ContainsFunc(refused, func(c refusedConn) bool { return c.endpoint == t.endpoint.Name })
			if isRefused || t.health.state().condition == down {
				t.health.recheck()
			}
		}
		return nil
	}
	return r.replace(s, nil)
}

// stays gives the generation in use if nothing but the revocations differs, by which connections are judged anyway: a list that
// changes for all gateways of a country at once must not make them all connect to the hub anew.
func (r *Router) stays(s *identity.Snapshot) *generation {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.current == nil {
		return nil
	}
	same := *r.current.snapshot
	same.RevocationDigest = s.RevocationDigest
	if !same.Same(s) {
		return nil
	}
	return r.current
}

// replace brings a new generation into use, unless another one than the expected is in use by now; nil expects any.
func (r *Router) replace(s *identity.Snapshot, expected *generation) error {
	r.mu.Lock()
	old := r.current
	if r.closed || expected != nil && expected != old {
		r.mu.Unlock()
		return nil
	}
	next, err := r.build(s)
	if err != nil {
		r.mu.Unlock()
		return err
	}
	r.current = next
	r.mu.Unlock()
	if old != nil {
		old.retire()
	}
	r.publish()
	return nil
}

// renew leaves the connections of a generation to the requests under way. What the hub proved at their handshake is forgotten after
// the quiet period, and then its anchor may go: no request is to begin on a connection that would be cut off with it.
func (r *Router) renew(g *generation, s *identity.Snapshot) {
	if err := r.replace(s, g); err != nil {
		r.opts.Log.Error(err, "The connections to the hub's endpoints could not be renewed.")
	}
}

// Peers gives, for each open connection, the endpoint's name and the chain that it showed.
func (r *Router) Peers(yield func(endpoint string, chain []*x509.Certificate)) { r.conns.peers(yield) }

func (r *Router) cut(refused []refusedConn) {
	for _, c := range refused {
		r.opts.Log.Info("A connection to the hub was closed because its peer no longer verifies.",
			"endpoint", c.endpoint, "reason", mtls.ReasonOf(c.err))
		_ = c.conn.Close()
	}
}

// Close ends the health checks and closes idle connections.
func (r *Router) Close() {
	r.stop()
	r.mu.Lock()
	r.closed = true
	g := r.current
	r.mu.Unlock()
	r.tasks.Wait()
	if g != nil {
		g.retire()
	}
}

// build makes a generation and starts its health checks; the router is locked.
func (r *Router) build(s *identity.Snapshot) (*generation, error) {
	endpoints := byPriority(s.Config.Outbound.Endpoints)
	kept := make(map[string]*health, len(endpoints))
	g := &generation{snapshot: s, interval: s.Config.Outbound.HealthCheck.Interval.Duration}
	for _, e := range endpoints {
		h := r.health[healthKey(e)]
		if h == nil {
			h = newHealth()
		}
		kept[healthKey(e)] = h
		t, err := newTarget(s, e, h, r)
		if err != nil {
			return nil, err
		}
		g.targets = append(g.targets, t)
	}
	r.health = kept
	r.start(g, s.Config.Outbound.HealthCheck)
	if age := s.Config.Trust.QuietPeriod.Duration / 2; age > 0 {
		g.renewal = r.opts.Clock.AfterFunc(age, func() { r.renew(g, s) })
	}
	return g, nil
}

func (r *Router) start(g *generation, check config.HealthCheck) {
	var ctx context.Context
	ctx, g.cancel = context.WithCancel(r.ctx)
	for _, t := range g.targets {
		r.tasks.Go(func() {
			t.watchHealth(ctx, r.opts.Clock, check.Interval.Duration, check.Path, func(changed bool) {
				if changed {
					r.changed(t)
				}
			})
		})
	}
}

func (r *Router) changed(t *target) {
	r.publish()
	state := t.health.state()
	r.opts.Log.Info("The health of a hub endpoint changed.", "endpoint", t.endpoint.Name, "healthy", state.condition == up, "error", state.err)
}

// observe is told of every handshake with an endpoint.
func (r *Router) observe(t *target, conn *tls.Conn, err error) {
	r.opts.Metrics.Handshake(metrics.Outbound, err)
	if err == nil {
		t.health.handshaken(r.opts.Clock.Now())
		r.opts.Proven(t.endpoint.Name, conn.ConnectionState().PeerCertificates)
	}
}

// acquire returns the current generation, held for one request.
func (r *Router) acquire() (*generation, error) {
	for {
		r.mu.Lock()
		g := r.current
		r.mu.Unlock()
		if g == nil {
			return nil, &forward.Unavailable{
				Sentence:   "This gateway has no certificate or no trust anchors yet and cannot reach the hub; send the request again later.",
				RetryAfter: 5 * time.Second,
			}
		}
		if g.acquire() {
			return g, nil
		}
		if r.ctx.Err() != nil {
			return nil, errors.New("the gateway is closing")
		}
	}
}

// Report is what is known of the endpoints, in order of priority, and the name of the active one.
func (r *Router) Report() ([]status.Endpoint, string) {
	r.mu.Lock()
	g := r.current
	r.mu.Unlock()
	if g == nil {
		return nil, ""
	}
	var all []status.Endpoint
	for _, t := range g.targets {
		all = append(all, describe(t))
	}
	if i := active(g.states()); i >= 0 {
		return all, all[i].Name
	}
	return all, ""
}

func describe(t *target) status.Endpoint {
	state := t.health.state()
	e := status.Endpoint{Name: t.endpoint.Name, URL: t.endpoint.URL, Healthy: state.condition == up, Error: state.err}
	if !state.lastHandshake.IsZero() {
		e.LastHandshake = &state.lastHandshake
	}
	return e
}

// publish brings the metrics up to date.
func (r *Router) publish() {
	endpoints, name := r.Report()
	states := make([]metrics.EndpointState, 0, len(endpoints))
	for _, e := range endpoints {
		states = append(states, metrics.EndpointState{Name: e.Name, Healthy: e.Healthy, Active: e.Name == name})
	}
	r.opts.Metrics.Endpoints(states)
}
