// Package facts tells what of an Agency or of an ExchangeHub its focal points are to be told of when it changes, and makes the notices of
// what has changed.
//
// It runs in every pass over the subject of a NoticeQueue. It is pure: what was last told of comes from the queue's status, so a change
// that happens while the operator is away is found when it is back, and a restart alone changes nothing.
//
// The first time that a queue is made, things are taken as they are and nobody is told (the baseline). Afterwards:
//
//   - A milestone that becomes at risk, overdue or met is told, also one that a new plan brings in such a state.
//   - A certificate is told as rotated when every pod serves another one than before. A first certificate is no change.
//   - A certificate that comes nearer to its end than a distance of its profile is told at each distance.
//   - A level, and what a hub is reached and known by, are told when they are others than before.
//
// What is not seen for a while, such as a status that was lost, is no change: the value before stays until there is another.
package facts
