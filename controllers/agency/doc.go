// Package agency keeps the status of Agencies: whether each is accepted, how its Connectors are, and where it stands before
// the milestones of every plan that it is part of. It is the only writer of that status, and of the MilestoneRecords.
//
// A pass reads the Agency, those that could have its code already, the chain of its parents, those that were merged into it, its Connectors with
// their evidence, the MilestoneRecords, and all profiles and plans; then it judges (status.go), without a client. What is met and has no record yet
// is recorded (record.go) before the status tells of it, and then the status is written, once.
//
// Conditions:
//
//	Accepted  False if an older Agency has the code or the legacyCode, if parentRef names nobody or leads back to the Agency
//	          itself, or if supersededBy names nobody
//	Ready     True if it is accepted, at least one Connector acts for it, and each of those is ready
//
// Only Connectors in a namespace that the Agency lists act for it. Any tenant may write a Connector that names any Agency, so
// the others must not count: they could hold up the milestones of an Agency that is none of theirs.
//
// A plan that is not accepted changes nothing of its milestones in the status. Those of a plan that is gone go too, and so do those of an agency
// that is superseded, once there is a MilestoneRecord of each that was met. The successor carries those records over, as records of its own.
//
// Passes follow what can change the outcome: the spec or the labels of the Agency and of its relatives, the conditions of its
// Connectors and how each stands under a regime, evidence that begins to count or no longer does, a MilestoneRecord of the Agency or of one that
// was merged into it, who approves a level under a profile and in how many days, a plan that was accepted anew, and the day on which the next
// milestone comes near or is missed. When the operator restarts, each Agency is judged once. If it ended between a record and the status, the status
// takes over what was recorded.
package agency
