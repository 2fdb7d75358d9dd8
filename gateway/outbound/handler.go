package outbound

import (
	"net/http/httputil"

	"lienthong.gov.vn/connector-operator/gateway/config"
	"lienthong.gov.vn/connector-operator/gateway/forward"
	"lienthong.gov.vn/connector-operator/gateway/metrics"
)

// NewHandler takes the requests of the agency's system to the router. The configuration is asked for at every request.
func NewHandler(opts Options, router *Router, cfg func() config.Config) *forward.Proxy {
	return forward.New(forward.Options{
		Direction: metrics.Outbound,
		Other:     "the hub",
		Limits:    func() config.Limits { return cfg().Outbound.Limits },
		// The address is set by the router, which knows the endpoint only when it sends. Nothing is told of the inside of
		// the agency's network but its code.
		Rewrite:   func(pr *httputil.ProxyRequest) { pr.Out.Header.Set(forward.AgencyHeader, cfg().Agency) },
		Transport: router,
		Metrics:   opts.Metrics,
		Record:    opts.Record,
		Clock:     opts.Clock,
		Log:       opts.Log,
	})
}
