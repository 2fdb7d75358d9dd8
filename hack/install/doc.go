// Package install puts objects into a cluster with server-side apply, takes them out again, and waits until either has happened.
//
// An object is owned by the field manager FieldManager. What another manager owns is not taken away silently: the conflict is an
// error that names both, unless Options.Force is set. The package keeps no state between calls, so a second run after an
// interruption goes on where the first one stopped.
package install
