// Package stage puts the whole first roll-out on a cluster: authority, hub and fallback, the operator, the 27 agencies with
// their own systems, and both plans. The demo and the end-to-end tests stand on the same stage.
//
// Every step may be repeated: objects are applied, images are named by digest, and a local cluster that runs is left running. So
// an interrupted start is finished by another one.
package stage
