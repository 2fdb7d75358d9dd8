// Package samples compares the objects under config/profiles and config/samples/decision-28 with the data they were written from, figure
// by figure: a sample that says something else than its source is a failing test. It needs no cluster.
//
// Records makes what people would record for a Connector of the samples, for the demo and for tests that need one to be compliant. It
// is pure and keeps nothing.
package samples
