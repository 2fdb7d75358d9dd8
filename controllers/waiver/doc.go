// Package waiver keeps the status of DutyWaivers: whether each is accepted, and whether it holds today. It is the only writer of that
// status, and it writes nothing else. What a waiver excuses is told where its Connector is reconciled, by the same judgement (package
// compliance).
//
// A pass reads the waiver and the case of its Connector; then it judges (status.go), without a client, writes once, and tells of a refusal
// and of the waiver's end by an Event.
//
// Conditions:
//
//	Accepted  False if the waiver's namespace has no such Connector, or if no SecurityProfile of its level has any of the duties; if
//	          some are not asked for, it names them, and the waiver excuses from the others
//	Ready     True while an accepted waiver holds: from its first day on, and before its end, where the agency is
//
// Passes follow what can change the outcome: the waiver, the level of its Connector, the Agency's time zone, the duties of profiles, and
// the days on which the waiver begins and ends. When the operator restarts, each waiver is judged once; what stands in the status already
// is not written again.
package waiver
