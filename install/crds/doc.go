// Package crds brings the CustomResourceDefinitions of a cluster up to those that this program carries, because Helm installs definitions once and
// never changes them.
//
// It runs in a Job before each installation and upgrade of the chart (`connector-operator crds apply`), under a ServiceAccount that may read, make and
// patch these definitions and nothing else. First it looks at all of them, and refuses, with nothing written, where a cluster may have stored
// objects in a version that the new definition lacks: the API server could not read them any more. Then it applies each with server-side apply, and waits
// until the API server serves it.
//
// If it is cut short, the next run begins anew: what is applied already is not changed by being applied again.
package crds
