// Package charts holds that the charts in charts/ refuse wrong values in words, and that the chart of the operator installs what the kustomization
// in config/default does.
//
// The tests run bin/helm, so they have a build tag; `make charts-test` builds helm and runs them.
package charts
