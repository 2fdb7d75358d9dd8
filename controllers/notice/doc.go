// Package notice keeps the NoticeQueues: what the sinks of Agencies and of ExchangeHubs are to be told of, and what they have been told.
//
// There is one queue for each ExchangeHub that has sinks, and one for each Agency that has sinks or whose hub has. The hub's queue tells what
// changes of the hub itself; what its agencies do there is told by their own queues, to the sinks of both sides. So no queue grows with the
// number of agencies, and a deadline that a whole country misses at once is 5,000 short queues rather than one that overflows.
//
// A pass reads the subject with what its facts come from, its sinks and its queue; takes off what the courier has delivered; compares the
// facts with those that were last told of; puts a notice into the queue for each change; and writes the status, once. What was observed and
// the notices that came of it are in that one write, and it is refused if the status is not the one that was read, so whatever dies in
// between, no change is lost and none is told that was none. After the write the courier is offered what is pending. If nothing has
// changed, nothing is written.
//
// Conditions of a queue:
//
//	SinksReachable  False while a sink does not take notices, with what it answered; Ready sums it up
//	NoticesDropped  there, and True, once notices were given up because more were pending than a queue holds
//
// When the operator restarts, each queue is looked at once: changes of the meantime are found, and what is pending is offered anew, so a
// delivery that was not written yet is made again, with the same id. A queue goes with its subject, and when nobody declares a sink for it.
package notice
