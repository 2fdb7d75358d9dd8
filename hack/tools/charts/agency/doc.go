// Package agency tests the chart agency-connector by running the helm that hack/tools/charts builds: that each example renders the objects of
// the samples, and that a wrong value is refused with a sentence that names the field and says what is expected. Nothing of the package runs
// outside of tests. It needs no cluster, and keeps nothing.
package agency
