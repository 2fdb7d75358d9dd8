package gateway

import (
	"lienthong.gov.vn/connector-operator/gateway/identity"
	"lienthong.gov.vn/connector-operator/gateway/requestlog"
)

func (g *gateway) logOptions() requestlog.Options {
	return requestlog.Options{
		Output: g.opts.RequestLog, Host: g.opts.Host, Version: g.opts.Version,
		Metrics: g.metrics, Clock: g.opts.Clock, Log: g.opts.Log.WithName("requestlog"),
	}
}

// record is told of every request in either direction.
func (g *gateway) record(e requestlog.Entry) { g.requests.Write(e) }

// logSettings are what a snapshot says of the request log. The collector is shown the certificate that the hub is shown.
func logSettings(s *identity.Snapshot) requestlog.Settings {
	settings := requestlog.Settings{Log: s.Config.Log, Connector: s.Config.Connector, Floor: s.Config.TLS}
	if s.Leaf != nil {
		settings.Certificate = &s.Leaf.Certificate
	}
	return settings
}
