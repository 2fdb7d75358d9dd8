// Package cli is the command line of reports: `connector-operator report …`, and `kubectl lienthong …` where the same binary is called
// kubectl-lienthong. It reads a cluster with an auditor's rights, shows where the agencies stand, and explains why one is not ready. It never
// writes to the cluster.
//
// A session is one call of the program: its arguments, streams, clock and language, and how to reach a cluster. Everything is handed in, so that
// tests run whole commands. Nothing is kept between calls, so a restart means nothing here; a watch that loses its connection takes it up again.
//
// Exit codes are part of the interface: they are in codes.go and in every help text.
package cli
