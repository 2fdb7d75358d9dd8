// Package evidence keeps the status of ComplianceEvidence: whether each record is accepted, and which record corrects it. It is the only
// writer of that status, and it writes nothing else. What a record is good for is told where its Connector is reconciled, by the same
// judgement (package compliance).
//
// A pass reads the record and the case of its Connector; then it judges (status.go), without a client, writes once, and tells of a refusal
// by an Event.
//
// Conditions:
//
//	Accepted  False if the record's namespace has no such Connector, if the day is still to come, if somebody appraised or approved the
//	          level who may not, or if what it supersedes is no older record of the same Connector and kind
//	Ready     the same, as there is nothing else to wait for
//
// Only a day that is still to come is waited for; for everything else a person has to act.
//
// Passes follow what can change the outcome: the record, those that it supersedes or is superseded by, its Connector, the Agency and those
// that it belongs to, the hub's regime, and who the profiles of its level name. A record of the future is judged again when its day begins
// where the agency is. When the operator restarts, each record is judged once; what stands in the status already is not written again.
package evidence
