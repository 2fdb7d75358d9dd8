// Package hub reconciles ExchangeHubs.
//
// It promises that the status of a hub tells whether its owner exists, which certification authorities its gateways trust and
// until when, and how many Connectors it has. It makes no objects: the trust bundle reaches the gateways through the
// ConfigMaps of their Connectors.
//
// A reconcile reads the hub, its owner, its anchors and its Connectors from the cache (scope.go), computes the status
// (status.go) and writes it once. News of Connectors is gathered for a moment, so a fleet that changes costs few passes.
//
// Conditions: Accepted, TrustResolved, and Ready as their summary.
//
// If the operator restarts, every hub is read again; an unchanged status is not written.
package hub
