package gateway

import (
	"crypto/fips140"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"lienthong.gov.vn/connector-operator/gateway/config"
	"lienthong.gov.vn/connector-operator/gateway/probes"
	"lienthong.gov.vn/connector-operator/gateway/status"
)

// report is what /status tells.
func (g *gateway) report() status.Report {
	snapshot := g.watcher.Current()
	floor := snapshot.Config.TLS
	report := status.Report{
		ConfigDigest: snapshot.ConfigDigest, Version: g.opts.Version, Problems: g.problems(), FIPS140: fips140.Enabled(), FIPS140Module: fips140.Version(),
		TLS: &status.TLS{MinVersion: floor.MinVersion, CipherSuites: floor.CipherSuites, KeyExchange: floor.KeyExchange},
	}
	if leaf := snapshot.Leaf; leaf != nil {
		report.SPIFFEID = leaf.ID.String()
		report.SerialNumber = serial(leaf.X509)
		report.NotBefore, report.NotAfter = leaf.X509.NotBefore, leaf.X509.NotAfter
	}
	if snapshot.Trust != nil {
		report.TrustDigest = snapshot.Trust.Digest
	}
	report.RevocationDigest, report.Reliances = snapshot.RevocationDigest, g.reliances(snapshot)
	report.Endpoints, report.ActiveEndpoint = g.router.Report()
	g.mu.Lock()
	report.LastHandshake = latest(g.lastHandshake, report.Endpoints)
	g.mu.Unlock()
	return report
}

// latest is the last handshake in either direction, or nil.
func latest(inbound time.Time, endpoints []status.Endpoint) *time.Time {
	for _, e := range endpoints {
		if e.LastHandshake != nil && e.LastHandshake.After(inbound) {
			inbound = *e.LastHandshake
		}
	}
	if inbound.IsZero() {
		return nil
	}
	return &inbound
}

func (g *gateway) problems() []string {
	return append(g.watcher.Problems(), needsRestart(g.started, g.config(), fips140.Enabled())...)
}

// needsRestart tells what differs from what is settled at the start: the listen addresses, and the mode of the cryptographic module.
func needsRestart(started, now config.Config, fips bool) []string {
	var problems []string
	if err := now.CheckFIPS140(fips); err != nil {
		problems = append(problems, fmt.Sprintf("The gateway goes on in the mode in which it was started: %v.", err))
	}
	wanted := now.Listeners()
	for i, inUse := range started.Listeners() {
		if wanted[i].Address != inUse.Address {
			problems = append(problems, fmt.Sprintf("The configuration changed %s from %q to %q; restart the gateway for it to take effect.",
				inUse.Field, inUse.Address, wanted[i].Address))
		}
	}
	return problems
}

func (g *gateway) statusHandler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+status.Path, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Cache-Control", "no-store")
		_ = json.NewEncoder(w).Encode(g.report())
	})
	return mux
}

// facts are what the probes judge.
func (g *gateway) facts() probes.Facts {
	snapshot := g.watcher.Current()
	f := probes.Facts{
		Draining:  g.draining.Load(),
		Listening: g.listening.Load(),
		HasTrust:  snapshot.Trust != nil,
		LastLook:  g.watcher.LastLook(),
		LookEvery: g.opts.PollInterval,
	}
	if leaf := snapshot.Leaf; leaf != nil {
		f.HasIdentity = leaf.ID.String() == snapshot.Config.SPIFFEID
		f.NotBefore, f.NotAfter = leaf.X509.NotBefore, leaf.X509.NotAfter
	}
	return f
}

// serial is lower-case hexadecimal without separators, as status.Report says.
func serial(cert *x509.Certificate) string { return cert.SerialNumber.Text(16) }
