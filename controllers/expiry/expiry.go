// Package expiry tells how near the end of a certificate is, in the steps at which people are warned.
//
// It runs in every reconcile of a Connector that has a certificate. It is pure and keeps nothing, so after a restart the same step is
// reached, and no warning is given again for one that the status already tells of.
package expiry

import (
	"cmp"
	"slices"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// year is the life of a certificate from which on the distances are taken as they are.
const year = 365 * 24 * time.Hour

// Ladder gives the distances for a certificate of that life, largest first: as they are for a life of a year (365 days) and more, in
// proportion for a shorter one. They are whole seconds, at least one, and each is there once.
func Ladder(distances []metav1.Duration, life time.Duration) []time.Duration {
	ladder := make([]time.Duration, 0, len(distances))
	for _, d := range distances {
		distance := d.Duration
		if life < year {
			// A distance times a life may be more than a Duration holds.
			distance = time.Duration(float64(distance) * (float64(max(life, 0)) / float64(year)))
		}
		ladder = append(ladder, max(distance.Round(time.Second), time.Second))
	}
	slices.SortFunc(ladder, func(a, b time.Duration) int { return cmp.Compare(b, a) })
	return slices.Compact(ladder)
}

// Reached is the smallest distance of the ladder that is not less than what is left of the certificate; false if there is none. A
// certificate that has expired has reached the smallest.
func Reached(ladder []time.Duration, left time.Duration) (time.Duration, bool) {
	for _, distance := range slices.Backward(ladder) {
		if distance >= left {
			return distance, true
		}
	}
	return 0, false
}

// Next is when the next distance is reached; zero if none is left.
func Next(ladder []time.Duration, notAfter, now time.Time) time.Time {
	for _, distance := range ladder {
		if at := notAfter.Add(-distance); at.After(now) {
			return at
		}
	}
	return time.Time{}
}
