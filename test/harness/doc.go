// Package harness gives test suites a real cluster with the operator's CRDs and roles, and checks that every status is legal.
//
// A suite calls Start from its TestMain. The cluster is that of KUBECONFIG if it is set; otherwise a local one with simulated
// pods is started for the suite and removed after it, however the suite ends.
package harness
