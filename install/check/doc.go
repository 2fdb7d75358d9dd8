// Package check asks a cluster whether what surrounds the operator is as the operator needs it: that its kinds are served, that cert-manager itself
// may not approve requests for the issuers of the hubs, and that the operator may.
//
// It runs when somebody asks (`connector-operator check`, which `helm test` does), as the operator itself, and writes nothing: what may be done is
// asked for with SubjectAccessReviews. It has no state.
package check
