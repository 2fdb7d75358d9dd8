// Package agency keeps the status of Agencies: whether each is accepted, how its Connectors are, and where it stands before
// the milestones of every plan that it is part of. It is the only writer of that status, and it writes nothing else.
//
// A pass reads the Agency, those that could have its code already, the chain of its parents, its Connectors with their records, and
// all profiles and plans; then it judges (status.go), without a client, and writes once.
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
// A plan that is not accepted changes no record. A record of a plan that is gone goes too.
//
// Passes follow what can change the outcome: the spec or the labels of the Agency and of its relatives, the conditions of its
// Connectors and how each stands under a regime, a record that begins to count or no longer does, a plan that was accepted anew,
// who approves a level under a profile and in how many days, and the day on which the next milestone comes to be at risk or is missed.
// When the operator restarts, each Agency is judged once; what was recorded as met stands in the status and stays.
package agency
