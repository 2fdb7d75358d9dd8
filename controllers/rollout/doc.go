// Package rollout keeps the status of RolloutPlans: whether each can be honoured, and where its cohorts stand. It is the only
// writer of that status but for status.reports, which controllers/report writes, and it writes nothing else.
//
// A pass reads the plan, its hub and the Agencies that have changed since the last, judges (status.go), without a client, and writes once. The
// state of each agency is not judged here but counted from the Agencies' own status, so that the counts are what an auditor finds there.
// They add up: an agency of a cohort that was not judged yet counts as pending.
//
// The counts are kept in a ledger (ledger.go), which knows of each agency what it was counted as. An Agency that changes costs a look at itself
// and at those that it was merged into, and not at all of the country. All are looked at when the plan's spec changes and when the operator
// has started, because the ledger is in memory only.
//
// Conditions:
//
//	Accepted  False if the time zone, a date or a selector cannot be used, if a milestone requires one that is not of its
//	          cohort or leads back to it, if the calendar contradicts itself, if the hub does not exist, or if an agency is in two cohorts. Names
//	          that no Agency has yet are told, and not refused; and so are years in which the plan reckons without holidays
//	Ready     True if it is accepted and every agency was judged by the plan as it is now; the message sums up where they stand
//	ReportWritten  what became of a report that is asked for; present while the plan has the annotation
//
// While a plan is not accepted, its counts and its milestones in the status of the agencies stay as they were.
//
// Passes follow the spec, the hub's coming and going, and, gathered over a second, the agencies; and the next deadline. While somebody has
// something left to meet, each day in the plan's zone begins with a pass as well, which counts anew how many working days are left: one
// write of the plan, and none of an agency. What people record, and how a Connector stands under a regime, reaches a plan through the
// agencies, which follow it. When the operator restarts, each plan is counted once more.
package rollout
