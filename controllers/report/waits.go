package report

import "time"

// waits remembers since when the report that is due of a plan waits until the agencies are judged. It is used by one worker. After a restart
// it begins anew: the agencies are judged anew then, too.
type waits struct {
	plans map[string]wait
}

type wait struct{ due, begun time.Time }

// since is how long the report that was due at an instant has waited.
func (w *waits) since(plan string, due, now time.Time) time.Duration {
	known, ok := w.plans[plan]
	if !ok || !known.due.Equal(due) {
		if w.plans == nil {
			w.plans = map[string]wait{}
		}
		known = wait{due, now}
		w.plans[plan] = known
	}
	return now.Sub(known.begun)
}

// end forgets it.
func (w *waits) end(plan string) { delete(w.plans, plan) }
