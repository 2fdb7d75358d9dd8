// Package explain tells why an agency or a Connector is not ready: the whole chain, from the summary that its status gives down to the one
// thing that somebody has to do, with the next command to run and who may run it. It also says so when all is well.
//
// It is pure: what was read comes in as a Case, and an Explanation goes out, in the language of the reader. report/collect reads a Case, and
// report/format writes an Explanation. Sentences of statuses are quoted as the operator wrote them, in English; everything around them is in the
// reader's language. Nothing is kept, so a restart means nothing here.
package explain
