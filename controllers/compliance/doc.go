// Package compliance judges how a Connector stands under a legal regime: which of the records that people made count, which level is
// approved, where each duty of a SecurityProfile stands, and what is short.
//
// It is used wherever a Connector, a record or a waiver is reconciled, so that all of them agree. It is pure: whoever calls it hands in
// a Case, which holds everything that was read and the day that it is where the agency is. So nothing is lost when the operator
// restarts, and every figure that it reckons with is one of a SecurityProfile.
//
// A record counts under a regime if it is accepted (examine.go), passed, names that regime or none, and is corrected by no accepted
// record (supersede.go). Nothing of that changes by time alone. A duty is judged by the newest of those that count (duty.go), and a level
// by its determination, appraisal and approval (level.go). Package dossier reads a Case.
package compliance
