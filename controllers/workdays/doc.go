// Package workdays reckons in working days, as laws set them: days that are neither of a weekend nor decreed off, and those of a weekend
// that are decreed to be worked instead.
//
// Compile makes a calendar of the API ready. The calendar is data of a RolloutPlan; the package knows no holiday of its own. In a year that
// the calendar does not have, only weekends are off, and Uncovered tells such years, so that whoever reckons in them can say so.
//
// A piece of work that begins on a working day has that day as its first: it begins in the morning. So work of one working day can begin on
// the last working day before a deadline, and LastStart is the day D for which D and the n-1 working days that follow it all come no later
// than the last day.
//
// It is pure and keeps nothing, so a restart needs no recovery.
package workdays
