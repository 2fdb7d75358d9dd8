package gateway

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"lienthong.gov.vn/connector-operator/gateway/config"
	"lienthong.gov.vn/connector-operator/gateway/outbound"
	"lienthong.gov.vn/connector-operator/gateway/probes"
	"lienthong.gov.vn/connector-operator/gateway/serve"
)

// Settings of the listeners that serve small answers to the operator and the kubelet.
const (
	smallHeader      = 16 << 10
	smallTimeout     = 10 * time.Second
	smallIdleTimeout = 60 * time.Second
)

// listeners opens all addresses, or none.
func (g *gateway) listeners(ctx context.Context) ([]net.Listener, error) {
	var all []net.Listener
	var listen net.ListenConfig
	for _, l := range g.started.Listeners() {
		listener, err := listen.Listen(ctx, "tcp", l.Address)
		if err != nil {
			closeAll(all)
			return nil, fmt.Errorf("%s is %q, which cannot be listened on; free it or change the configuration: %w", l.Field, l.Address, err)
		}
		all = append(all, listener)
	}
	return all, nil
}

func closeAll(listeners []net.Listener) {
	for _, l := range listeners {
		_ = l.Close()
	}
}

// plan makes the four servers in the order of config.Listeners, so that the probes are the last to go.
func (g *gateway) plan(listeners []net.Listener) {
	handlers := []serve.Options{
		{Name: "inbound", Handler: g.inbound, Secure: g.inboundTLS.get, Handshaken: g.hubHandshake,
			Settings: g.inboundSettings},
		{Name: "outbound", Handler: outbound.NewHandler(g.outboundOptions(), g.router, g.config),
			Settings: func() serve.Settings { return settings(g.config().Outbound.Limits) }},
		{Name: "status", Handler: answering(g.statusHandler()), Secure: g.statusTLS.get, Settings: smallSettings,
			Handshaken: g.statusHandshake},
		{Name: "probes", Handler: answering(probes.Handler(g.facts, g.opts.Clock.Now, g.problems, g.metrics.Registry)), Settings: smallSettings},
	}
	for i, options := range handlers {
		options.Listener = listeners[i]
		options.Clock = g.opts.Clock
		options.Log = g.opts.Log.WithName("serve")
		g.servers = append(g.servers, serve.New(options))
	}
}

// inboundSettings let no connection outlive the quiet period for long: the anchor that the hub proved itself by is relied on while a
// connection is open, and a client that keeps one busy for ever would keep an anchor for ever.
func (g *gateway) inboundSettings() serve.Settings {
	c := g.config()
	s := settings(c.Inbound.Limits)
	s.MaxAge = c.Trust.QuietPeriod.Duration
	return s
}

func settings(l config.Limits) serve.Settings {
	return serve.Settings{MaxHeaderBytes: l.MaxHeaderBytes, HeaderTimeout: l.HeaderTimeout.Duration, IdleTimeout: l.IdleTimeout.Duration}
}

func smallSettings() serve.Settings {
	return serve.Settings{MaxHeaderBytes: smallHeader, HeaderTimeout: smallTimeout, IdleTimeout: smallIdleTimeout}
}

// answering bounds the time of a small answer. A body is of no use to these listeners and is not read.
func answering(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		until := time.Now().Add(smallTimeout) //nolint:forbidigo // a socket's deadline is a time of the real clock
		controller := http.NewResponseController(w)
		_ = errors.Join(controller.SetReadDeadline(until), controller.SetWriteDeadline(until))
		next.ServeHTTP(w, r)
	})
}

func addresses(listeners []net.Listener) Addresses {
	return Addresses{
		Inbound: listeners[0].Addr(), Outbound: listeners[1].Addr(),
		Status: listeners[2].Addr(), Probes: listeners[3].Addr(),
	}
}
