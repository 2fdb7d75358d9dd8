// Package precedence decides which of two objects holds what only one of them can have, such as a code. It is the one that
// came first, so that nobody takes over what another one already has, and the answer is the same after every restart.
package precedence

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Precedes tells whether a comes before b: the older first and, within the same second, the one whose name sorts first.
func Precedes(a, b metav1.Object) bool {
	at, bt := a.GetCreationTimestamp(), b.GetCreationTimestamp()
	if !at.Equal(&bt) {
		return at.Before(&bt)
	}
	return a.GetName() < b.GetName()
}
