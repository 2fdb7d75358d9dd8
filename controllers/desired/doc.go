// Package desired builds the objects that a Connector consists of: values in, typed objects out.
//
// It runs in every reconcile of a Connector that is accepted. It is pure: no client, no clock, no state, so a restart of the
// operator changes nothing. Each object is complete, with every field that the API server would default written out, so that
// the package apply can compare exactly and see any field that somebody else set. The golden files under testdata show the
// objects for each security level.
package desired
