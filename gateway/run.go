package gateway

import (
	"context"

	"golang.org/x/sync/errgroup"

	"lienthong.gov.vn/connector-operator/gateway/requestlog"
	"lienthong.gov.vn/connector-operator/gateway/serve"
)

// run opens the listeners, serves until ctx ends or a part breaks, and drains.
func (g *gateway) run(ctx context.Context) error {
	listeners, err := g.listeners(ctx)
	if err != nil {
		return err
	}
	g.requests = requestlog.New(g.logOptions())
	g.plan(listeners)
	g.apply(g.watcher.Current())
	defer g.inbound.Close()
	defer g.router.Close()

	// The parts live on while the gateway drains, so their context is not ctx.
	parts, stopParts := context.WithCancel(context.WithoutCancel(ctx))
	defer stopParts()
	group, broken := errgroup.WithContext(parts)
	for _, server := range g.servers {
		group.Go(server.Serve)
	}
	for _, problem := range g.watcher.Problems() {
		g.opts.Log.Info(problem)
	}
	group.Go(func() error { return g.watcher.Run(broken) })
	g.listening.Store(true)
	if g.opts.OnListening != nil {
		g.opts.OnListening(addresses(listeners))
	}

	select {
	case <-ctx.Done():
	case <-broken.Done():
	}
	// A part that broke keeps no one waiting: what is left is closed at once.
	g.drain(broken)
	stopParts()
	return group.Wait()
}

// drain leaves without losing a request: it tells the kubelet at once, goes on serving while the pod's address is
// withdrawn, then stops accepting and lets what is under way finish. Not to finish in time is no error of the process: it
// is logged, and the exit code stays 0, for a pod that was told to go did go.
func (g *gateway) drain(broken context.Context) {
	g.draining.Store(true)
	drain := g.config().Drain
	g.opts.Log.Info("The gateway drains.", "delay", drain.Delay.Duration.String(), "timeout", drain.Timeout.Duration.String())
	traffic, probes := g.servers[:len(g.servers)-1], g.servers[len(g.servers)-1]
	for _, server := range traffic {
		server.Leave()
	}
	if broken.Err() == nil {
		select {
		case <-g.opts.Clock.After(drain.Delay.Duration):
		case <-broken.Done():
		}
	}
	timeout, cancel := context.WithTimeout(broken, drain.Timeout.Duration)
	defer cancel()
	shutdown(timeout, g, traffic...)
	g.requests.Close(timeout)
	shutdown(timeout, g, probes)
	g.opts.Log.Info("The gateway has drained.")
}

// shutdown ends servers side by side.
func shutdown(ctx context.Context, g *gateway, servers ...*serve.Server) {
	var all errgroup.Group
	for _, server := range servers {
		all.Go(func() error { return server.Shutdown(ctx) })
	}
	if err := all.Wait(); err != nil {
		g.opts.Log.Error(err, "Not all requests finished in time.")
	}
}
