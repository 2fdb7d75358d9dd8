// Package turns decides whose turn it is to take up a change that reaches Connectors a batch at a time: of the technical part of a
// SecurityProfile, or of a ConnectorClass.
//
// It is a planner without a client in it. Decide is called in each pass of the controllers of profiles and of classes, with what the
// statuses say; Matters tells them which events of Connectors can change its answer.
//
// A turn is over when its Connector has the newest revision and works as it did before, with all its pods. One that takes longer than the
// timeout counts as failed until it does, and when too many have, no further turn begins. A Connector that did not work before its turn is
// not held against the change: it gets its turn after all that work, and is through when it does not work for the reason of before.
// Whether people have done their duties plays no part in it. One that is refused in its turn loses it (refused.go), and one that failed
// counts until it works, be it paused or deleted (failures.go).
//
//	subject.go   what was changed, and the words for it
//	members.go   what a Connector tells of itself
//	plan.go      the decision
//	turns.go     which turns go on, end and begin
//	message.go   the condition RolledOut
//	pace.go      how long news is gathered before the next decision
//
// Nothing is remembered: the turns stand in the status of the profile or of the class, the revision of a Connector in its own. An operator
// that restarts decides the same.
package turns
