// Package rollout keeps the status of RolloutPlans: whether each can be honoured, and where its cohorts stand. It is the only
// writer of that status but for status.reports, which controllers/report writes, and it writes nothing else.
//
// A pass reads the plan, its hub and all Agencies, judges (status.go), without a client, and writes once. The state of each
// agency is not judged here but counted from the Agencies' own status, so that the counts are what an auditor finds there.
// They add up: an agency of a cohort that was not judged yet counts as pending.
//
// Conditions:
//
//	Accepted  False if the time zone, a date or a selector cannot be used, if the hub does not exist, or if an agency is in
//	          two cohorts. Names that no Agency has yet are told, and not refused
//	Ready     True if it is accepted and every agency was judged by the plan as it is now; the message sums up where they stand
//	ReportWritten  what became of a report that is asked for; present while the plan has the annotation
//
// While a plan is not accepted, its counts and the records of its agencies stay as they were.
//
// Passes follow the spec, the hub's coming and going, and, gathered over a second, the agencies; and the next deadline. What people
// record, and how a Connector stands under a regime, reaches a plan through the agencies, which follow it. When the operator restarts,
// each plan is counted once more.
package rollout
