// Package courier brings pending notices to their sinks, apart from all reconciling.
//
// It runs beside the reconcilers, in the elected operator only. The reconciler of a queue says what is pending (Offer) and gets what was
// delivered and how the sinks are (Report), which it writes into the queue's status. What the courier knows lies in memory: after a restart the
// queues are offered again, so a notice whose delivery was not written yet is sent once more, with the same id.
//
// One request at a time goes to one sink. Of one queue the notices go in order: one that is not taken holds up those behind it, and nothing
// else. A sink that cannot be reached is left alone for a while, that grows from attempt to attempt, for all queues. A sink that refuses a
// notice is asked again about that one, at a slow pace, and gets those of other queues meanwhile. Sinks that have failed are tried by
// workers of their own, so however many there are and however slow they are, those that answer do not wait for them.
package courier
