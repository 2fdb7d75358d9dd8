// Package milestone judges where an agency stands before the milestones of a RolloutPlan.
//
// Compile makes a plan ready once per pass: the zone is loaded, the dates are read, the selectors parsed; what cannot be made
// ready is a Problem with a sentence for the person who wrote the plan. Members sorts all agencies into the plan's cohorts.
// Evaluate judges one agency, from what its Connectors show and from what was recorded before.
//
// A milestone is met as soon as everything that it requires holds at once for each of the agency's Connectors to the plan's hub, of
// which there is at least one: a condition is True; a record of a kind is accepted, passed and not corrected by another; or the
// Connector's own status says that a regime is satisfied. What counts of records and regimes is not judged here but read from the
// status of the records and of the Connectors, so that an auditor finds there what was reckoned with.
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
// Everything here is pure: the time is handed in, and the only memory is the record in the Agency's status, so an operator
// that restarts goes on where it was. A record goes when its plan no longer asks for it: with the plan, with the milestone, or
// when the agency leaves the cohort.
package milestone
