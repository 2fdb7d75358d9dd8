// Package profile reconciles SecurityProfiles: whether each may be used, how many Connectors it rules, and how a change of its
// technical part reaches them, a batch at a time.
//
// Phases of a pass, in order:
//  1. read: the profile, the first for its regime and level, and the Connectors that name it in their status (scope.go)
//  2. store: the newest revision, as a ControllerRevision in the operator's namespace, before anybody gets a turn (revisions.go)
//  3. decide: whose turn it is, without a client (package turns)
//  4. status: computed without a client (status.go) and written once, only if the profile is still as it was read, because it gives out turns
//  5. tell: an Event when a roll-out begins, is paused, goes on or is complete (announce.go)
//  6. sweep: revisions that no Connector has and that are not the newest of a profile are removed, whoever they were stored for
//     (package shelf)
//
// What the profile asks for is enforced where Connectors are reconciled; package staging says there by which revision. Package turns says when a
// turn is over, and when no further one begins.
//
// Conditions:
//
//	Accepted   False if an older profile is for the same regime and level, because then it is open which one rules
//	RolledOut  False while a Connector has an earlier revision, or a turn is not over
//	Ready      their summary: Reconciling while a change rolls out, Stalled while the roll-out is paused
//
// Passes follow the spec, the profiles for the same level, the stored revisions and, gathered over a moment, the Connectors.
// When the operator restarts, what stands in the statuses of the profile and of the Connectors is all that the next step needs; an
// unchanged status is not written.
package profile
