// Package profile keeps the status of SecurityProfiles: whether each may be used, and how many Connectors it rules. It is the
// only writer of that status, and it writes nothing else. What a profile asks for is enforced where Connectors are reconciled.
//
// A pass reads the profile, those for the same regime and level, and the Connectors that name it in their status; then it
// judges (status.go), without a client, and writes once.
//
// Conditions:
//
//	Accepted  False if an older profile is for the same regime and level, because then it is open which one rules
//	Ready     the same, as there is nothing else to wait for
//
// Passes follow the spec, the profiles for the same level, and, gathered over two seconds, the Connectors. When the operator
// restarts, each profile is counted once more.
package profile
