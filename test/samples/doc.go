// Package samples compares the objects under config/samples/decision-28 with the data they were written from, figure by figure:
// a sample that says something else than its source is a failing test. It needs no cluster.
package samples
