// Package verify is the command `report verify`: it reads exported ReadinessReports, and RolloutPlans for the heads that they recorded, and
// says whether the chains are intact.
//
// It runs offline, on a file, a folder or its standard input, wherever somebody has an export; it asks no cluster and writes nothing, so it
// can be run again at any time. What is checked is decided in report/chain.
//
// Exit codes:
//
//	0  every chain is intact
//	1  something does not fit; each finding is a sentence on the standard output
//	2  the call is not understood
//	3  the input cannot be read, or has no reports in it
package verify
