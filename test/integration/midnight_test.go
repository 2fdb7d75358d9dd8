package integration

import (
	"fmt"
	"time"

	"k8s.io/utils/clock"
)

// shifted is the real clock, put forward.
type shifted struct {
	clock.RealClock
	by time.Duration
}

// Now is the time on the clock.
func (c shifted) Now() time.Time { return c.RealClock.Now().Add(c.by) }

// Since counts by the clock.
func (c shifted) Since(t time.Time) time.Duration { return c.Now().Sub(t) }

// midnight is one that comes soon, somewhere.
type midnight struct {
	at        time.Time
	zone, day string
}

// nextMidnight is a quarter of an hour to somewhat more than an hour away, so that it does not come before the test has put the clock forward.
func nextMidnight() midnight {
	at := time.Now().UTC().Add(15 * time.Minute).Truncate(time.Hour).Add(time.Hour)
	east := (24 - at.Hour()) % 24
	if east > 12 {
		east -= 24
	}
	// The sign in these names is that of POSIX: behind it stands how much UTC is ahead.
	return midnight{at, fmt.Sprintf("Etc/GMT%+d", -east), at.Add(time.Duration(east) * time.Hour).Format(time.DateOnly)}
}

// soon is a clock that reaches the midnight in a few seconds.
func (m midnight) soon() shifted { return shifted{by: time.Until(m.at) - 5*time.Second} }
