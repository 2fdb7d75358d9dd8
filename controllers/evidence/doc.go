// Package evidence keeps the status of ComplianceEvidence: whether each record is accepted, and which record corrects it. It is the only
// writer of that status, and it writes nothing else. What a record is good for is told where its Connector is reconciled, by the same
// judgement (package compliance).
//
// A pass reads the record and the case of its Connector; then it judges (status.go), without a client, writes once, and tells of a refusal
// by an Event.
//
// Conditions:
//
//	Accepted  False if the record's namespace has no such Connector, if the record was made before the day that it tells of, if it names a
//	          regime that no SecurityProfile is of, if somebody appraised or approved the level who may not, or if what it supersedes is
//	          no older record of the same Connector, kind and regime, or one that somebody else has to take back; Unknown while an
//	          appraisal or an approval cannot be examined, because the Connector's Agency or the hub that gives the regime is not there
//	Ready     the same, as there is nothing else to wait for
//
// Only the Agency and the hub are waited for (kstatus: InProgress); for everything else a person has to act.
//
// Passes follow what can change the outcome: the record, those that it supersedes or is superseded by, its Connector, the Agency and those
// that it belongs to, the hub's regime, and who the profiles of its level name. When the operator
// restarts, each record is judged once; what stands in the status already is not written again.
package evidence
