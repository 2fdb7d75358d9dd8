// Package agency tests the chart agency-connector: that each example renders the objects of the samples, that a wrong value is refused with a
// sentence that names the field and says what is expected, and that no value gets out of its place in a request.
//
// The tests run bin/helm, so they have a build tag; `make charts-test` builds helm and runs them. They need no cluster and keep nothing.
package agency
