package requestlog

import (
	"math/rand/v2"
	"time"
)

const (
	firstPause   = time.Second
	longestPause = 30 * time.Second
)

// pause is how long to wait before another attempt, after so many that failed: twice as long each time, and up to a half more
// by chance, so that the gateways of a country do not come all at once when their collector is back.
func pause(failures int) time.Duration {
	d := longestPause
	if doublings := max(failures-1, 0); doublings < 5 {
		d = firstPause << doublings
	}
	return d + rand.N(d/2) //nolint:gosec // nobody gains by guessing it
}
