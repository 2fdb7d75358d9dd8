package turns

import (
	"time"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

const (
	gathering = 2 * time.Second
	underWay  = 300 * time.Millisecond
)

// Pace is how long news of Connectors is gathered before it is decided again: for a moment while a change rolls out, in which every pass may give
// out turns, and for longer while Connectors are only to be counted. Told is what the status tells; nil at first.
func Pace(told *v1alpha1.RolloutProgress) time.Duration {
	if told == nil || told.Phase == v1alpha1.RolloutComplete {
		return gathering
	}
	return underWay
}
