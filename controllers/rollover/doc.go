// Package rollover decides how the connectors of a hub get from one certification authority to another without a moment in
// which two peers distrust each other.
//
// A platform engineer starts it by editing the ExchangeHub: a new anchor, another issuer (or another authority behind the same
// one), and later the old anchor off the list. Plan judges, in every pass of the hub's controller, what was observed:
//
//	Distributing   somebody has to move, or an anchor is new, and a gateway has not loaded the bundle: no turn begins
//	Reissuing      every gateway has loaded it: connectors get their turns, never more at once than the policy's batch
//	Retiring       nobody has to move; anchors that were taken off the list stay in force while somebody relies on them
//	Complete       none of these
//
// Three rules keep the peace, and each stands in rules.go by itself: no turn begins before the bundle is everywhere, an anchor
// leaves only when nobody can rely on it, and no more are under way than the batch takes. A turn is over when all pods of its
// connector serve what it was to get. If the hub is changed in the middle, turns begin anew, for what is asked of their connectors then.
// What was issued becomes known a while later only, so neither an anchor that just fell out of use goes at once, nor a turn that was just
// taken back. A Connector's controller asks Turn whether it may take the hub's issuer.
//
// Everything here is pure. The only memory is the hub's status as it was last written, which is written with the version that
// it was read at: an operator that restarts, or looks at an old copy, goes on where the rollover was.
package rollover
