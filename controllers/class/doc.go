// Package class reconciles ConnectorClasses: whether each can run at all, how many Connectors use it, and how a change of it, such as
// another image, reaches them a batch at a time. It is the only writer of that status.
//
// Phases of a pass, in order:
//  1. read: the class and the Connectors that name it (scope.go)
//  2. store: the newest revision, as a ControllerRevision in the operator's namespace, before anybody gets a turn (revisions.go)
//  3. decide: whose turn it is, without a client (package turns)
//  4. status: computed without a client (status.go) and written once, only if the class is still as it was read, because it gives out turns
//  5. tell: an Event when a roll-out begins, is paused, goes on or is complete
//  6. sweep: revisions that no Connector has and that are not the newest of a class are removed (package shelf)
//
// Which revision a Connector is made by is said by package staging, where Connectors are reconciled.
//
// Conditions:
//
//	Accepted   False if a container asks for more of a resource than it is limited to, because no pod could be made of it
//	RolledOut  False while a Connector has an earlier revision, or a turn is not over
//	Ready      their summary: Reconciling while a change rolls out, Stalled while the roll-out is paused
//
// Passes follow the spec, the stored revisions and, gathered over a moment, the Connectors. When the operator restarts, what stands in the
// statuses of the class and of the Connectors is all that the next step needs; an unchanged status is not written.
package class
