// Package apply is the only package that writes children and statuses.
//
// It runs in every reconcile, after the decisions were made. Children are compared with the cache first, so a Connector that
// is as it should be costs no call; what differs is replaced as a whole, so that a field which somebody else set does not
// survive. It keeps no state but the versions of its own changes, which it can do without (echo.go): after a restart the cache
// is read again, and what is already right is left alone.
package apply
