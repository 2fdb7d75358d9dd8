// Package milestone judges where an agency stands before the milestones of a RolloutPlan.
//
// Compile makes a plan ready, once for each generation of its spec (Compiled): the zone is loaded, the dates are read, the selectors parsed, the
// milestones ordered so that each comes after those that it requires; what cannot be made ready is a Problem with a sentence for the person who
// wrote the plan. Cohorts tells in which cohort an agency is. Evaluate judges one agency, from what its Connectors show and from what was
// recorded before.
//
// A milestone is met as soon as everything that it requires holds at once. Conditions, evidence and regimes are asked of each of the agency's
// Connectors to the plan's hub, of which there is at least one: a condition is True; a record of a kind is accepted, passed and not corrected
// by another; or the Connector's own status says that a regime is satisfied. What counts of records and regimes is not judged here but read
// from the status of the records and of the Connectors, so that an auditor finds there what was reckoned with. Another milestone is asked of the
// agency: it was met, now or at any time before, or the plan exempts the agency from it.
//
// A state is one of, the first that applies:
//
//	Exempt         the plan exempts the agency
//	Met, MetLate   it was met; when it was first seen to be met is recorded once and never moves, also if it is lost again
//	Overdue        it is not met, and the deadline has passed
//	AtRisk         it is not met, and the deadline is near, by the calendar of the plan's zone, or what is missing has to begin soon
//	OnTrack        the agency has a Connector to the plan's hub that is accepted
//	Pending        it has none
//
// What has to begin soon is found by looking ahead (path.go, level.go, ahead.go). Everything that is missing becomes a chain of tasks: a level
// is determined, its dossier completed, appraised and approved, in the working days that the SecurityProfile sets; a milestone that another
// one waits for brings its own chain; the plan may say of each requirement how long it takes and whose it is. What is independent is done at
// the same time, so the longest chain is the critical path. What nobody has said the duration of counts as no time. The chain is laid
// backwards from the last day before the deadline over the plan's calendar (package workdays): latestStart is the last day on which it
// can begin. The slack is the number of working days from today until that day, today included; with none left, or with fewer than the plan's
// margin, the milestone is at risk. No message says how many days are left, so an agency's status rests while days merely pass.
//
// Legal says from which state an agency can come into which. What does not hold any more of a milestone that was met is told beside it, as regressed.
//
// # Agencies that merge
//
// An agency that is superseded is in no cohort, whoever names it. Its successor takes its place: where no cohort names or selects the successor,
// it is in that of its predecessor, and of several predecessors, also of predecessors of those, in the first of their cohorts in the order of the
// plan. Being one of all others comes last. A milestone that the successor has not met itself counts as met when the first of its predecessors met
// it, which is carried over. Exceptions are not: they were approved for the agency that they name.
//
// Everything here is pure: the time is handed in, and the only memory are the MilestoneRecords and the Agency's status, so an operator that
// restarts goes on where it was. What stands in the status goes when its plan no longer asks for it: with the plan, with the milestone, or
// when the agency leaves the cohort. The record stays, and counts again when the milestone is asked again.
package milestone
