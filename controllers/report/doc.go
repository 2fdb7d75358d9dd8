// Package report writes ReadinessReports: for each RolloutPlan a chain of snapshots, each with the digest of the one before. It is the only
// writer of reports and of status.reports of the plans; it never changes and never deletes a report, and a plan that is deleted leaves its
// reports behind.
//
// A report is due
//
//	at a deadline   of the plan or of one of its exceptions, once, when it has passed since the plan exists or, if that is earlier, since the
//	                first report of its chain was due. So a plan that is created anew, from Git or from a backup, goes on with its chain and
//	                misses nothing, and one that comes with deadlines of long ago does not report them
//	at a cadence    at the end of each period, in the plan's time zone; of several that were missed only the last is reported, with their count
//	on request      when the annotation lienthong.gov.vn/report-requested-at has a value that was not handled yet
//
// A pass reads the plan and its reports (without their content, which the cache does not hold), finds in due.go what is due first, waits
// until the agencies are judged for that moment, and writes it. While it waits it looks again every second, for some minutes at most; then
// what is known is written, and the report counts what was not settled. What falls due while the operator is down or the plan is not
// accepted is written afterwards, the oldest first, and marked as late. Nothing is written while nothing is due.
//
// The chain cannot fork. A report's name is made of the plan and the position in the chain, so of two writers of one position the second is
// refused by the API server, and begins again with what the first one wrote. A cache that is behind leads to the same refusal. If the plan's
// status knows of a later link than the cache, the API server is asked: either the cache is behind, and the pass begins again, or the link
// was deleted or replaced. Then the chain goes on from what the status knows, so that the deed shows in the chain for ever.
//
// A report of many agencies has several parts, each a link of its own. If the operator is killed between two of them, the parts that were
// written stay; the next report names them as abandoned, and what they were about is reported anew and completely, because the states may
// have changed since. So a restart needs no memory: everything that was handled stands in the reports themselves.
//
// It tells of each report in an Event on the plan. What became of a request is the condition ReportWritten, which controllers/rollout writes.
package report
