// Package controllers puts the operator together: scheme, cache, manager, indexes and one controller per kind. The manager
// subcommand and every test suite use the same functions, so what is tested is what runs.
//
// It runs once, at the start of the process. It keeps no state; what a restart means for each kind is told in the package of
// that kind.
package controllers
