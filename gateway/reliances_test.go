package gateway_test

import (
	"crypto/sha256"
	"encoding/hex"
	"reflect"
	"slices"
	"testing"
	"time"

	"lienthong.gov.vn/connector-operator/gateway/config"
	"lienthong.gov.vn/connector-operator/gateway/status"
	"lienthong.gov.vn/connector-operator/test/pki"
)

// on is a line of a report: a peer whose chain ends in one authority.
func on(peer string, ca *pki.CA) status.Reliance {
	sum := sha256.Sum256(ca.Certificate.Raw)
	return status.Reliance{Peer: peer, Anchors: []string{hex.EncodeToString(sum[:])}}
}

func (f *fixture) waitReliances(want ...status.Reliance) {
	f.t.Helper()
	slices.SortFunc(want, func(a, b status.Reliance) int {
		return slices.Compare(append([]string{a.Peer}, a.Anchors...), append([]string{b.Peer}, b.Anchors...))
	})
	f.waitReport(func(r status.Report) bool { return reflect.DeepEqual(r.Reliances, want) })
}

// TestReliances follows an anchor through its life: whoever proves itself by it is told while it does, and for the quiet period
// after.
func TestReliances(t *testing.T) {
	f := newFixture(t, backend(t, echo), func(c *config.Config) {
		c.Inbound.AllowedPeers = []string{hubID, otherID}
		c.Trust.QuietPeriod = duration(time.Hour)
	})
	next := must(pki.NewCA("next CA"))
	f.trust = append(f.ca.PEM(), next.PEM()...)
	f.cfg.Outbound.Endpoints[0].URL = f.peerWith(f.serverTLS(issueFrom(t, next, hubID)), echo).URL
	f.writeConfig()
	f.start()
	self, asking, first := on("self", f.ca), on("inbound "+operatorID, f.ca), on("endpoint first", next)
	f.waitReliances(self, asking, first)

	f.rawHub() // it stays open
	other := f.raw(f.addrs.Inbound, issueFrom(t, next, otherID))
	hub, leaves := on("inbound "+hubID, f.ca), on("inbound "+otherID, next)
	f.waitReliances(self, asking, first, hub, leaves)
	before := must(f.report())
	check(t, other.Close())
	if again := must(f.report()); !reflect.DeepEqual(again.Reliances, before.Reliances) {
		t.Errorf("within the quiet period the report changed from %v to %v", before.Reliances, again.Reliances)
	}

	// The period is over for the connection that is closed and not for the one that is open as long.
	f.change(func(c *config.Config) { c.Trust.QuietPeriod = duration(500 * time.Millisecond) })
	f.waitReliances(self, asking, first, hub)

	// The endpoint has a certificate of the other authority, and soon shows no other.
	f.change(func(c *config.Config) {
		c.Trust.QuietPeriod = duration(time.Hour)
		c.Outbound.Endpoints[0].URL = f.peer(hubID, echo).URL
	})
	f.waitReliances(self, asking, first, on("endpoint first", f.ca), hub)
	f.change(func(c *config.Config) { c.Trust.QuietPeriod = duration(500 * time.Millisecond) })
	f.waitReliances(self, asking, on("endpoint first", f.ca), hub)

	// What is not in the configuration, or not in the bundle, holds no anchor.
	f.change(func(c *config.Config) {
		c.Inbound.AllowedPeers = []string{otherID}
		c.Outbound.Endpoints[0].Name = "renamed"
	})
	f.waitReliances(self, asking, on("endpoint renamed", f.ca))
	f.writeIdentity(issueFrom(t, next, gatewayID))
	f.asked = f.trust
	f.waitReliances(on("self", next), asking, on("endpoint renamed", f.ca))
	f.trust = f.ca.PEM()
	f.writeConfig()
	f.waitReliances(status.Reliance{Peer: "self"}, asking, on("endpoint renamed", f.ca))
}
