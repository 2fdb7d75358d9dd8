// Package gitops holds the examples for Flux and Argo CD in docs/getting-started.md to the types that those programs have today. It is a module of its
// own, because their types are of no use to anything else here.
package gitops
