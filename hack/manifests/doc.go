// Package manifests reads Kubernetes objects from YAML files and kustomizations, and puts them in the order in which a cluster can
// take them.
//
// It does no I/O beyond the files it is told to read, knows no cluster, and keeps no state.
package manifests
