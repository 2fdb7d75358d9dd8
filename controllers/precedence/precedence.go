// Package precedence decides which of two objects holds what only one of them can have, such as a code. It is the one that
// came first, so that nobody takes over what another one already has, and the answer is the same after every restart, and after a restore
// from a backup: the status of an object keeps when it was first created.
package precedence

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Dated is an object that knows when it was first created.
type Dated interface {
	GetName() string
	Since() metav1.Time
}

// Precedes tells whether a comes before b: the older first and, within the same second, the one whose name sorts first.
func Precedes(a, b Dated) bool {
	at, bt := a.Since(), b.Since()
	if !at.Equal(&bt) {
		return at.Before(&bt)
	}
	return a.GetName() < b.GetName()
}

// Recorded is what the status of an object is to keep; nil for one that the API server does not have yet.
func Recorded(object Dated) *metav1.Time {
	since := object.Since()
	if since.IsZero() {
		return nil
	}
	return &since
}
