// Package cluster installs the charts into a real API server, with pods that are simulated: every object of every values file is accepted, the chart
// of the operator lives through its life (installation, edits, upgrade, removal, installation over what was kept), an agency is connected by whoever
// has its rights and no others, and the operator's Jobs may do what they have to and no more.
//
// The tests run bin/helm, or the program that HELM names, such as a Helm 3, so they have a build tag; `make charts-test` builds helm and runs them. They
// share one cluster.
package cluster
