// Package chain is what makes ReadinessReports provable: how a report is written as bytes, what its digest is, and how a chain of reports is
// verified.
//
// Every report contains the digest of the one before, so a chain stands or falls as a whole: nobody can change, drop, insert or replace a
// report without changing all that follow, up to the head, the digest of the last one. Whoever knows the head, from the status of the plan
// or from a sheet of paper, can tell whether the chain is still the one that the operator wrote.
//
//	Canonical, Digest   the spec without sha256, as canonical JSON (RFC 8785), and its SHA-256 digest
//	Seal                fills sha256; the controller of reports calls it before it writes
//	Name                the name of a report by its plan and its position: two writers of one position meet at one name
//	Verify              finds what does not fit, and says it in sentences
//
// Everything here is pure: it reads no cluster and no clock, and keeps nothing, so that a restart means nothing and a chain is verified
// wherever its reports are.
package chain
