// Package milestonerecord keeps the MilestoneRecords: proof, in objects of their own, that an agency met a milestone, and when.
//
// The controller of Agencies calls Ensure in each pass in which a milestone is met for the first time, before it writes the status, and
// wherever a status tells of a milestone that no record tells of: after an upgrade, or when somebody has deleted the record. The name of a
// record follows from plan, milestone and agency, so that there is never a second one: whoever comes later finds the first, which counts.
//
// Records have no owner and are never changed or deleted by the operator. So they outlive the plan, the cohort, the Agency and its status,
// and a plan that comes back from Git, or an Agency that comes back from a backup, finds them.
//
// An operator that ends between the record and the status finds the record when it is back, and the status takes its time from there.
package milestonerecord
