// Package hub reconciles ExchangeHubs.
//
// It promises that one certification authority of a hub is replaced by another without anybody being cut off, and that who must not
// connect any more does not. A platform engineer starts a rollover by editing the hub; the status then gives out the turns in which
// Connectors take certificates of the new authority, holds an anchor that was removed from the list for as long as somebody relies on
// it, and tells how far all this is. The status also keeps the identities that lost the right to connect, for as long as one of their
// certificates could be shown. Connectors act on what stands there: the controller of Connectors takes from it what its gateways trust
// and revoke, and whose turn it is.
//
// A reconcile reads the hub, its owner, its anchors, its Connectors and their Agencies from the cache, and the operator's own
// certificate on the hub (scope.go); tells the planner of package rollover what the Connectors' statuses say (members.go), and works
// out who is revoked (revoked.go) and which anchors go (decide.go); keeps the ConfigMap that publishTo names (publish.go); computes the
// status (status.go, trust.go) and writes it once. Turns rest on the turns that were given out before, so a status that is not the
// latest is never written over: the API server refuses it, and the next pass decides anew. News of Connectors is gathered for a
// moment, so a fleet that changes costs few passes (watch.go). Events tell what an administrator should hear of (announce.go).
//
// Conditions: Accepted, TrustResolved, Published (only while publishTo is set), and Ready as their summary; RolloverComplete, which
// disturbs nobody and is not part of Ready.
//
// It owns the ConfigMap that publishTo names. It has no finalizer: with the hub, the ConfigMap goes too.
//
// If the operator restarts, every hub is read again, and what stands in its status is all that the next step needs; an unchanged status
// is not written.
package hub
