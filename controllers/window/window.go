// Package window tells when a Connector's maintenance windows are open, as the clocks on the agency's walls show it.
//
// It runs wherever something that disturbs a Connector is about to be done. It is pure and keeps nothing, so after a restart the same
// windows are open.
package window

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/civil"
)

const (
	// longest is how long one window may last: the openings of two days then overlap by no more than what the clocks are moved.
	longest = 24 * time.Hour
	// ahead is how far in the future it is looked, in days: each window opens again within a week.
	ahead = 8
	// behind is how far back an opening may have begun that still lasts, in days: two where the clocks make a day shorter than the window.
	behind = 2
)

// Set is the windows of one Connector. The zero Set is always open.
type Set struct {
	windows []window
}

// window is one MaintenanceWindow, read.
type window struct {
	days     []time.Weekday
	start    time.Duration
	duration time.Duration
	zone     *time.Location
}

// opening is one time at which a window is open, from start until end.
type opening struct{ start, end time.Time }

// InvalidError tells that a window can never open. It stays so until somebody changes the Connector.
type InvalidError struct {
	// Number of the window in its list, from 1.
	Number  int
	Problem string
}

// Error says which window is wrong and what to write.
func (e *InvalidError) Error() string {
	return fmt.Sprintf("Maintenance window %d can never open: %s.", e.Number, e.Problem)
}

// Parse reads the windows as the API has them. The error is an *InvalidError.
func Parse(list []v1alpha1.MaintenanceWindow) (Set, error) {
	var set Set
	for i := range list {
		w, err := read(&list[i])
		if err != nil {
			return Set{}, &InvalidError{Number: i + 1, Problem: err.Error()}
		}
		set.windows = append(set.windows, w)
	}
	return set, nil
}

func read(m *v1alpha1.MaintenanceWindow) (window, error) {
	zone, err := time.LoadLocation(m.TimeZone)
	// The empty name is UTC to Go, and Local is the zone of whatever node the operator runs on.
	if err != nil || m.TimeZone == "" || m.TimeZone == time.Local.String() {
		return window{}, fmt.Errorf("timeZone %q is unknown; write a name of the IANA time zone database, such as Asia/Ho_Chi_Minh", m.TimeZone)
	}
	clock, err := time.Parse("15:04", m.Start)
	if err != nil || len(m.Start) != len("15:04") {
		return window{}, fmt.Errorf("start %q is no time of day; write one from 00:00 to 23:59, such as 22:00", m.Start)
	}
	if d := m.Duration.Duration; d <= 0 || d > longest {
		return window{}, fmt.Errorf("its duration is %s; write one from 5m to 24h, such as 2h", d)
	}
	w := window{
		start: time.Duration(clock.Hour())*time.Hour + time.Duration(clock.Minute())*time.Minute, duration: m.Duration.Duration, zone: zone,
	}
	for _, day := range m.Days {
		weekday, err := weekday(day)
		if err != nil {
			return window{}, err
		}
		w.days = append(w.days, weekday)
	}
	return w, nil
}

func weekday(name v1alpha1.Weekday) (time.Weekday, error) {
	for day := time.Sunday; day <= time.Saturday; day++ {
		if day.String() == string(name) {
			return day, nil
		}
	}
	return 0, fmt.Errorf("%q is no day of the week; write one from Monday to Sunday, or leave days out for every day", string(name))
}

// Unrestricted tells whether there are no windows, so that everything may be done at any time.
func (s Set) Unrestricted() bool { return len(s.windows) == 0 }

// Open tells whether a window is open now: from its first instant on, and not any more at its end.
func (s Set) Open(now time.Time) bool {
	_, open := s.lasts(now)
	return open || s.Unrestricted()
}

// Next is when a window is open next: now if one is.
func (s Set) Next(now time.Time) time.Time {
	if s.Open(now) {
		return now
	}
	var next time.Time
	for _, o := range s.openings(now) {
		if o.start.After(now) && (next.IsZero() || o.start.Before(next)) {
			next = o.start
		}
	}
	return next
}

// Closes is the end of the present opening, where windows that overlap or touch count as one. It is zero if none is open, and if
// no end is in sight: without windows, or where they follow each other for more than a week.
func (s Set) Closes(now time.Time) time.Time {
	end, open := s.lasts(now)
	if !open {
		return time.Time{}
	}
	for horizon := now.AddDate(0, 0, ahead); !end.After(horizon); {
		further, open := s.lasts(end)
		if !open {
			return end
		}
		end = further
	}
	return time.Time{}
}

// lasts is the latest end of the windows that are open at an instant.
func (s Set) lasts(at time.Time) (end time.Time, open bool) {
	for _, o := range s.openings(at) {
		if !o.start.After(at) && o.end.After(at) && o.end.After(end) {
			end, open = o.end, true
		}
	}
	return end, open
}

// openings around an instant: all that last then, and of each window at least one that begins later.
func (s Set) openings(around time.Time) []opening {
	var all []opening
	for i := range s.windows {
		w := &s.windows[i]
		today := civil.In(around, w.zone)
		for day := -behind; day <= ahead; day++ {
			date := today.AddDays(day)
			if len(w.days) > 0 && !slices.Contains(w.days, date.Weekday()) {
				continue
			}
			start := date.At(w.start, w.zone)
			all = append(all, opening{start, start.Add(w.duration)})
		}
	}
	return all
}

// cron is the start as cert-manager writes it: minute, hour, any day of any month, days of the week from Sunday, 0.
func (w *window) cron() string {
	days := "*"
	if len(w.days) > 0 {
		numbers := slices.Sorted(slices.Values(w.days))
		days = ""
		for i, day := range slices.Compact(numbers) {
			if i > 0 {
				days += ","
			}
			days += strconv.Itoa(int(day))
		}
	}
	return fmt.Sprintf("%d %d * * %s", int(w.start.Minutes())%60, int(w.start.Hours()), days)
}
